"""Serves Django's own admin on loopback for test_django_admin.py; runs in Django's environment, never in ours.

usage: python admin_site.py FOLDER [--without-add] [--redesigned]

Says `ready PORT` once it answers. Ends when its standard input is closed, so that it never outlives who started it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse

REDESIGN = (
    ("id_username", "account-name-input"),
    ("id_password1", "new-secret-input"),
    ("id_password", "secret-input"),
    ("id_first_name", "person-given"),
    ("id_email", "person-mail"),
    ("id_is_staff", "person-team-member"),
    ('name="_save"', 'name="_save" data-part="primary"'),
    ("searchbar", "quick-lookup"),
    ("object-tools", "page-actions"),
    ("addlink", "page-action"),
    ("deletelink", "danger-action"),
    ("logout-form", "leave-form"),
)
"""What the redesign renames in every page: ids and classes, as a new front end would."""

APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
PROCESSORS = ("template.context_processors.request", "contrib.auth.context_processors.auth")

View = Callable[[HttpRequest], HttpResponse]


def redesign(get_response: View) -> View:
    """A middleware that renames ids and classes in every page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            text = response.content.decode()
            for old, new in REDESIGN:
                text = text.replace(old, new)
            response.content = text.encode()
        return response

    return answer


def configure(folder: Path, redesigned: bool) -> None:
    """Settings for the admin and nothing else, its database in the folder."""
    processors = [f"django.{name}" for name in (*PROCESSORS, "contrib.messages.context_processors.messages")]
    template = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    settings.configure(
        DEBUG=True,
        SECRET_KEY="only for a test on loopback",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="urls",
        STATIC_URL="static/",
        USE_TZ=True,
        INSTALLED_APPS=[f"django.contrib.{name}" for name in APPS],
        MIDDLEWARE=[*MIDDLEWARE, *(["admin_site.redesign"] if redesigned else [])],
        TEMPLATES=[{**template, "OPTIONS": {"context_processors": processors}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    django.setup()


def take_away_adding_users() -> None:
    """Nobody may add a user any more: the feature is gone from every page."""
    from django.contrib import admin
    from django.contrib.auth.models import User

    admin.site.get_model_admin(User).has_add_permission = lambda request: False


def end_with_standard_input() -> None:
    """Leave when whoever started this is gone."""
    sys.stdin.read()
    os._exit(0)


class QuietHandler(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        return


def main() -> None:
    """Migrate, make the superuser of DJANGO_SUPERUSER_*, serve on a free port."""
    configure(Path(sys.argv[1]), "--redesigned" in sys.argv)
    call_command("migrate", verbosity=0)
    call_command("createsuperuser", interactive=False, verbosity=0)
    if "--without-add" in sys.argv:
        take_away_adding_users()
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    print("ready", server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
