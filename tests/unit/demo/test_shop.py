"""What the demo shop sells and how it counts."""

from __future__ import annotations

import pytest

from tierwright.demo.shop import Visit, find_products, money, track


@pytest.mark.parametrize(
    ("query", "category", "sort", "found"),
    [
        ("mug", "", "", ["Blue mug", "Speckled mug"]),
        ("MUG blue", "", "", ["Blue mug"]),
        ("", "bowls", "price-down", ["Salad bowl", "Soup bowl"]),
        ("", "vases", "name", ["Bud vase", "Floor vase", "Teapot"]),
        ("", "plates", "price-up", ["Side plate", "Dinner plate"]),
        ("kettle", "", "", []),
    ],
)
def test_products_are_found_filtered_and_sorted(query: str, category: str, sort: str, found: list[str]):
    assert [product.name for product in find_products(query, category, sort)] == found


def test_gift_wrapping_costs_three_dollars_a_line():
    visit = Visit()
    visit.add("blue-mug", 1)
    visit.add("blue-mug", 1, gift_wrap=True)
    assert visit.cart_cents == 2 * 1400 + 300


def test_a_quantity_of_0_drops_the_line():
    visit = Visit()
    visit.add("teapot", 1)
    visit.set_quantity("teapot", 0)
    visit.set_quantity("bud-vase", 3)
    assert visit.cart == {}


def test_wishes_are_sorted_and_never_lost_or_invented():
    visit = Visit()
    visit.wish("teapot")
    visit.order_wishes(["salad-bowl", "floor-vase"])
    assert visit.wishes == ["salad-bowl", "teapot", "bud-vase"]


def test_orders_are_numbered_in_each_visit():
    first, second = Visit(), Visit()
    assert [first.place_order(express=False, engraving="").number for _ in range(2)] == ["FK-1001", "FK-1002"]
    assert second.place_order(express=True, engraving="").cents == 600


def test_parcels_are_tracked():
    assert track(" fk-1000 ") == "Out for delivery"
    assert track("FK-1") == "We do not know that order number"


def test_money_has_two_decimals():
    assert money(1650) == "$16.50"
