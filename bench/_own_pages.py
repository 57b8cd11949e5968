"""Pages of the project's own to ask about: small made-up apps, each drawn from a seed, beside the demo shop's pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

PEOPLE = ("Ada", "Bela", "Chidi", "Dilek", "Emil", "Fatou", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena")
THINGS = ("invoice", "report", "budget", "sensor", "ticket", "contract", "recipe", "route", "server", "survey")
PLACES = ("north", "harbour", "old town", "campus", "airport", "station", "garden", "bridge")
DEEDS = ("Edit", "Delete", "Details", "Share", "Archive", "Duplicate", "Download", "Pin")
PAGES = ("Home", "Search", "Settings", "Profile", "Help", "Billing", "Team", "Reports", "Calendar", "Sign out")
FIELDS = ("Email", "First name", "Last name", "Phone", "Address", "City", "Company", "User name", "Website", "Note")
TOPICS = ("Weather", "Sport", "Science", "Economy", "Culture", "Travel", "Health", "Opinion")

Draw = random.Random


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page of a made-up app; `site` is what is left out as a whole."""

    site: str
    html: str


def made_up(seed: int) -> list[OwnPage]:
    """One page of every app. The same seed draws the same pages."""
    draw = Draw(f"pages {seed}")
    return [OwnPage(name, _document(name, draw, body(draw))) for name, body in APPS.items()]


def _document(name: str, draw: Draw, body: str) -> str:
    menu = "".join(
        f'<li class="nav-item"><a class="nav-link" href="/{_slug(p)}">{p}</a></li>' for p in draw.sample(PAGES, 6)
    )
    foot = "".join(f'<a href="/about/{_slug(p)}">{p}</a> ' for p in ("Imprint", "Privacy", "Contact"))
    return (
        f"<!doctype html><title>{name}</title><style>body{{font:14px sans-serif}}td,th{{padding:4px}}</style>"
        f'<header class="top"><nav aria-label="Main"><ul>{menu}</ul></nav></header>'
        f"<main><h1>{name.capitalize()}</h1>{body}</main><footer>{foot}</footer>"
    )


def _slug(text: str) -> str:
    return "-".join(text.lower().split())


def _table(draw: Draw) -> str:
    """Rows that all have the same buttons."""
    deeds = draw.sample(DEEDS, 3)
    head = "".join(f"<th>{h}</th>" for h in ("Name", "Owner", "Place", ""))
    rows = []
    for number, thing in enumerate(draw.sample(THINGS, 7)):
        buttons = "".join(f'<button class="btn btn-{d.lower()}" data-testid="{d.lower()}">{d}</button>' for d in deeds)
        link = f'<a href="/{thing}s/{100 + number}">{thing.capitalize()} {draw.choice(PLACES)}</a>'
        rows.append(f"<tr><td>{link}</td><td>{draw.choice(PEOPLE)}</td><td>{draw.choice(PLACES)}</td>")
        rows.append(f"<td>{buttons}</td></tr>")
    return f'<button id="new" class="btn">New</button><table><tr>{head}</tr>{"".join(rows)}</table>'


def _form(draw: Draw) -> str:
    """Labelled fields, choices and two ways out."""
    parts = []
    for label in draw.sample(FIELDS, 6):
        name = label.lower().replace(" ", "_")
        field = f'<input id="id_{name}" name="{name}" class="form-control">'
        parts.append(f'<div class="group"><label for="id_{name}">{label}</label>{field}</div>')
    for choice in draw.sample(TOPICS, 3):
        parts.append(
            f'<label class="check"><input type="checkbox" name="topic" value="{choice.lower()}">{choice}</label>'
        )
    options = "".join(f"<option>{p}</option>" for p in PLACES)
    parts.append(f'<label>Place <select name="place">{options}</select></label>')
    ways = '<button type="submit" class="btn primary">Save</button><a class="btn" href="/back">Cancel</a>'
    fields = f"<fieldset><legend>Account</legend>{''.join(parts)}</fieldset>"
    return f'<form action="/save" id="main-form">{fields}{ways}</form>'


def _cards(draw: Draw) -> str:
    """Cards with a heading, a link and a button each."""
    cards = []
    for topic in draw.sample(TOPICS, 6):
        thing, place = draw.choice(THINGS), draw.choice(PLACES)
        title = f"{topic}: the {thing} of the {place}"
        more = f'<a class="more" href="/{topic.lower()}/{thing}">Read more</a>'
        save = f'<button class="save" aria-label="Save {escape(title)}">☆</button>'
        cards.append(f'<article class="card"><h2><a href="/{topic.lower()}">{title}</a></h2>{more}{save}</article>')
    find = '<form role="search"><input type="search" name="q" placeholder="Search"><button>Search</button></form>'
    return find + "".join(cards)


def _inbox(draw: Draw) -> str:
    """Icons without text, and a list of messages."""
    icons = "".join(
        f'<button class="icon" title="{d}"><svg width="12" height="12"><title>{d}</title></svg></button>'
        for d in draw.sample(DEEDS, 4)
    )
    lines = []
    for person in draw.sample(PEOPLE, 8):
        words = f"{draw.choice(THINGS)} for the {draw.choice(PLACES)}"
        lines.append(f'<li><input type="checkbox" aria-label="Choose {person}"><a href="#{person}">{person}</a>')
        lines.append(f'<span class="subject">{words}</span><button class="star">Star</button></li>')
    return f'<div class="tools" role="toolbar">{icons}</div><ul class="mails">{"".join(lines)}</ul>'


def _board(draw: Draw) -> str:
    """Tabs, figures with labels, and a few buttons."""
    tabs = "".join(f'<button role="tab" id="tab-{t.lower()}">{t}</button>' for t in draw.sample(TOPICS, 4))
    figures = "".join(
        f'<section class="tile"><h3>{t.capitalize()}s</h3><p class="n">{draw.randrange(10, 900)}</p>'
        f'<a href="/{t}s">Show all</a><button class="tile-menu">More</button></section>'
        for t in draw.sample(THINGS, 5)
    )
    return f'<div role="tablist">{tabs}</div>{figures}<button id="refresh">Refresh</button><button>Export</button>'


APPS: dict[str, Callable[[Draw], str]] = {
    "records": _table,
    "account": _form,
    "magazine": _cards,
    "inbox": _inbox,
    "board": _board,
}


def paths_of_the_shop() -> Sequence[str]:
    """Pages of the demo shop that open without signing in."""
    return ("/", "/product/blue-mug", "/cart", "/login", "/help", "/terms")
