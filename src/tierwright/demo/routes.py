"""What the shop answers: pages, their static files, and the calls their scripts make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

from tierwright.demo.assets import site_dir
from tierwright.demo.shop import DEMO_EMAIL, DEMO_PASSWORD, PRODUCTS, Visit, find_products, invoice, track

_TYPES = {".css": "text/css", ".js": "text/javascript", ".html": "text/html", ".svg": "image/svg+xml"}
_MEMBERS_ONLY = frozenset({"account", "wishlist", "checkout"})
_PAGES = frozenset({"catalogue", "login", "cart", "help", "terms"}) | _MEMBERS_ONLY
_FRAMES = frozenset({"help-frame", "newsletter", "track"})
_PARTIAL = re.compile(r"<!--@(\w+)-->")


@dataclass(frozen=True, slots=True)
class Request:
    """What the browser asked for."""

    method: str
    path: str
    query: str
    body: bytes
    content_type: str

    @property
    def parameters(self) -> Mapping[str, str]:
        """The query's parameters, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.query).items()}

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of a posted form, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def document(self) -> Mapping[str, object]:
        """The posted JSON object; anything else is an empty one."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What it gets."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def answer(request: Request, visit: Visit, version: int, payment_origin: str) -> Reply:
    """Answer for the shop's own origin."""
    if request.path.startswith("/static/"):
        return _static(request.path.removeprefix("/static/"))
    if request.path.startswith("/invoice/"):
        return _invoice(request.path, visit)
    if request.method == "POST":
        return _post(request, visit, version)
    if request.path == "/api/products":
        found = find_products(**{k: v for k, v in request.parameters.items() if k in {"query", "category", "sort"}})
        return _json([asdict(product) for product in found])
    if request.path == "/api/track":
        return _json({"status": track(request.parameters.get("number", ""))})
    return _page(request, visit, version, payment_origin)


def answer_payment(request: Request, version: int) -> Reply:
    """Answer for the payment provider's origin: its one page and that page's files."""
    if request.path.startswith("/static/"):
        return _static(request.path.removeprefix("/static/"))
    if request.path == "/card":
        return _html(_read(f"v{version}/card.html"))
    return _missing()


# --- pages ------------------------------------------------------------------------------------------------


def _page(request: Request, visit: Visit, version: int, payment_origin: str) -> Reply:
    name, extra = _page_name(request, visit)
    if name is None:
        return _missing()
    if name in _MEMBERS_ONLY and not visit.signed_in:
        return _redirect("/login")
    state = {**_state(visit), "payment": payment_origin, "query": request.parameters, **extra}
    return _render(name, version, state)


def _page_name(request: Request, visit: Visit) -> tuple[str | None, dict[str, object]]:
    parts = request.path.strip("/").split("/")
    if parts == [""]:
        return "catalogue", {}
    if parts[0] == "product" and len(parts) == 2 and parts[1] in PRODUCTS:
        return "product", {"product": asdict(PRODUCTS[parts[1]])}
    if parts[0] == "order" and len(parts) == 2:
        orders = [order for order in visit.orders if order.number == parts[1]]
        return ("order", {"order": asdict(orders[0])}) if orders else (None, {})
    return (parts[0], {}) if len(parts) == 1 and parts[0] in _PAGES | _FRAMES else (None, {})


def _state(visit: Visit) -> dict[str, object]:
    return {
        "user": asdict(visit.profile) if visit.signed_in else None,
        "profile": asdict(visit.profile) if visit.signed_in else None,
        "cart": visit.cart_view(),
        "wishes": [asdict(PRODUCTS[slug]) for slug in visit.wishes],
    }


def _render(name: str, version: int, state: Mapping[str, object]) -> Reply:
    folder = f"v{version}"
    html = _PARTIAL.sub(lambda found: _partial(folder, found.group(1), state), _read(f"{folder}/{name}.html"))
    return _html(html)


def _partial(folder: str, name: str, state: Mapping[str, object]) -> str:
    if name == "state":
        data = json.dumps(state).replace("<", "\\u003c")
        return f'<script type="application/json" id="page-state">{data}</script>'
    return _read(f"{folder}/{name}.part.html")


