"""The truth about the apps: which element each step of a test means on both releases, and what must hold after it.

Only benchmarks read this, to tell right from wrong. The engine never sees it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """A step's element by CSS selector on each release (all that match mean the same), and a JavaScript expression.

    The expression holds once the step did what it is for. An empty `new`: the release no longer has it.
    """

    old: str
    new: str
    after: str


def _value(css: str, text: str) -> str:
    return f"document.querySelector({css!r})?.value === {text!r}"


def _there(css: str) -> str:
    return f"!!document.querySelector({css!r})"


def _says(text: str) -> str:
    return f"document.body.innerText.includes({text!r})"


def _path(path: str) -> str:
    return f"location.pathname === {path!r}"


FLASK_ADMIN = {
    1: Truth(".nav a[href='/admin/author/']", ".navbar-nav a[href='/admin/author/']", _path("/admin/author/")),
    2: Truth("a[title='Create New Record']", "a[title='Create New Record']", _path("/admin/author/new/")),
    3: Truth("#name", "#name", _value("#name", "Grace Hill")),
    4: Truth("#email", "#email", _value("#email", "grace@example.com")),
    5: Truth("#active", "#active", "document.querySelector('#active')?.checked"),
    6: Truth("form.admin-form input.btn-primary", "form.admin-form input.btn-primary", _path("/admin/author/")),
    7: Truth(".alert-success", ".alert-success", _says("Record was successfully created")),
    8: Truth("input[name=search]", "input[name=search]", _value("input[name=search]", "Grace")),
    10: Truth("a[title='Edit Record']", "a[title='Edit Record']", _path("/admin/author/edit/")),
    11: Truth("#town", "#town", _value("#town", "Leek")),
    12: Truth(
        "input[name=_continue_editing]",
        "input[name=_continue_editing]",
        f"{_path('/admin/author/edit/')} && {_says('Record was successfully saved')}",
    ),
    13: Truth(".nav-tabs li:first-child a", ".nav-tabs li:first-child a", _path("/admin/author/")),
    14: Truth(
        "tr:has(input[value='5']) input[name=rowid]",
        "tr:has(input[value='5']) input[name=rowid]",
        "document.querySelector('input[name=rowid][value=\"5\"]')?.checked",
    ),
    15: Truth(
        ".actions-nav > li.dropdown:has(a[onclick*=modelActions]) > a",
        ".nav-tabs > li.dropdown:has(a[onclick*=modelActions]) > a",
        "document.querySelector('a[onclick*=modelActions]')?.checkVisibility()",
    ),
    17: Truth("a[onclick*=modelActions]", "a[onclick*=modelActions]", _says("was successfully deleted")),
}

TRUTHS: dict[str, dict[int, Truth]] = {"flask_admin": FLASK_ADMIN}
"""By the key of the app, and by the index of the step."""
