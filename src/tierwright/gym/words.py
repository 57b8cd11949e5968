"""Other words for what elements are called. Written for the gym alone: the ranker's vocabulary is another list."""

from __future__ import annotations

from types import MappingProxyType

_REWORDED = MappingProxyType(
    {
        "sign in": "Log in",
        "log in": "Sign in",
        "login": "Sign in",
        "sign out": "Log out",
        "log out": "Sign out",
        "logout": "Sign out",
        "sign up": "Create account",
        "register": "Sign up",
        "save": "Save changes",
        "save changes": "Save",
        "submit": "Send",
        "send": "Submit",
        "delete": "Remove",
        "remove": "Delete",
        "search": "Find",
        "find": "Search",
        "cancel": "Dismiss",
        "close": "Dismiss",
        "edit": "Modify",
        "add": "Add new",
        "add to cart": "Add to basket",
        "add to basket": "Add to cart",
        "cart": "Basket",
        "basket": "Cart",
        "checkout": "Proceed to checkout",
        "place order": "Complete order",
        "continue": "Next",
        "next": "Continue",
        "previous": "Back",
        "settings": "Preferences",
        "preferences": "Settings",
        "profile": "My profile",
        "help": "Support",
        "home": "Start page",
        "email": "E-mail address",
        "e-mail": "Email address",
        "username": "User name",
        "user name": "Username",
        "password": "Your password",
        "first name": "Given name",
        "last name": "Surname",
        "phone": "Telephone",
        "address": "Street address",
        "apply": "Use",
        "update": "Save",
        "create": "New",
        "download": "Get file",
        "upload": "Choose file",
        "details": "View details",
        "view": "Show",
        "show": "View",
        "ok": "Confirm",
        "yes": "OK",
    }
)
_TRANSLATED = MappingProxyType(
    {
        "sign in": "Anmelden",
        "log in": "Anmelden",
        "login": "Anmelden",
        "sign out": "Abmelden",
        "log out": "Abmelden",
        "sign up": "Registrieren",
        "register": "Registrieren",
        "save": "Speichern",
        "save changes": "Änderungen speichern",
        "submit": "Absenden",
        "send": "Senden",
        "delete": "Löschen",
        "remove": "Entfernen",
        "search": "Suchen",
        "cancel": "Abbrechen",
        "close": "Schließen",
        "edit": "Bearbeiten",
        "add": "Hinzufügen",
        "add to cart": "In den Warenkorb",
        "cart": "Warenkorb",
        "basket": "Warenkorb",
        "checkout": "Zur Kasse",
        "place order": "Bestellung abschicken",
        "continue": "Weiter",
        "next": "Weiter",
        "back": "Zurück",
        "settings": "Einstellungen",
        "help": "Hilfe",
        "home": "Startseite",
        "email": "E-Mail-Adresse",
        "e-mail": "E-Mail-Adresse",
        "username": "Benutzername",
        "user name": "Benutzername",
        "password": "Passwort",
        "first name": "Vorname",
        "last name": "Nachname",
        "phone": "Telefon",
        "download": "Herunterladen",
        "upload": "Hochladen",
        "details": "Einzelheiten",
    }
)


def reworded(name: str) -> str | None:
    """The same in other words, or None."""
    return _REWORDED.get(_plain(name))


def translated(name: str) -> str | None:
    """The same in German, or None."""
    return _TRANSLATED.get(_plain(name))


def resembling(name: str) -> str | None:
    """What a look-alike beside it is called: another thing with the same words in it; None without a name."""
    return f"{name} later" if name else None


def _plain(name: str) -> str:
    return " ".join(name.lower().split()).rstrip(":.…!*")
