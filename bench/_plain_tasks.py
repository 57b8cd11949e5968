"""Made-up pages and plain instructions about them, in the manner of MiniWoB++ (bench/grounding.py asks them)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from _own_pages import DEEDS, FIELDS, PAGES, PEOPLE, PLACES, THINGS, TOPICS
from tierwright.core.steps import Action

Draw = random.Random


@dataclass(frozen=True, slots=True)
class Task:
    """A page, what is asked, the CSS selector of what is meant; `absent`: without it nothing else is meant."""

    html: str
    instruction: str
    truth: str = "#t"
    action: Action = Action.CLICK
    absent: bool = True


def _named_button(draw: Draw) -> Task:
    names = draw.sample(DEEDS, 5)
    buttons = "".join(f"<button {'id=t' if n == names[2] else ''}>{n}</button>" for n in names)
    return Task(buttons, draw.choice((f'Click the "{names[2]}" button', f"Click on {names[2]}")))


def _link_in_text(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 4)
    links = " and ".join(f"<a href='#{n}' {'id=t' if n == names[1] else ''}>{n}</a>" for n in names)
    return Task(f"<p>Read about {links} today.</p><button>{names[1]} settings</button>", f"Open the {names[1]} link")


def _labelled_field(draw: Draw) -> Task:
    names = draw.sample(FIELDS, 4)
    fields = "".join(f"<p><label>{n} <input {'id=t' if n == names[3] else ''}></label></p>" for n in names)
    return Task(fields, f"Enter something in the {names[3]} field", action=Action.FILL)


def _row(draw: Draw) -> Task:
    people, deeds = draw.sample(PEOPLE, 5), draw.sample(DEEDS, 2)
    rows = "".join(
        f"<tr><td>{p}</td><td>{draw.choice(PLACES)}</td><td><button>{deeds[0]}</button>"
        f"<button {'id=t' if p == people[2] else ''}>{deeds[1]}</button></td></tr>"
        for p in people
    )
    return Task(f"<table>{rows}</table>", f'Click the "{deeds[1]}" button in the row of "{people[2]}"')


def _ordinal(draw: Draw) -> Task:
    at, word = draw.choice(((0, "first"), (1, "second"), (2, "third"), (4, "last")))
    things = draw.sample(THINGS, 5)
    cards = "".join(
        f"<li><h3>{t}</h3><a href='#{t}' {'id=t' if i == at else ''}>Details</a></li>" for i, t in enumerate(things)
    )
    return Task(f"<ul>{cards}</ul>", f'Click the {word} "Details" link', absent=False)


def _section(draw: Draw) -> Task:
    places = draw.sample(("Billing", "Delivery", "Profile", "Security"), 3)
    parts = "".join(
        f"<section aria-label={p}><h2>{p}</h2><button {'id=t' if p == places[1] else ''}>Edit</button></section>"
        for p in places
    )
    return Task(parts, f'Click the "Edit" button in the "{places[1]}" section')


def _landmark(draw: Draw) -> Task:
    name = draw.choice(PAGES)
    links = (f"<header><a href='#a' id=t>{name}</a></header>", f"<footer><a href='#b'>{name}</a></footer>")
    return Task("<main><p>Hello</p></main>".join(links), f'Click the "{name}" link in the header')


def _next_to(draw: Draw) -> Task:
    things = draw.sample(THINGS, 4)
    lines = "".join(
        f"<div><span>{t.capitalize()}</span> <button {'id=t' if t == things[1] else ''}>Show</button></div>"
        for t in things
    )
    return Task(lines, f'Click the "Show" button next to "{things[1].capitalize()}"')


def _negation(draw: Draw) -> Task:
    topic = draw.choice(TOPICS)
    links = f"<a href='#1'>{topic} archive</a> <a href='#2' id=t>{topic} today</a> <a href='#3'>Imprint</a>"
    return Task(links, f'Click the {topic} link not "archive"')


def _icon(draw: Draw) -> Task:
    names = draw.sample(DEEDS, 4)
    ways: tuple[Callable[[str], str], ...] = (
        lambda n: f"<button {_meant(n, names[0])} aria-label='{n}'>{_SVG}</button>",
        lambda n: f"<button {_meant(n, names[0])} title='{n}'>{_SVG}</button>",
        lambda n: f"<button {_meant(n, names[0])}><svg width=9 height=9><title>{n}</title></svg></button>",
        lambda n: f"<button {_meant(n, names[0])}><img alt='{n}' width=9 height=9></button>",
    )
    way, shown = draw.choice(ways), draw.sample(names, 4)
    return Task("".join(map(way, shown)), draw.choice((f"Click the {names[0]} icon", f'Click the "{names[0]}" button')))


def _icon_by_text(draw: Draw) -> Task:
    names = draw.sample(THINGS, 3)
    lines = "".join(
        f"<div><span>{n.capitalize()}</span><button {_meant(n, names[1])}>{_SVG}</button></div>" for n in names
    )
    return Task(lines, f'Click the button next to "{names[1].capitalize()}"')


def _checkbox(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 4)
    boxes = "".join(f"<p><input type=checkbox id=c{i}><label for=c{i}>{n}</label></p>" for i, n in enumerate(names))
    return Task(boxes, f"Check the {names[2]} checkbox", "#c2", Action.CHECK)


def _other_words(draw: Draw) -> Task:
    shown, asked = draw.choice((("Log in", "Sign in"), ("Remove", "Delete"), ("Basket", "Cart"), ("Find", "Search")))
    others = draw.sample(("Imprint", "Weather", "Archive", "Share"), 3)
    buttons = [f"<button id=t>{shown}</button>", *(f"<button>{o}</button>" for o in others)]
    return Task("".join(draw.sample(buttons, 4)), f"Click the {asked} button")


_SVG = "<svg width=9 height=9><circle r=4></circle></svg>"


def _meant(name: str, wanted: str) -> str:
    return "id=t" if name == wanted else ""


# --- what a tester writes about pages that were not made to be read -----------------------------------------------


def _bare_link(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 4)
    look = "style='cursor:pointer;text-decoration:underline'"
    texts = " and ".join(f"<span {look} {_meant(n, names[1])}>{n}</span>" for n in names)
    asked = draw.choice((f'Click on the link "{names[1]}"', f"Click the {names[1]} link"))
    return Task(f"<p>Read about {texts} or nothing.</p>", asked)


def _untied_label(draw: Draw) -> Task:
    names = draw.sample(FIELDS, 4)
    way: Callable[[str, str], str] = draw.choice(
        (
            lambda n, field: f"<p><label>{n}</label>{field}</p>",
            lambda n, field: f"<div><b>{n}:</b></div><div>{field}</div>",
            lambda n, field: f"<p>{n} {field}</p>",
            lambda n, field: f"<div><div>{n}</div><div><span>{field}</span></div></div>",
        )
    )
    fields = "".join(way(n, f"<input {_meant(n, names[2])}>") for n in names)
    asked = draw.choice((f"Enter the {names[2].lower()}", f'Fill in the "{names[2]}" field'))
    return Task(fields, asked, action=Action.FILL)


def _field_in_a_table(draw: Draw) -> Task:
    names = draw.sample(FIELDS, 4)
    rows = "".join(f"<tr><td>{n}</td><td><input {_meant(n, names[0])}></td></tr>" for n in names)
    return Task(f"<table>{rows}</table>", f"Type something into the {names[0]} field", action=Action.FILL)


def _grid_of_fields(draw: Draw) -> Task:
    people, heads = draw.sample(PEOPLE, 4), draw.sample(("Hours", "Rate", "Bonus", "Travel"), 3)
    head = "".join(f"<th>{h}</th>" for h in ("Name", *heads))
    rows = "".join(
        f"<tr><td>{p}</td>"
        + "".join(f"<td><input {_meant(p + h, people[1] + heads[2])}></td>" for h in heads)
        + "</tr>"
        for p in people
    )
    asked = f'Fill in the {heads[2]} field in the row of "{people[1]}"'
    return Task(f"<table><tr>{head}</tr>{rows}</table>", asked, action=Action.FILL)


def _kind_of_widget(draw: Draw) -> Task:
    made = {
        "textarea": "<textarea {}></textarea>",
        "checkbox": "<input type=checkbox {}>",
        "button": "<button {}>Go on</button>",
        "radio": "<input type=radio {}>",
        "text": "<input type=text {}>",
    }
    kinds = draw.sample(sorted(made), 3)
    kinds = [k for k in kinds if (k, kinds[0]) not in (("textarea", "text"), ("text", "textarea"))]
    parts = [made[k].format(_meant(k, kinds[0])) for k in kinds]
    return Task(" ".join(draw.sample(parts, len(parts))), f'Click on a "{kinds[0]}" widget')


def _sign(draw: Draw) -> Task:
    shown, asked = draw.choice(
        (
            *(("×", 'the "Close" button'), ("✕", "the close icon"), ("Close", 'the "x"'), ("x", "the close button")),
            *(("+", "the Add button"), ("☰", "the menu button"), ("Menu", "the ☰ icon"), ("←", "the back button")),
            *(("?", "the help button"), ("🔍", "the search icon"), ("🗑", "the delete icon"), (">", "the Next button")),
        )
    )
    others = [f"<button>{o}</button>" for o in draw.sample(("Imprint", "Weather", "Archive", "Share"), 3)]
    buttons = [f"<button id=t>{shown}</button>", *others]
    return Task("".join(draw.sample(buttons, 4)), f"Click {asked}")


def _drawn_icon(draw: Draw) -> Task:
    people, icons = draw.sample(PEOPLE, 4), draw.sample(("trash", "star", "reply", "archive", "pin"), 3)
    drawn = "<style>.tool{display:inline-block;width:12px;height:12px;cursor:pointer;background:#{}}</style>"
    cards = "".join(
        f"<div class=mail {draw.choice(('style=cursor:pointer', ''))}><div>{p}</div><div>{draw.choice(THINGS)}</div>"
        + "".join(f"<span class='tool {i}' {_meant(p + i, people[2] + icons[0])}></span>" for i in icons)
        + "</div>"
        for p in people
    )
    told = draw.choice(
        (
            f"Find the message by {people[2]} and click the {icons[0]} icon",
            f"Click the {icons[0]} icon of the message from {people[2]}",
            f'In the row of "{people[2]}", click the {icons[0]} icon',
        )
    )
    return Task(drawn.replace("{}", "555") + f"<div>{cards}</div>", told)


def _icon_font(draw: Draw) -> Task:
    icons = draw.sample(
        (("trash", "delete"), ("pencil-edit", "edit"), ("search", "search"), ("download", "download")), 3
    )
    font, word = icons[1]
    buttons = "".join(f"<button {_meant(f, font)}><i class='fa fa-{f}'></i></button>" for f, _ in icons)
    return Task(buttons, f"Click the {word} {draw.choice(('icon', 'button'))}")


def _letters(draw: Draw) -> Task:
    names = draw.sample(("OK", "Ok", "ok"), 3)
    buttons = "".join(f"<button {_meant(n, names[1])}>{n}</button>" for n in names)
    return Task(buttons, f'Click on the "{names[1]}" button')


def _second_of_a_name(draw: Draw) -> Task:
    at, word = draw.choice(((1, "second"), (2, "third"), (3, "last")))
    rows = "".join(
        f"<div><span>{p}</span><button {'id=t' if i == at else ''}>Delete</button></div>"
        for i, p in enumerate(draw.sample(PEOPLE, 4))
    )
    return Task(rows, f"Click the {word} Delete button", absent=False)


def _numbered_row(draw: Draw) -> Task:
    at, word = draw.choice(((0, "first"), (1, "second"), (3, "last")))
    rows = "".join(
        f"<tr {'id=t' if i == at else ''}><td>{p}</td><td>{draw.choice(PLACES)}</td></tr>"
        for i, p in enumerate(draw.sample(PEOPLE, 4))
    )
    return Task(f"<table><tr><th>Name</th><th>Place</th></tr>{rows}</table>", f"Click the {word} row", absent=False)


def _row_by_state(draw: Draw) -> Task:
    states = ["Failed", *draw.sample(("Passed", "Queued", "Running", "Skipped"), 3)]
    rows = "".join(
        f"<tr {_meant(s, states[0])}><td>{draw.choice(THINGS)}</td><td>{s}</td><td><button>Open</button></td></tr>"
        for s in draw.sample(states, 4)
    )
    return Task(f"<table><tr><th>Name</th><th>Status</th></tr>{rows}</table>", "Click the row whose status is Failed")


def _deed_in_the_row(draw: Draw) -> Task:
    people = draw.sample(PEOPLE, 4)
    rows = "".join(
        f"<tr><td>{p}</td><td><button title=Edit>{_SVG}</button>"
        f"<button title=Delete {_meant(p, people[3])}>{_SVG}</button></td></tr>"
        for p in people
    )
    told = draw.choice((f"the delete icon of the row {people[3]}", f"the Delete button for {people[3]}"))
    return Task(f"<table>{rows}</table>", f"Click {told}")


def _box_with_text(draw: Draw) -> Task:
    names = draw.sample(("Remember me", "Newsletter", "Gift wrapping", "Terms"), 3)
    way: Callable[[str, str], str] = draw.choice(
        (
            lambda n, box: f"{box} {n}<br>",
            lambda n, box: f"{n} {box}<br>",
            lambda n, box: f"<div>{box}<span>{n}</span></div>",
        )
    )
    boxes = "".join(way(n, f"<input type=checkbox {_meant(n, names[0])}>") for n in names)
    told = draw.choice(
        (f"Check {names[0]}", f'Check the checkbox next to "{names[0]}"', f"Tick the {names[0]} checkbox")
    )
    return Task(f"<div>{boxes}</div>", told, action=Action.CHECK)


def _value_of(draw: Draw) -> Task:
    things = draw.sample(THINGS, 3)
    prices = {t: f"${draw.randint(3, 90)}.00" for t in things}
    if draw.random() < 0.5:
        shown = "".join(
            f"<li><h3>{t.capitalize()}</h3><span class=price {_meant(t, things[1])}>{prices[t]}</span></li>"
            for t in things
        )
        page = f"<ul>{shown}</ul>"
    else:
        rows = "".join(f"<tr><td>{t.capitalize()}</td><td {_meant(t, things[1])}>{prices[t]}</td></tr>" for t in things)
        page = f"<table><tr><th>Thing</th><th>Price</th></tr>{rows}</table>"
    told = f"The price of {things[1].capitalize()} is {prices[things[1]]}"
    return Task(page, told, action=Action.EXPECT)


def _under_a_heading(draw: Draw) -> Task:
    heads = draw.sample(("Shipping address", "Billing address", "Contact", "Note"), 3)
    parts = "".join(f"<h3>{h}</h3><div><input {_meant(h, heads[1])}></div>" for h in heads)
    return Task(parts, f'Fill in the field under "{heads[1]}"', action=Action.FILL)


def _says(draw: Draw) -> Task:
    names = draw.sample(("OK", "Later", "Never", "Help"), 3)
    buttons = "".join(f"<button {_meant(n, names[0])}>{n}</button>" for n in names)
    return Task(buttons, f"Click the button that says {names[0]}")


def _first_of_a_place(draw: Draw) -> Task:
    names = draw.sample(PAGES, 6)
    links = [f"<a href='#{n}' {_meant(n, names[3])}>{n}</a>" for n in names]
    page = f"<header>{''.join(links[:3])}</header><aside>{''.join(links[3:])}</aside>"
    told = draw.choice(("Click the first link in the sidebar", "In the sidebar, click the first link"))
    return Task(page, told, absent=False)


def _star(draw: Draw) -> Task:
    at, word = draw.choice(((0, "first"), (2, "third"), (4, "last")))
    way: Callable[[str], str] = draw.choice(
        (
            lambda t: f"<span class=star style='cursor:pointer;display:inline-block;width:9px;height:9px' {t}></span>",
            lambda t: f"<span style=cursor:pointer {t}>☆</span>",
            lambda t: f"<button aria-label=star {t}>{_SVG}</button>",
        )
    )
    return Task("".join(way("id=t" if i == at else "") for i in range(5)), f"Click the {word} star", absent=False)


def _day(draw: Draw) -> Task:
    day = draw.randint(4, 25)
    cells = [f"<td {'id=t' if d == day else ''} style=cursor:pointer>{d}</td>" for d in range(1, 29)]
    weeks = "".join(f"<tr>{''.join(cells[w : w + 7])}</tr>" for w in range(0, 28, 7))
    return Task(f"<table class=calendar>{weeks}</table>", f"Click the {day} in the calendar")


def _menu_item(draw: Draw) -> Task:
    menus = {m: draw.sample(("Copy", "Print", "Rename", "Export"), 3) for m in ("File", "Edit")}
    meant = menus["Edit"][1]
    bars = "".join(
        f"<ul role=menu aria-label={m}>"
        + "".join(f"<li role=menuitem {_meant(m + d, 'Edit' + meant)}>{d}</li>" for d in deeds)
        + "</ul>"
        for m, deeds in menus.items()
    )
    return Task(bars, f"Click the {meant} item in the Edit menu")


def _accordion(draw: Draw) -> Task:
    heads = draw.sample(("Shipping", "Payment", "Returns", "Warranty"), 3)
    way: Callable[[str, str], str] = draw.choice(
        (
            lambda n, t: f"<h3 style=cursor:pointer {t}>{n}</h3><div>About it</div>",
            lambda n, t: f"<button aria-expanded=false {t}>{n}</button><div hidden>About it</div>",
            lambda n, t: f"<details><summary {t}>{n}</summary>About it</details>",
        )
    )
    return Task("".join(way(h, _meant(h, heads[2])) for h in heads), f"Expand the {heads[2]} section")


def _tree(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 5)
    inner = "".join(f"<li><span style=cursor:pointer {_meant(n, names[3])}>{n}</span></li>" for n in names[2:])
    page = f"<ul><li><span>{names[0]}</span><ul>{inner}</ul></li><li><span>{names[1]}</span></li></ul>"
    return Task(page, draw.choice((f"Click {names[3]} in the list", f'Click the "{names[3]}" item')))


def _slider(draw: Draw) -> Task:
    names = draw.sample(("Volume", "Brightness", "Speed"), 3)
    bars = "".join(f"<p>{n} <input type=range {_meant(n, names[2])}></p>" for n in names)
    return Task(bars, f"Click the {names[2]} slider")


def _tab_by_number(draw: Draw) -> Task:
    at, word = draw.choice(((0, "first"), (1, "second"), (2, "last")))
    tabs = "".join(
        f"<button role=tab {'id=t' if i == at else ''}>{n}</button>" for i, n in enumerate(draw.sample(PAGES, 3))
    )
    return Task(f"<div role=tablist>{tabs}</div><button>Go</button>", f"Open the {word} tab", absent=False)


def _not_that_one(draw: Draw) -> Task:
    names = draw.sample(DEEDS, 2)
    told = draw.choice((f'the button that is not "{names[0]}"', f'the button other than "{names[0]}"'))
    buttons = [f"<button>{names[0]}</button>", f"<button id=t>{names[1]}</button>"]
    return Task("<p>Well?</p>" + "".join(draw.sample(buttons, 2)), f"Click {told}")


def _two_clauses(draw: Draw) -> Task:
    people = draw.sample(PEOPLE, 4)
    rows = "".join(
        f"<tr><td>{p}</td><td><a href='#e'>Edit</a> <a href='#d' {_meant(p, people[1])}>Delete</a></td></tr>"
        for p in people
    )
    told = draw.choice(
        (
            f"Find the user {people[1]} and click Delete",
            f"Find {people[1]}'s row and click the Delete link",
            f"Go to the row of {people[1]}, then click Delete",
            f"Find the user {people[1]} and delete it",
        )
    )
    return Task(f"<table>{rows}</table>", told)


TASKS: dict[str, Callable[[Draw], Task]] = {
    "a named button": _named_button,
    "a link in a text": _link_in_text,
    "a labelled field": _labelled_field,
    "in the row of": _row,
    "an ordinal": _ordinal,
    "in a section": _section,
    "in the header": _landmark,
    "next to": _next_to,
    "negation": _negation,
    "an icon": _icon,
    "an icon, by the text beside it": _icon_by_text,
    "a checkbox": _checkbox,
    "other words": _other_words,
    "a link without an address": _bare_link,
    "a field with an untied label": _untied_label,
    "a field in a table of labels": _field_in_a_table,
    "a field in a grid": _grid_of_fields,
    "a kind of widget": _kind_of_widget,
    "a sign": _sign,
    "a drawn icon in a card": _drawn_icon,
    "an icon of an icon font": _icon_font,
    "large and small letters": _letters,
    "the nth of a name": _second_of_a_name,
    "the nth row": _numbered_row,
    "a row by its state": _row_by_state,
    "a deed in a row": _deed_in_the_row,
    "a box with its text": _box_with_text,
    "the value of": _value_of,
    "under a heading": _under_a_heading,
    "that says": _says,
    "the first in a place": _first_of_a_place,
    "the nth star": _star,
    "a day of a calendar": _day,
    "an item of a menu": _menu_item,
    "an accordion": _accordion,
    "a tree": _tree,
    "a slider": _slider,
    "the nth tab": _tab_by_number,
    "not that one": _not_that_one,
    "two clauses": _two_clauses,
}
"""What is made, by kind."""
