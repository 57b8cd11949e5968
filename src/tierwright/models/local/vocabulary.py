"""What user interfaces say, by language: words that mean the same or nearly so, opposites, words that say little.

Each language is one `Vocabulary`; the ranker knows all of `VOCABULARIES` at once, since pages mix languages.
"""

from __future__ import annotations

from dataclasses import dataclass

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language. Of each group in `same` the first stands for all; a word may be in several `close` groups.

    `opposite` pairs never name one element. `twins` tell a field from the one that it repeats or replaces, and
    `second_entry` are the words of those that repeat; `deeds` tell a button from one that does something else with the
    same thing (`Save`, `Save draft`). `repeated` words are what rows
    and cards repeat; `filler` says next to nothing. `signs` are what is drawn for a word, behind that word; those of
    `mixed_signs` say other things elsewhere and count only on what one clicks. `icons` say that something is an icon.
    """

    same: tuple[Group, ...]
    close: tuple[Group, ...]
    opposite: tuple[tuple[str, str], ...]
    twins: tuple[Group, ...]
    deeds: tuple[Group, ...]
    second_entry: frozenset[str]
    repeated: frozenset[str]
    filler: frozenset[str]
    signs: tuple[Group, ...] = ()
    mixed_signs: tuple[Group, ...] = ()
    icons: frozenset[str] = frozenset()


_SAME: tuple[Group, ...] = (
    ("login", "sign in", "signin", "log in", "log on", "logon", "sign on"),
    ("logout", "sign out", "signout", "log out", "log off", "logoff"),
    (
        *("register", "sign up", "signup", "create account", "create an account", "create your account", "join now"),
        *("registration", "sign me up", "open an account", "new account"),
    ),
    (
        *("remember me", "keep me signed in", "keep me logged in", "stay signed in", "stay logged in"),
        *("remember this device", "remember login", "trust this device"),
    ),
    (
        *("forgot password", "forgotten password", "forgotten your password", "forgot your password"),
        *("reset password", "reset your password", "lost password", "lost your password"),
    ),
    ("cart", "basket", "bag", "trolley", "shopping cart", "shopping bag", "shopping basket", "shopping trolley"),
    (
        *("wishlist", "wish list", "favourite", "favorite", "favourites", "favorites", "saved items", "saved products"),
        "saved for later",
    ),
    ("delete", "remove", "trash", "erase", "discard"),
    ("save", "apply", "update", "store"),
    ("email", "e mail", "mail", "email address", "e mail address", "mail address"),
    ("username", "user name", "user id", "userid", "login name"),
    ("password", "passwd", "pwd", "passphrase", "pass"),
    ("search", "find", "look up", "lookup", "look for", "search for"),
    ("next", "continue", "proceed", "forward"),
    ("previous", "prev", "back", "go back"),
    ("ok", "okay", "confirm", "agree", "accept"),
    ("close", "dismiss"),
    ("submit", "send"),
    ("edit", "modify", "change", "changes"),
    ("add", "new", "create"),
    ("settings", "preferences", "options", "configuration"),
    ("checkout", "check out"),
    ("phone", "telephone", "phone number", "telephone number", "tel", "mobile", "mobile number", "mobile phone"),
    ("zip", "zip code", "zipcode", "postal code", "postcode", "post code", "postal", "zip postal code"),
    ("city", "town"),
    ("state", "province", "region", "county"),
    ("first name", "firstname", "given name", "forename"),
    ("last name", "lastname", "surname", "family name"),
    ("date of birth", "birth date", "birthdate", "birthday", "dob"),
    ("quantity", "qty", "amount", "how many", "number of items"),
    (
        *("expiry", "expires", "expiration", "expire", "expiry date", "expiration date", "expires on", "expires end"),
        *("valid until", "valid thru", "valid through", "good thru"),
    ),
    ("cvc", "cvv", "security code", "card verification"),
    ("sort", "sort by", "order by", "sorted by"),
    ("filter", "refine", "narrow", "narrow down", "narrow by", "filter by", "refine by"),
    ("review", "rating", "reviews", "ratings"),
    ("message", "comment"),
    ("menu", "navigation", "nav"),
    ("help", "support", "assistance"),
    ("profile", "my account", "your account", "account", "my profile", "your profile", "your details", "my details"),
    ("download", "get"),
    ("upload", "attach", "choose file", "browse"),
    ("unsubscribe", "opt out"),
    ("newsletter", "mailing list"),
    ("button", "btn"),
    ("image", "img", "picture", "photo"),
    ("information", "info"),
    ("description", "desc"),
    ("category", "categories", "cat", "department"),
    ("home", "homepage", "home page", "start page"),
    ("faq", "frequently asked questions"),
    ("colour", "color", "colored", "coloured"),
    ("grey", "gray"),
    ("cyan", "aqua"),
    ("magenta", "fuchsia"),
    ("notification", "toast", "snackbar", "flash"),
    ("full name", "complete name"),
    ("display name", "name shown", "shown name", "public name", "nickname", "screen name"),
    ("place order", "confirm order", "submit order", "complete order", "order now", "buy now", "complete purchase"),
)
_CLOSE: tuple[Group, ...] = (
    ("clear", "empty", "delete", "reset"),
    ("category", "collection", "type", "section"),
    ("shop", "catalogue", "catalog", "product", "save"),
    ("add", "enter", "save"),
    ("save", "keep", "submit"),
    ("submit", "ok", "place order", "next"),
    ("place", "ok", "submit", "complete", "finish"),
    ("checkout", "pay", "payment", "place order"),
    ("go", "next", "view", "open", "show", "start"),
    ("subscribe", "register", "join"),
    ("follow", "track", "trace", "locate"),
    ("parcel", "package", "delivery", "shipment"),
    ("delivery", "shipping", "dispatch"),
    ("display", "show", "shown", "visible"),
    ("about", "bio", "biography"),
    ("street", "street address", "address line", "address"),
    ("profile", "user", "settings"),
    ("message", "note", "remark", "feedback"),
    ("total", "sum"),
    ("price", "cost"),
    ("sum", "total"),
    ("cost", "price", "amount"),
    ("keep", "stay", "remember"),
    ("contact", "write", "reach"),
    ("read", "learn", "see", "view"),
    ("term", "condition"),
    ("news", "newsletter", "letter", "update"),
    ("count", "number", "counter"),
    ("error", "alert", "warning"),
    ("status", "state", "outcome"),
    ("invoice", "receipt", "bill"),
    ("print", "invoice"),
    ("buy", "purchase", "order"),
    ("filter", "search"),
    ("everything", "all"),
    ("title", "name", "subject"),
    ("document", "file"),
    ("choose", "select", "pick"),
    ("play", "start", "run"),
    ("stop", "cancel", "abort"),
    ("dashboard", "overview", "home"),
    ("share", "invite"),
    ("star", "favourite", "important", "bookmark"),
    ("add", "plus", "increase"),
    ("minus", "decrease"),
)
_OPPOSITE: tuple[tuple[str, str], ...] = (
    ("cancel", "ok"),
    ("cancel", "submit"),
    ("cancel", "save"),
    ("cancel", "next"),
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("add", "delete"),
    ("previous", "next"),
    ("increase", "decrease"),
    ("increment", "decrement"),
    ("plus", "minus"),
    ("login", "logout"),
    ("login", "register"),
    ("logout", "register"),
    ("open", "close"),
    ("show", "hide"),
    ("expand", "collapse"),
    ("accept", "reject"),
    ("ok", "reject"),
    ("ok", "decline"),
    ("allow", "deny"),
    ("approve", "reject"),
    ("yes", "no"),
    ("on", "off"),
    ("start", "stop"),
    ("first", "last"),
    ("up", "down"),
    ("left", "right"),
    ("low", "high"),
    ("lowest", "highest"),
    ("newest", "oldest"),
    ("ascending", "descending"),
    ("check", "uncheck"),
    ("select", "deselect"),
    ("subscribe", "unsubscribe"),
    ("follow", "unfollow"),
    ("like", "dislike"),
    ("lock", "unlock"),
    ("import", "export"),
    ("upload", "download"),
    ("undo", "redo"),
    ("mute", "unmute"),
    ("from", "to"),
    ("old", "new"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("billing", "shipping"),
    ("billing", "delivery"),
    ("save", "delete"),
    ("edit", "delete"),
    ("password", "username"),
    ("password", "email"),
    ("first name", "last name"),
    ("public", "private"),
    ("express", "standard"),
    ("day", "night"),
    ("light", "dark"),
    ("monthly", "yearly"),
)
_SECOND_ENTRY: Group = ("confirm", "confirmation", "repeat", "retype", "reenter", "verify", "again", "same")
_TWINS: tuple[Group, ...] = (
    _SECOND_ENTRY,
    ("old", "current", "existing"),
)
_DEEDS: tuple[Group, ...] = (
    ("draft",),
    ("template",),
    ("later",),
    ("copy", "duplicate"),
    ("another",),
    ("selected",),
    ("and",),
)
_REPEATED = (
    "edit delete view detail more add open select buy reply share like show hide copy learn read see all "
    "cart click here start try join get go now"
)
_FILLER = (
    "a an the to from of in on for and or your my our me us this that with by at as it is are be please here optional "
    "required"
)

_SIGNS: tuple[Group, ...] = (
    ("close", "×", "✕", "✖", "✗", "╳", "⨯", "❌"),
    ("add", "＋", "➕"),
    ("menu", "☰", "≡"),
    ("more", "⋮", "⋯", "•••"),
    ("previous", "←", "‹", "«", "⬅", "◀"),
    ("next", "→", "›", "»", "➡"),
    ("up", "↑", "⬆"),
    ("down", "↓", "⬇"),
    ("search", "🔍", "🔎"),
    ("delete", "🗑"),
    ("edit", "✎", "✏", "🖉"),
    ("settings", "⚙"),
    ("star", "★", "☆", "⭐"),
    ("like", "♥", "❤", "👍"),
    ("home", "⌂", "🏠"),
    ("refresh", "↻", "⟳", "🔄"),
    ("undo", "↶"),
    ("redo", "↷"),
    ("email", "✉", "📧"),
    ("phone", "☎", "📞"),
    ("cart", "🛒"),
    ("notification", "🔔"),
    ("calendar", "📅"),
    ("upload", "📎"),
    ("print", "🖨"),
    ("lock", "🔒"),
    ("profile", "👤"),
    ("pause", "⏸"),
    ("minus", "−"),
)
_MIXED_SIGNS: tuple[Group, ...] = (
    ("close", "x"),
    ("add", "+"),
    ("minus", "-", "–"),
    ("previous", "<"),
    ("next", ">"),
    ("more", "...", "…"),
    ("help", "?"),
    ("information", "i"),
    ("play", "▶"),
    ("ok", "✓", "✔"),
)
_ICONS = (
    "icon ico button fa fas far fab glyphicon glyph bi mdi material ui svg image symbol sprite lucide feather link "
    "action small large sm lg xs md toggle js wrapper inner clickable colour swatch"
)

ENGLISH = Vocabulary(
    same=_SAME,
    close=_CLOSE,
    opposite=_OPPOSITE,
    twins=_TWINS,
    deeds=_DEEDS,
    second_entry=frozenset(_SECOND_ENTRY),
    repeated=frozenset(_REPEATED.split()),
    filler=frozenset(_FILLER.split()),
    signs=_SIGNS,
    mixed_signs=_MIXED_SIGNS,
    icons=frozenset(_ICONS.split()),
)
VOCABULARIES: tuple[Vocabulary, ...] = (ENGLISH,)
