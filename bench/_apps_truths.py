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

_ADD_USER = ".object-tools a.addlink, #nav-sidebar .model-user a.addlink"
DJANGO_ADMIN = {
    1: Truth("#id_username", "#id_username", _value("#id_username", "admin")),
    2: Truth("#id_password", "#id_password", _value("#id_password", "loopback-only-41")),
    3: Truth("#login-form input[type=submit]", "#login-form input[type=submit]", _there("#user-tools")),
    4: Truth(".model-user th a", ".model-user th a", _path("/admin/auth/user/")),
    5: Truth(_ADD_USER, _ADD_USER, _path("/admin/auth/user/add/")),
    6: Truth("#id_username", "#id_username", _value("#id_username", "grace")),
    7: Truth("#id_password1", "#id_password1", _value("#id_password1", "Quartz-lamp-73")),
    8: Truth("#id_password2", "#id_password2", _value("#id_password2", "Quartz-lamp-73")),
    9: Truth("input[name=_save]", "input[name=_save]", _path("/admin/auth/user/5/change/")),
    10: Truth(".messagelist li.success", ".messagelist li.success", _says("was added successfully")),
    11: Truth("#id_first_name", "#id_first_name", _value("#id_first_name", "Grace")),
    12: Truth("#id_is_staff", "#id_is_staff", "document.querySelector('#id_is_staff')?.checked"),
    13: Truth("input[name=_save]", "input[name=_save]", _path("/admin/auth/user/")),
    14: Truth(
        "#changelist-filter a[href='?is_staff__exact=1']",
        "#changelist-filter a[href='?is_staff__exact=1']",
        "location.search === '?is_staff__exact=1'",
    ),
    15: Truth("#user-tools a[href$='/logout/']", "#logout-form button", _path("/admin/logout/")),
}

_DIALOG = "[role=presentation]"
_DOWNLOADS = (
    "[...document.querySelectorAll('a, button')]"
    ".some(e => /^download (request|failures)/i.test(e.innerText) && e.checkVisibility())"
)
_STATUS = "div:nth-child(3) > p + span"
_FORM = "#user_count, main form input[name=userCount]"
LOCUST = {
    1: Truth("#user_count", "main input[name=userCount]", f"document.querySelector({_FORM!r}).value === '3'"),
    2: Truth(
        "#spawn_rate",
        "main input[name=spawnRate]",
        "document.querySelector('#spawn_rate, main form input[name=spawnRate]').value === '2'",
    ),
    3: Truth(
        "#swarm_form > a",
        "main form h3 button",
        "document.querySelector('#run_time, main input[name=runTime]').checkVisibility({visibilityProperty: true})",
    ),
    4: Truth(
        "#run_time",
        "main input[name=runTime]",
        "document.querySelector('#run_time, main form input[name=runTime]').value === '20m'",
    ),
    5: Truth(
        "#swarm_form button[type=submit]",
        "main form button[type=submit]",
        "/spawning|running/i.test(document.querySelector('#status_text, header').innerText)",
    ),
    6: Truth("#status_text", f"header {_STATUS}", "true"),
    7: Truth(
        "#edit-test",
        "header div[aria-label] button",
        "!!document.querySelector('#new_user_count, [role=presentation] input[name=userCount]')?.checkVisibility()",
    ),
    8: Truth(
        "#new_user_count",
        f"{_DIALOG} input[name=userCount]",
        "document.querySelector('#new_user_count, [role=presentation] input[name=userCount]').value === '5'",
    ),
    9: Truth(
        "#edit_form button[type=submit]",
        f"{_DIALOG} button[type=submit]",
        "!document.querySelector('#new_user_count, [role=presentation] input[name=userCount]')?.checkVisibility()",
    ),
    10: Truth("#userCount", "header div:nth-child(5) > p + span", "true"),
    11: Truth("ul.tabs > li:nth-child(3) > a", "[role=tab]:nth-child(3)", _says("/no-such-page")),
    12: Truth("#errors tbody td:nth-child(3)", "main tbody td:nth-child(3)", "true"),
    13: Truth("ul.tabs > li:nth-child(6) > a", "[role=tab]:nth-child(6)", _DOWNLOADS),
    14: Truth(
        "a.stop-button",
        "header div[aria-label] ~ button:nth-of-type(1)",
        "/stopp/i.test(document.querySelector('#status_text, header').innerText)",
    ),
    15: Truth(
        "#new-test",
        "header div:not([aria-label]) > button:first-child:not([aria-label])",
        f"!!document.querySelector({_FORM!r})?.checkVisibility()",
    ),
}

TRUTHS: dict[str, dict[int, Truth]] = {"flask_admin": FLASK_ADMIN, "django_admin": DJANGO_ADMIN, "locust": LOCUST}
"""By the key of the app, and by the index of the step."""
