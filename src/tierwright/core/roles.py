"""What people call the things on a page, and the ARIA roles each word may stand for."""

from __future__ import annotations

_BUTTON = ("button",)
_TEXT_INPUT = ("textbox", "searchbox", "combobox", "spinbutton")
_CHOICE = ("combobox", "listbox")
_SWITCH = ("switch", "checkbox", "button")
_DIALOG = ("dialog", "alertdialog")
_MESSAGE = ("alert", "status", "log")
_CELL = ("cell", "gridcell")
_TABLE = ("table", "grid", "treegrid")
_SECTION = ("region", "group", "article")

CONTROLS: dict[str, tuple[str, ...]] = {
    "button": _BUTTON,
    "link": ("link",),
    "hyperlink": ("link",),
    "tab": ("tab",),
    "menu item": ("menuitem", "menuitemcheckbox", "menuitemradio"),
    "menu entry": ("menuitem", "menuitemcheckbox", "menuitemradio"),
    "checkbox": ("checkbox",),
    "check box": ("checkbox",),
    "radio button": ("radio",),
    "radio": ("radio",),
    "field": _TEXT_INPUT,
    "text field": _TEXT_INPUT,
    "input field": _TEXT_INPUT,
    "input": _TEXT_INPUT,
    "text input": _TEXT_INPUT,
    "textbox": _TEXT_INPUT,
    "text box": _TEXT_INPUT,
    "input box": _TEXT_INPUT,
    "box": (*_TEXT_INPUT, "checkbox"),
    "text area": ("textbox",),
    "textarea": ("textbox",),
    "editor": ("textbox",),
    "dropdown": _CHOICE,
    "drop-down": _CHOICE,
    "drop down": _CHOICE,
    "dropdown list": _CHOICE,
    "select": _CHOICE,
    "select box": _CHOICE,
    "combobox": ("combobox",),
    "combo box": ("combobox",),
    "listbox": ("listbox",),
    "list box": ("listbox",),
    "switch": _SWITCH,
    "toggle": _SWITCH,
    "slider": ("slider",),
    "spin button": ("spinbutton",),
    "spinbutton": ("spinbutton",),
    "column header": ("columnheader",),
}
"""Things to act on. After an unquoted name they are its role even without an article: `Click Save button`."""

THINGS: dict[str, tuple[str, ...]] = {
    "option": ("option", "radio", "menuitemradio"),
    "heading": ("heading",),
    "headline": ("heading",),
    "title": ("heading",),
    "image": ("img",),
    "picture": ("img",),
    "photo": ("img",),
    "logo": ("img",),
    "icon": ("img", "button", "link"),
    "row": ("row",),
    "cell": _CELL,
    "column": ("columnheader",),
    "row header": ("rowheader",),
    "dialog": _DIALOG,
    "dialogue": _DIALOG,
    "dialog box": _DIALOG,
    "modal": _DIALOG,
    "popup": _DIALOG,
    "pop-up": _DIALOG,
    "alert": _MESSAGE,
    "message": _MESSAGE,
    "notification": _MESSAGE,
    "warning": _MESSAGE,
    "error": _MESSAGE,
    "error message": _MESSAGE,
    "status": ("status",),
    "tooltip": ("tooltip",),
    "list": ("list", "listbox"),
    "list item": ("listitem",),
    "item": ("listitem", "option", "menuitem", "treeitem"),
    "entry": ("listitem", "row", "option"),
    "table": _TABLE,
    "grid": _TABLE,
    "form": ("form",),
    "section": _SECTION,
    "region": _SECTION,
    "area": _SECTION,
    "group": ("group", "radiogroup"),
    "fieldset": ("group",),
    "card": (*_SECTION, "listitem"),
    "panel": ("tabpanel", *_SECTION),
    "tab panel": ("tabpanel",),
    "menu": ("menu", "menubar", "listbox", "navigation"),
    "menu bar": ("menubar",),
    "toolbar": ("toolbar",),
    "tree": ("tree",),
    "tree item": ("treeitem",),
    "article": ("article",),
    "paragraph": ("paragraph",),
    "progress bar": ("progressbar",),
    "separator": ("separator",),
    "header": ("banner",),
    "footer": ("contentinfo",),
    "navigation": ("navigation",),
    "navigation bar": ("navigation",),
    "sidebar": ("complementary", "navigation"),
    "iframe": ("iframe",),
    "text": (),
    "label": (),
    "element": (),
    "widget": (),
    "control": (),
    "component": (),
    "badge": (),
}
"""Things to look at, or that hold others. After an unquoted name they need an article: `the Blue mug row`."""

ANY_KIND = frozenset({"element", "widget", "control", "component"})
"""Words that say that it is a thing, and not of which kind: `a "checkbox" widget` means a checkbox."""

ROWS = frozenset({"row", "list item", "item", "entry", "card", "article"})
"""Things that hold others and are told apart by what they say: `the row of "Ada"`."""

ROLE_WORDS: dict[str, tuple[str, ...]] = {**CONTROLS, **THINGS}
"""Role word, in the singular, to the ARIA roles it may stand for; empty where any role will do."""

SECTION_KINDS = frozenset(
    {
        "section", "region", "area", "dialog", "dialogue", "modal", "popup", "pop-up", "row", "form", "table",
        "grid", "list", "card", "panel", "menu", "toolbar", "group", "fieldset", "tab", "article", "column",
        "header", "footer", "navigation", "sidebar", "calendar",
    }
)  # fmt: skip
"""Words that end a place: `in the "Billing" section`."""

LANDMARKS: dict[str, str] = {
    "header": "header",
    "banner": "header",
    "footer": "footer",
    "navigation": "navigation",
    "nav": "navigation",
    "navigation bar": "navigation",
    "sidebar": "sidebar",
    "side bar": "sidebar",
    "main": "main",
    "main content": "main",
    "main area": "main",
    "dialog box": "dialog",
    "menu bar": "menu",
    "tool bar": "toolbar",
}
"""Places that need no name, and the kind each stands for."""

LONGEST_ROLE_WORD = max(len(word.split()) for word in ROLE_WORDS)


def singular(word: str) -> str:
    """A role word without its plural (`boxes` gives `box`); other words come back as they are."""
    for ending, instead in (("boxes", "box"), ("entries", "entry"), ("switches", "switch"), ("statuses", "status")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    if word in ROLE_WORDS or not word.endswith("s"):
        return word
    return word[:-1]