def _static(path: str) -> Reply:
    suffix = Path(path).suffix
    if suffix not in _TYPES or ".." in path or not (site_dir() / path).is_file():
        return _missing()
    return Reply(_read(path).encode(), f"{_TYPES[suffix]}; charset=utf-8")


@cache
def _read(path: str) -> str:
    return (site_dir() / path).read_text(encoding="utf-8")


# --- calls ------------------------------------------------------------------------------------------------


def _post(request: Request, visit: Visit, version: int) -> Reply:
    if request.path == "/login":
        return _log_in(request.form, visit, version)
    if request.path == "/logout":
        visit.signed_in = False
        return _redirect("/login")
    call = _CALLS.get(request.path)
    if call is None:
        return _missing()
    return _json(call(visit, request.document))


def _log_in(form: Mapping[str, str], visit: Visit, version: int) -> Reply:
    email = form.get("email") or form.get("identifier")
    password = form.get("password") or form.get("passphrase")
    if (email, password) != (DEMO_EMAIL, DEMO_PASSWORD):
        return _render("login", version, {**_state(visit), "query": {}, "error": True})
    visit.signed_in = True
    return _redirect("/")


def _add(visit: Visit, sent: Mapping[str, object]) -> object:
    slug = str(sent.get("slug"))
    if slug in PRODUCTS:
        visit.add(slug, _number(sent.get("quantity"), 1), gift_wrap=bool(sent.get("gift_wrap")))
    return visit.cart_view()


def _set_quantity(visit: Visit, sent: Mapping[str, object]) -> object:
    visit.set_quantity(str(sent.get("slug")), _number(sent.get("quantity"), 0))
    return visit.cart_view()


def _empty(visit: Visit, _: Mapping[str, object]) -> object:
    visit.cart.clear()
    return visit.cart_view()


def _wish(visit: Visit, sent: Mapping[str, object]) -> object:
    if str(sent.get("slug")) in PRODUCTS:
        visit.wish(str(sent.get("slug")))
    return visit.wishes


def _order_wishes(visit: Visit, sent: Mapping[str, object]) -> object:
    slugs = sent.get("slugs")
    if isinstance(slugs, list):
        visit.order_wishes(str(slug) for slug in slugs)
    return visit.wishes


def _save_profile(visit: Visit, sent: Mapping[str, object]) -> object:
    known = {name: str(sent[name]) for name in ("name", "email", "phone", "about") if name in sent}
    visit.profile = replace(visit.profile, **known)
    return asdict(visit.profile)


def _rate(_: Visit, sent: Mapping[str, object]) -> object:
    return {"stars": min(5, max(1, _number(sent.get("stars"), 1)))}


def _subscribe(_: Visit, sent: Mapping[str, object]) -> object:
    return {"email": str(sent.get("email", ""))}


def _place_order(visit: Visit, sent: Mapping[str, object]) -> object:
    order = visit.place_order(express=bool(sent.get("express")), engraving=str(sent.get("engraving", "")))
    return {"number": order.number}


_CALLS: Mapping[str, Callable[[Visit, Mapping[str, object]], object]] = {
    "/api/cart": _add,
    "/api/cart/quantity": _set_quantity,
    "/api/cart/empty": _empty,
    "/api/wishes": _wish,
    "/api/wishes/order": _order_wishes,
    "/api/profile": _save_profile,
    "/api/ratings": _rate,
    "/api/newsletter": _subscribe,
    "/api/orders": _place_order,
}


def _number(value: object, default: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return default


# --- replies ----------------------------------------------------------------------------------------------


def _invoice(path: str, visit: Visit) -> Reply:
    number = path.removeprefix("/invoice/").removesuffix(".txt")
    orders = [order for order in visit.orders if order.number == number]
    if not orders:
        return _missing()
    headers = (("Content-Disposition", f'attachment; filename="invoice-{number}.txt"'),)
    return Reply(invoice(orders[0], visit.profile).encode(), "text/plain; charset=utf-8", headers=headers)


def _html(text: str) -> Reply:
    return Reply(text.encode())


def _json(value: object) -> Reply:
    return Reply(json.dumps(value).encode(), "application/json")


def _redirect(to: str) -> Reply:
    return Reply(status=303, headers=(("Location", to),))


def _missing() -> Reply:
    return Reply(b"<!doctype html><title>Not found</title><h1>Not found</h1>", status=404)
