"""The demo shop's server: its ports, its visits, its end."""

from __future__ import annotations

import json
import socket
import threading
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tierwright.demo.server import DemoShop, serve, start
from tierwright.demo.shop import DEMO_EMAIL, DEMO_PASSWORD


class Visitor:
    """A browser of sorts: one cookie jar."""

    def __init__(self, shop: DemoShop) -> None:
        self.shop = shop
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self.opener.open(self.shop.base_url + path, timeout=5) as answer:
            return answer.read().decode()

    def post(self, path: str, body: object) -> object:
        with self.opener.open(self.shop.base_url + path, json.dumps(body).encode(), timeout=5) as answer:
            return json.loads(answer.read())

    def sign_in(self, password: str = DEMO_PASSWORD) -> str:
        form = urlencode({"email": DEMO_EMAIL, "password": password}).encode()
        with self.opener.open(self.shop.base_url + "/login", form, timeout=5) as answer:
            return answer.geturl().removeprefix(self.shop.base_url)

    def cart(self) -> list[tuple[str, int]]:
        html = self.get("/cart")
        state = html.partition('id="page-state">')[2].partition("</script>")[0]
        return [(line["slug"], line["quantity"]) for line in json.loads(state)["cart"]["lines"]]


@pytest.fixture
def shop():
    with serve(1) as running:
        yield running


def test_sessions_do_not_disturb_each_other(shop: DemoShop):
    ada, grace = Visitor(shop), Visitor(shop)
    ada.get("/")
    ada.post("/api/cart", {"slug": "teapot", "quantity": 2})
    grace.post("/api/cart", {"slug": "bud-vase", "quantity": 1})
    assert (ada.cart(), grace.cart()) == ([("teapot", 2)], [("bud-vase", 1)])


def test_two_shops_at_once_do_not_share_a_cookie(shop: DemoShop):
    with serve(2) as other:
        visitor = Visitor(shop)
        assert visitor.sign_in() == "/"
        visitor.shop = other
        visitor.get("/")
        visitor.shop = shop
        assert "Ada Fenwick" in visitor.get("/")


def test_the_right_password_signs_in_and_a_wrong_one_does_not(shop: DemoShop):
    visitor = Visitor(shop)
    assert visitor.sign_in("wrong") == "/login"
    assert '"user": null' in visitor.get("/")
    assert visitor.sign_in() == "/"
    assert '"name": "Ada Fenwick"' in visitor.get("/")


@pytest.mark.parametrize("path", ["/account", "/wishlist", "/checkout"])
def test_members_pages_ask_a_guest_to_sign_in(shop: DemoShop, path: str):
    with Visitor(shop).opener.open(shop.base_url + path, timeout=5) as answer:
        assert answer.geturl() == shop.base_url + "/login"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/product/nothing", "/order/FK-1", "/invoice/FK-1.txt", "/static/../server.py", "/static/v1/x.js"],
)
def test_what_is_not_there_is_a_404(shop: DemoShop, path: str):
    with pytest.raises(HTTPError) as refused:
        Visitor(shop).get(path)
    assert refused.value.code == 404
    refused.value.close()


def test_text_of_a_visitor_cannot_end_the_script_that_holds_it(shop: DemoShop):
    visitor = Visitor(shop)
    visitor.sign_in()
    visitor.post("/api/profile", {"name": "</script><b>Ada</b>"})
    assert "</script><b>" not in visitor.get("/")


def test_an_order_has_an_invoice_and_empties_the_cart(shop: DemoShop):
    visitor = Visitor(shop)
    visitor.post("/api/cart", {"slug": "blue-mug", "quantity": 2})
    assert visitor.post("/api/orders", {"express": True}) == {"number": "FK-1001"}
    invoice = visitor.get("/invoice/FK-1001.txt")
    assert "2 x Blue mug" in invoice
    assert "Total $34.00" in invoice
    assert visitor.cart() == []


def test_a_stopped_shop_leaves_no_thread_and_no_port_even_under_an_idle_connection():
    before = set(threading.enumerate())
    shop = start(1)
    port = int(shop.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):  # as browsers do ahead of need
        Visitor(shop).get("/")
        shop.stop()
        shop.stop()
    assert set(threading.enumerate()) == before
    with serve(2, port) as again:
        assert again.base_url == shop.base_url


def test_a_taken_port_is_an_error_and_leaves_no_thread(shop: DemoShop):
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="in use"):
        start(1, int(shop.base_url.rpartition(":")[2]))
    assert set(threading.enumerate()) == before
