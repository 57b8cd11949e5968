"""The truth about the demo: which element each step of its suite means, on v1 and on v2.

Only tests and benches may read this. `TRUTHS` has, by the name of the test, one `Truth` a step, in the order of
`TestCase.all_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tierwright.core.identity import ElementLocator


@dataclass(frozen=True)
class Truth:
    """The element of a step on each version; None where there is none. `page` steps have no element at all.

    `target` is the second element of a drag, the same on both versions.
    """

    v1: ElementLocator | None = None
    v2: ElementLocator | None = None
    page: bool = False
    target: ElementLocator | None = None

    def on(self, version: int) -> ElementLocator | None:
        return self.v1 if version == 1 else self.v2


def both(v1: str, v2: str, frame1: tuple[str, ...] = (), frame2: tuple[str, ...] = ()) -> Truth:
    return Truth(ElementLocator(v1, frame1), ElementLocator(v2, frame2))


def removed(v1: str) -> Truth:
    return Truth(ElementLocator(v1), None)


PAGE = Truth(page=True)
ACCOUNT = both("#account-link", "a.UserChip_root__q2p8")
EMAIL = both("#email", "input[name=identifier]")
PASSWORD = both("#password", "input[name=passphrase]")
SIGN_IN_BUTTON = both("#login-btn", "main form button[type=submit]")
SIGN_IN = (PAGE, EMAIL, PASSWORD, SIGN_IN_BUTTON, ACCOUNT)
ALERT = both("#login-error", "main form [role=alert]")
CARD = both("[data-testid=product-card]", "[data-testid=product-card]")
FIRST_NAME = both("[data-testid=product-name] >> nth=0", "[data-testid=product-name] >> nth=0")
SEARCH = both("#search", "input[type=search]")
RESULTS = both("#result-count", "main output")
ADD = both("#add-to-cart", "main button:text-is('Add to basket')")
COUNT = both("#cart-count", "a[href='/cart'] span")
TOAST = both("#toast", ".Snackbar_root__t6y")
NAME = both("#product-name", "main h1")
CARE = both("#tab-care", "#tb-r3")
SOUP_QUANTITY = both("#qty-soup-bowl", "[data-testid=cart-line]:has(a[href='/product/soup-bowl']) input")
TOTAL = both("#cart-total", ".Basket_sum__bk3")
LINES = both("[data-testid=cart-line]", "[data-testid=cart-line]")
EMPTY = both("#empty-cart", "main aside button")
NEXT = both("#next-wish", ".UpNext_name__un")
PLACE_ORDER = both("#place-order-btn", "main > .Card_root__cd button.Button_primary__3kQ")
PHONE = both("#profile-phone", "input[name=phone]")
NEWS = both("#profile-news", "input[name=letters]")
PAY_1, PAY_2 = ("#payment-frame",), ("iframe[title='Secure card entry']",)
LETTERS_1, LETTERS_2 = ("#help-frame", "#newsletter-frame"), ("iframe[name=faq]", "iframe[name=letters]")
PARCEL = ("iframe[name=parcel]",)
FILL_CART = (PAGE, ADD, COUNT)

TRUTHS: dict[str, tuple[Truth, ...]] = {
    "Sign in and out": (
        PAGE,
        ALERT,
        EMAIL,
        PASSWORD,
        SIGN_IN_BUTTON,
        ALERT,
        EMAIL,
        PASSWORD,
        both("#remember", "input[name=stay]"),
        SIGN_IN_BUTTON,
        ACCOUNT,
        both("#logout-btn", "header form button"),
        PAGE,
    ),
    "Find a product": (
        *SIGN_IN,
        PAGE,
        SEARCH,
        RESULTS,
        CARD,
        SEARCH,
        both("#category-filter", "#flt-collection"),
        FIRST_NAME,
        both("#sort-trigger", "button[role=combobox]"),
        both("#sort-price-down", "#opt-r4"),
        FIRST_NAME,
        both("#nav-shop", "header nav button[aria-haspopup]"),
        both("#shop-dropdown a[href$=vases]", "header nav a[href$=vases]"),
        RESULTS,
        both("a.card-link[href='/product/teapot']", "a[data-testid=product-card][href='/product/teapot']"),
        PAGE,
        NAME,
    ),
    "Put a product into the cart": (
        *SIGN_IN,
        PAGE,
        NAME,
        both("#product-price", ".Detail_cost__d2"),
        CARE,
        CARE,
        both("#panel-care", "#tp-r3"),
        both("star-rating #star-4", "rate-this .marks button:nth-child(4)"),
        both("star-rating #rating-status", "rate-this .said"),
        both("#qty", "quantity-stepper input"),
        ADD,
        TOAST,
        COUNT,
        both("#add-to-wishlist", "main button:text-is('Save to favourites')"),
        TOAST,
    ),
    "Change and empty the cart": (
        *SIGN_IN,
        *FILL_CART,
        *FILL_CART,
        both("#cart-link", "header a[href='/cart']"),
        TOTAL,
        SOUP_QUANTITY,
        SOUP_QUANTITY,
        TOTAL,
        both("#remove-teapot", "[data-testid=cart-line]:has(a[href='/product/teapot']) button"),
        LINES,
        PAGE,
        EMPTY,
        LINES,
        PAGE,
        EMPTY,
        both("#cart-empty", ".Empty_note__em p"),
    ),
    "Sort the wish list": (
        *SIGN_IN,
        both("#nav-wishlist", "header nav a[href='/wishlist']"),
        NEXT,
        Truth(
            ElementLocator("#wish-salad-bowl"),
            ElementLocator("[data-testid=wish-salad-bowl]"),
            target=ElementLocator("[data-testid=wish-teapot]"),
        ),
        NEXT,
    ),
    "Order with engraving": (
        *SIGN_IN,
        *FILL_CART,
        PAGE,
        both("#checkout-link", "main aside a"),
        both("#add-address-btn", "main > .Card_root__cd button.Button_ghost__3kR"),
        both("#full-name", "dialog input[name=recipient]"),
        both("#street", "dialog input[name=line1]"),
        both("#town", "dialog input[name=city]"),
        both("#postcode", "dialog input[name=zip]"),
        both("#country", "dialog select"),
        both("#save-address-btn", "dialog button[value=save]"),
        both("#address-summary", ".AddressLine_text__ad"),
        both("#speed-express", "input[name=ship][value=express]"),
        both("#order-total", ".Checkout_sum__co8"),
        both("#engraving-file", "input[type=file]"),
        both("#engraving-status", ".Upload_state__up3"),
        both("#card-number", "input[name=pan]", PAY_1, PAY_2),
        both("#card-expiry", "input[name=exp]", PAY_1, PAY_2),
        both("#use-card-btn", "button[type=submit]", PAY_1, PAY_2),
        both("#card-status", "[data-testid=card-status]"),
        both("#terms-link", "a[target=_blank]"),
        PAGE,
        both("h1", "h1"),
        PAGE,
        PLACE_ORDER,
        both("#accept-terms", "input[name=agree]"),
        PLACE_ORDER,
        both("#order-number", ".Receipt_no__rc4"),
        both("#order-amount", ".Receipt_paid__rc2"),
        PAGE,
        both("#invoice-link", "a[href$='.txt']"),
    ),
    "Get help": (
        PAGE,
        both("#track-number", "input[name=ref]", (), PARCEL),
        both("#track-btn", "button", (), PARCEL),
        both("#track-status", ".Track_state__tk", (), PARCEL),
        both("#gift-cards", "#gift-cards"),
        both("#newsletter-email", "input[type=email]", LETTERS_1, LETTERS_2),
        both("#subscribe-btn", "button", LETTERS_1, LETTERS_2),
        both("#newsletter-status", "output", LETTERS_1, LETTERS_2),
    ),
    "Edit the profile": (
        *SIGN_IN,
        ACCOUNT,
        PHONE,
        both("#profile-name", "main input[name=name]"),
        PHONE,
        both("#profile-about", "textarea"),
        NEWS,
        NEWS,
        both("#save-profile", "main button[type=submit]"),
        both("#profile-status", "main output"),
        ACCOUNT,
        PAGE,
        PHONE,
    ),
    "Have a present gift wrapped": (
        *SIGN_IN,
        PAGE,
        NAME,
        removed("#gift-wrap"),
        ADD,
        COUNT,
        PAGE,
        removed(".gift-line"),
        TOTAL,
    ),
}
REMOVED_TEST = "Have a present gift wrapped"
