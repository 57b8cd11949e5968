"""Serves Flask-Admin on loopback, with seeded data, for bench/strategies.py; runs in the environment of one release.

usage: python flask_admin_site.py FOLDER

Says `ready PORT` once it listens. Ends when its standard input is closed. Each release has the looks it has by default.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from werkzeug.serving import make_server

PEOPLE = (
    ("Ada Fenwick", "ada@example.com", "Leek", True),
    ("Ben Marsh", "ben@example.com", "Rye", False),
    ("Cara Holt", "cara@example.com", "Bath", True),
    ("Dan Pryor", "dan@example.com", "Ely", True),
)
BOOKS = (("Glazes", 1998, "Ada Fenwick"), ("Kilns", 2004, "Ben Marsh"), ("Slipware", 2011, "Ada Fenwick"))


def application(folder: Path) -> Flask:
    """The admin of a small publisher, its database in the folder."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="only for a benchmark on loopback",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'data.sqlite3'}",
        SQLALCHEMY_TRACK_MODIFICATIONS=False,
    )
    db = SQLAlchemy(app)
    author, book = models(db)
    admin = Admin(app, name="Potters' Press")
    admin.add_view(author_view(author, db))
    admin.add_view(ModelView(book, db.session, name="Books"))
    with app.app_context():
        db.create_all()
        people = {name: author(name=name, email=mail, town=town, active=on) for name, mail, town, on in PEOPLE}
        db.session.add_all(people.values())
        db.session.add_all(book(title=title, year=year, author=people[name]) for title, year, name in BOOKS)
        db.session.commit()
    return app


def models(db: Any) -> tuple[Any, Any]:
    """An author, and a book of one."""

    class Author(db.Model):  # type: ignore[misc,name-defined,unused-ignore]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(80), nullable=False)
        email = db.Column(db.String(120))
        town = db.Column(db.String(80))
        active = db.Column(db.Boolean, default=False)

        def __str__(self) -> str:
            return str(self.name)

    class Book(db.Model):  # type: ignore[misc,name-defined,unused-ignore]
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(80), nullable=False)
        year = db.Column(db.Integer)
        author_id = db.Column(db.Integer, db.ForeignKey("author.id"))
        author = db.relationship("Author", backref="books")

    return Author, Book


def author_view(model: Any, db: Any) -> ModelView:
    """Authors can be searched, filtered and exported."""

    class Authors(ModelView):  # type: ignore[misc,unused-ignore]
        column_searchable_list = ("name", "email")
        column_filters = ("town",)
        can_export = True
        can_view_details = True
        form_columns = ("name", "email", "town", "active")

    return Authors(model, db.session, name="Authors")


def main() -> None:
    """Serve until standard input is closed."""
    server = make_server("127.0.0.1", 0, application(Path(sys.argv[1]).resolve()), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
