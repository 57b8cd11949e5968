"""What the demo shop sells, and what one visitor has in hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

DEMO_EMAIL = "ada@example.com"
DEMO_PASSWORD = "kiln-4-fern"  # noqa: S105 - the password of a shop that sells nothing, printed in its documentation
GIFT_WRAP_CENTS = 300
EXPRESS_CENTS = 600


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale. `shape` and `colour` tell the page how to draw it."""

    slug: str
    name: str
    cents: int
    category: str
    shape: str
    colour: str
    blurb: str
    care: str
    stock: int


@dataclass(frozen=True, slots=True)
class CartLine:
    """A product in the cart."""

    slug: str
    quantity: int
    gift_wrap: bool = False

    @property
    def cents(self) -> int:
        """What the line costs."""
        return self.quantity * PRODUCTS[self.slug].cents + (GIFT_WRAP_CENTS if self.gift_wrap else 0)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the signed-in customer told us about herself."""

    name: str = "Ada Fenwick"
    email: str = DEMO_EMAIL
    phone: str = "020 7946 0100"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A placed order."""

    number: str
    lines: tuple[CartLine, ...]
    cents: int
    engraving: str


@dataclass(slots=True)
class Visit:
    """All that one browser session changed; a new cookie starts a new one."""

    signed_in: bool = False
    profile: Profile = Profile()
    cart: dict[str, CartLine] = field(default_factory=dict)
    wishes: list[str] = field(default_factory=lambda: ["teapot", "bud-vase", "salad-bowl"])
    orders: list[Order] = field(default_factory=list)

    def add(self, slug: str, quantity: int, *, gift_wrap: bool = False) -> None:
        """Put more of a product into the cart."""
        line = self.cart.get(slug, CartLine(slug, 0))
        self.cart[slug] = replace(line, quantity=line.quantity + quantity, gift_wrap=gift_wrap or line.gift_wrap)

    def set_quantity(self, slug: str, quantity: int) -> None:
        """Change a line of the cart, or drop it at 0."""
        if quantity <= 0:
            self.cart.pop(slug, None)
        elif slug in self.cart:
            self.cart[slug] = replace(self.cart[slug], quantity=quantity)

    def wish(self, slug: str) -> None:
        """Add a product to the end of the wish list, once."""
        if slug not in self.wishes:
            self.wishes.append(slug)

    def order_wishes(self, slugs: Iterable[str]) -> None:
        """Bring the wish list into this order."""
        wanted = [slug for slug in slugs if slug in self.wishes]
        self.wishes = wanted + [slug for slug in self.wishes if slug not in wanted]

    def place_order(self, *, express: bool, engraving: str) -> Order:
        """Turn the cart into an order; numbers count from FK-1001 in each session."""
        cents = self.cart_cents + (EXPRESS_CENTS if express else 0)
        order = Order(f"FK-{1001 + len(self.orders)}", tuple(self.cart.values()), cents, engraving)
        self.orders.append(order)
        self.cart.clear()
        return order

    @property
    def cart_cents(self) -> int:
        """What the cart costs, delivery excluded."""
        return sum(line.cents for line in self.cart.values())

    def cart_view(self) -> dict[str, object]:
        """The cart as the pages read it."""
        lines = [
            {
                **asdict(line),
                "name": PRODUCTS[line.slug].name,
                "cents": line.cents,
                "product": asdict(PRODUCTS[line.slug]),
            }
            for line in self.cart.values()
        ]
        count = sum(line.quantity for line in self.cart.values())
        return {"lines": lines, "count": count, "cents": self.cart_cents}


def find_products(query: str = "", category: str = "", sort: str = "") -> list[Product]:
    """The products whose name or text holds all words of the query, filtered and sorted as the shop offers it."""
    words = query.lower().split()
    found = [
        product
        for product in PRODUCTS.values()
        if category in {"", product.category} and all(word in product.name.lower() for word in words)
    ]
    if sort in {"price-up", "price-down"}:
        found.sort(key=lambda product: product.cents, reverse=sort == "price-down")
    if sort == "name":
        found.sort(key=lambda product: product.name)
    return found


def track(number: str) -> str:
    """Where a parcel is."""
    known = {"FK-1000": "Out for delivery", "FK-0998": "Delivered"}
    return known.get(number.strip().upper(), "We do not know that order number")


def invoice(order: Order, profile: Profile) -> str:
    """The invoice as plain text."""
    rows = [f"{line.quantity} x {PRODUCTS[line.slug].name:<20} {money(line.cents):>10}" for line in order.lines]
    head = ["Fern & Kiln", f"Invoice for order {order.number}", f"To: {profile.name}", ""]
    return "\n".join([*head, *rows, "", f"Total {money(order.cents)}", ""])


def money(cents: int) -> str:
    """Cents as dollars: $14.00."""
    return f"${cents / 100:.2f}"


_DISHWASHER = "Dishwasher safe. Let it warm up slowly; stoneware dislikes sudden heat."
_BY_HAND = "Wash by hand, dry upside down."
PRODUCTS = {
    product.slug: product
    for product in (
        Product(
            "blue-mug", "Blue mug", 1400, "mugs", "mug", "#3f6c8f", "A round mug in a deep lake glaze.", _DISHWASHER, 24
        ),
        Product(
            "speckled-mug", "Speckled mug", 1650, "mugs", "mug", "#c9b79c", "Oat glaze over dark clay.", _DISHWASHER, 12
        ),
        Product(
            "latte-cup",
            "Tall latte cup",
            1800,
            "mugs",
            "cup",
            "#8a9a7b",
            "No handle, thick wall, warm hands.",
            _DISHWASHER,
            9,
        ),
        Product(
            "soup-bowl", "Soup bowl", 2200, "bowls", "bowl", "#b5654a", "Deep enough for seconds.", _DISHWASHER, 18
        ),
        Product("salad-bowl", "Salad bowl", 3800, "bowls", "bowl", "#6d8b74", "Wide and low, for four.", _BY_HAND, 6),
        Product(
            "dinner-plate", "Dinner plate", 1950, "plates", "plate", "#d8c8a8", "Flat rim, 27 cm.", _DISHWASHER, 40
        ),
        Product("side-plate", "Side plate", 1200, "plates", "plate", "#9fb1b8", "For toast, 18 cm.", _DISHWASHER, 36),
        Product("teapot", "Teapot", 5400, "vases", "teapot", "#7a4f3a", "Pours without dripping. Really.", _BY_HAND, 4),
        Product("bud-vase", "Bud vase", 2400, "vases", "vase", "#b88a9b", "One stem is enough.", _BY_HAND, 11),
        Product("floor-vase", "Floor vase", 8900, "vases", "vase", "#4c5b61", "Half a metre of it.", _BY_HAND, 2),
    )
}
