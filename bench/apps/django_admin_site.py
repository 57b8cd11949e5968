"""Serves Django's own admin on loopback, with seeded data, for bench/strategies.py; runs in one release's environment.

usage: python django_admin_site.py FOLDER

Says `ready PORT` once it listens. Ends when its standard input is closed.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
PROCESSORS = ("template.context_processors.request", "contrib.auth.context_processors.auth")
PEOPLE = (("ben", "Ben", "Marsh"), ("cara", "Cara", "Holt"), ("dan", "Dan", "Pryor"))
PASSWORD = "loopback-only-41"
urlpatterns: list[object] = []


def configure(folder: Path) -> None:
    """Settings for the admin and nothing else, its database in the folder."""
    processors = [f"django.{name}" for name in (*PROCESSORS, "contrib.messages.context_processors.messages")]
    template = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    settings.configure(
        DEBUG=True,
        SECRET_KEY="only for a benchmark on loopback",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[f"django.contrib.{name}" for name in APPS],
        MIDDLEWARE=list(MIDDLEWARE),
        TEMPLATES=[{**template, "OPTIONS": {"context_processors": processors}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "data.sqlite3")}},
    )
    django.setup()


def seed() -> None:
    """A superuser, three people, two groups."""
    from django.contrib.auth.models import Group, User

    User.objects.create_superuser("admin", "admin@example.com", PASSWORD)
    for name, first, last in PEOPLE:
        User.objects.create_user(name, f"{name}@example.com", PASSWORD, first_name=first, last_name=last)
    for name in ("Editors", "Printers"):
        Group.objects.create(name=name)


class Quiet(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, _format: str, *_words: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until standard input is closed."""
    configure(Path(sys.argv[1]).resolve())
    from django.contrib import admin
    from django.urls import path

    urlpatterns.append(path("admin/", admin.site.urls))
    call_command("migrate", verbosity=0)
    seed()
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, ipv6=False)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
