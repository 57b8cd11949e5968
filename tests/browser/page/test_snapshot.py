"""Snapshot and probe: what is read of a page, and what is never read (H-8, H-10, H-11)."""

from __future__ import annotations

import asyncio
import dataclasses
from time import monotonic
from typing import cast

import pytest
from playwright.async_api import BrowserContext, Frame, Page
from tests.conftest import Site

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.errors import StepError
from tierwright.core.identity import Candidate
from tierwright.core.operable import name_digest, others_of
from tierwright.core.results import ErrorKind
from tierwright.core.variables import Variables
from tierwright.page.fingerprint import looks_generated, read_whole_fingerprint
from tierwright.page.inject import ask_element, install
from tierwright.page.probe import Match, element_of, frame_path, probe, resolve_frame
from tierwright.page.snapshot import LiveSnapshot, take_snapshot

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser


def soon(seconds: float = 5) -> Deadline:
    return Deadline.after(SystemClock(), seconds)


async def show(context: BrowserContext, url: str) -> Page:
    await install(context)
    page = await context.new_page()
    await page.goto(url)
    return page


async def snap(page: Page, variables: Variables = Variables(), frame: tuple[str, ...] | None = None) -> LiveSnapshot:
    return await take_snapshot(page, unexpand=variables.unexpand, page_path="/shop", frame_path=frame, deadline=soon())


def named(live: LiveSnapshot, name: str, tag: str = "") -> Candidate:
    [found] = [
        c
        for c in live.snapshot.candidates
        if name in (c.fingerprint.name, c.fingerprint.text) and tag in ("", c.fingerprint.tag)
    ]
    return found


async def probed(page: Page, selector: str) -> Match:
    seen = await probe(page.main_frame, selector, unexpand=str)
    assert seen.first is not None, seen
    return seen.first


SHOP = """
<header><nav aria-label="Main"><a href="/cart?x=1">Cart</a><ul id="menu" hidden><li><a href="/out">Log out</a></li></ul></nav></header>
<main><h1>Shop</h1><section aria-label="Mugs"><h2>Mugs</h2>
<div class="card css-9f8e7d"><h3>Blue mug</h3><p>7 left</p><button>Buy</button></div>
<div class="card css-9f8e7d"><h3>Red mug</h3><p>2 left</p><button disabled>Buy</button></div></section>
<table><tr><td>Ada</td><td><button title="Remove">x</button></td></tr><tr><td>Bob</td><td><button title="Remove">x</button></td></tr></table>
<form><label for="mail">E-mail</label><input id="mail" name="mail" type="email" value="typed@x" placeholder="you@example.org" data-testid="mail-field">
<textarea>typed text</textarea><select><option>One<option selected>Two</select><input type="submit" value="Order"><div contenteditable>typed too</div></form>
<div style="cursor:pointer"><span>Clickable card</span></div><svg width="9" height="9"><title>Star</title><path d="M0 0"/></svg></main>"""


async def test_a_candidate_says_what_it_is_and_where_it_stands(context: BrowserContext, site: Site) -> None:
    """H-11, H-14: fingerprint, landmarks, row and headings of an element."""
    live = await snap(await show(context, site.page("/", SHOP)))
    buys = [c for c in live.snapshot.candidates if c.fingerprint.name == "Buy"]
    assert [c.enabled for c in buys] == [True, False]
    assert [c.row for c in buys] == ["Blue mug 7 left Buy", "Red mug 2 left Buy"]
    assert buys[1].fingerprint.headings == ("Red mug", "Mugs", "Shop")
    assert buys[1].landmarks == ("region: Mugs", "main")
    assert buys[1].fingerprint.neighbours == ("2 left", "Red mug")
    assert buys[1].fingerprint.ancestors == ("div.card", "section", "main", "body", "html")
    assert buys[1].xpath == "/html[1]/body[1]/main[1]/section[1]/div[2]/button[1]"
    assert buys[1].fingerprint.page_path == "/shop"
    cart = named(live, "Cart", "a")
    assert (cart.fingerprint.role, cart.fingerprint.href_path) == ("link", "/cart")
    assert cart.landmarks[:2] == ("navigation: Main", "banner")
    mail = named(live, "E-mail", "input")
    assert mail.editable
    assert (mail.fingerprint.label, mail.fingerprint.type, mail.fingerprint.id) == ("E-mail", "email", "mail")
    assert mail.fingerprint.test_ids == (("data-testid", "mail-field"),)
    removes = [c for c in live.snapshot.candidates if c.fingerprint.title == "Remove"]
    assert [c.row for c in removes] == ["Ada x", "Bob x"]
    parent = live.snapshot.candidates[removes[0].parent]
    assert parent.fingerprint.tag == "td"
    assert named(live, "Clickable card", "div").visible
    assert named(live, "Star").fingerprint.role == "img"


async def test_an_inline_element_around_others_can_be_meant(context: BrowserContext, site: Site) -> None:
    """H-14: it has no text of its own and shows as one; inside a control it is only a part of it."""
    html = "<p>Try <span id=both><a href=/a>Computers</a><a href=/b>Phones</a></span></p><button><span><b>Go</b></span></button>"
    live = await snap(await show(context, site.page("/", html)))
    both = next(c for c in live.snapshot.candidates if c.fingerprint.id == "both")
    assert both.fingerprint.text == "ComputersPhones"
    assert [c.fingerprint.tag for c in live.snapshot.candidates if c.fingerprint.text == "Go"] == ["button", "b"]


PLAIN = """<style>.hand{cursor:pointer}.tool{display:inline-block;width:9px;height:9px}</style>
<p><label>User</label><input id=a></p><div>City:</div><div><span><input id=b placeholder="e.g. Paris"></span><input id=c></div>
<p><input type=checkbox id=d> Red <input type=checkbox id=e> Blue</p><p>Green <input type=checkbox id=f> Black <input type=checkbox id=g></p>
<p><input id=h><label>Floating</label></p><form><input id=i></form><label for=j>Tied</label><input id=j>
<table><tr><th>Name</th><th colspan=2>Rate</th></tr><tr><td>Ada</td><td><input id=k></td><td id=l>3</td></tr></table>
<div class=hand id=m>Ada <span class="tool trash" id=n></span><span class=tool></span></div><span id=o>still</span>
<button id=p data-icon=send><i class="fa fa-send"></i></button><a href=/x id=q><svg><use href="#cart"/></svg></a>
<div data-color=grey style="background:blue;width:9px;height:9px" id=t></div><div id=u style="width:9px;height:9px"></div>
<button id=r class=hand>Named <i class="fa fa-x"></i></button><img src="/i/bell.svg?3" id=s class=hand width=9 height=9>"""


async def test_what_has_no_name_says_what_it_could_be_called(context: BrowserContext, site: Site) -> None:
    """H-14: the text before a field, the head of a column, the words of an icon; and whether one clicks on it."""
    live = await snap(await show(context, site.page("/", PLAIN)))
    seen = {c.fingerprint.id: c for c in live.snapshot.candidates if c.fingerprint.id}
    captions = {key: c.captions for key, c in seen.items() if c.captions}
    assert captions == {
        **{"a": ("User",), "b": ("City:",), "d": ("Red",), "e": ("Blue",), "f": ("Green",), "g": ("Black",)},
        **{"h": ("Floating",), "k": ("Ada", "Rate"), "l": ("Rate",)},
    }
    drawn = {key: c.drawn for key, c in seen.items() if c.drawn}
    assert drawn == {"p": ("fa", "fa-send", "send"), "q": ("cart",), "s": ("bell",), "t": ("grey", "blue")}
    assert {key for key, c in seen.items() if c.clickable and c.fingerprint.tag not in ("input", "a", "button")} == set(
        "mnst"
    )
    assert seen["n"].fingerprint.classes == ("tool", "trash")


async def test_hidden_elements_are_candidates_marked_so(context: BrowserContext, site: Site) -> None:
    """H-14: what a menu holds can be meant before the menu is open."""
    live = await snap(await show(context, site.page("/", SHOP)))
    [link] = [c for c in live.snapshot.candidates if c.fingerprint.text == "Log out" and c.fingerprint.tag == "a"]
    assert not link.visible
    assert link.fingerprint.box is None


async def test_nothing_typed_is_read(context: BrowserContext, site: Site) -> None:
    """H-11: nothing typed is stored; a button's own words are not typed."""
    page = await show(context, site.page("/", SHOP))
    await page.fill("#mail", "typed@later")
    live = await snap(page)
    assert "typed" not in repr(live.snapshot)
    assert named(live, "Order").fingerprint.text == "Order"


async def test_texts_of_variables_become_names_and_secrets_never_appear(context: BrowserContext, site: Site) -> None:
    """H-11: a text equal to a variable's value is stored as {{variable}}; a secret is replaced inside longer ones."""
    variables = Variables({"who": "Ada", "key": "s3cr3t"}, frozenset({"key"}))
    html = (
        SHOP
        + '<h2 id="s3cr3t" class="s3cr3t">Key s3cr3t</h2><a title="s3cr3t" data-test="s3cr3t" href="/k/s3cr3t" aria-label="s3cr3t">x</a>'
    )
    page = await show(context, site.page("/", html))
    live = await snap(page, variables)
    assert "{{who}}" in [c.fingerprint.text for c in live.snapshot.candidates]
    assert "s3cr3t" not in repr(live.snapshot)
    seen = await probe(page.main_frame, "h2#s3cr3t", unexpand=variables.unexpand)
    assert "s3cr3t" not in repr(seen.matches)


async def test_probe_and_snapshot_see_the_same_fingerprint(context: BrowserContext, site: Site) -> None:
    """H-10: the match of tier 1 is compared with a baseline; both come from one and the same reading."""
    page = await show(context, site.page("/", SHOP))
    live = await snap(page)
    for index, candidate in enumerate(live.snapshot.candidates):
        if not candidate.visible:
            continue
        selector = "xpath=" + candidate.xpath
        seen = await probe(page.main_frame, selector, unexpand=str, page_path="/shop")
        assert seen.first is not None
        assert dataclasses.asdict(seen.first.fingerprint) == dataclasses.asdict(candidate.fingerprint)
        assert seen.first.xpath == candidate.xpath
        assert (seen.first.enabled, seen.first.editable) == (candidate.enabled, candidate.editable)
        frame, handle = await live.element(index)
        assert await live.index_of(frame, handle) == index
        same = await element_of(frame, seen.first)
        assert same is not None
        assert await handle.evaluate("(a, b) => a === b", same)


LONG = "word " * 36
TRICKY = f"""
<ul><li class="a a b c9f8e7d6">{LONG}<p>and <b>bold</b>   words</p><p>that are\ncut</p></li><li><i></i><div></div>x</li></ul>
<div><div><div>{LONG}twenty more letters: x</div></div><span>left out</span></div>
<div style="display:contents" tabindex=0>In <span style="visibility:hidden">no <b style="visibility:visible">yes</b></span></div>
<section hidden><h2>Hidden</h2><p>still <span style="display:none">said</span></p></section>
<div id=host><b slot=first>First</b>Rest</div><script>host.attachShadow({{mode:"open"}}).innerHTML="<p>Own <slot name=first></slot><slot>none</slot></p>"</script>
<div contenteditable>typed <b>over</b><i contenteditable=false>not</i></div><p role=textbox>typed</p><label>Age <input value=7 type=number min=1></label>
<p>a\u200bb\u00adc &nbsp; d</p><a href="?a=1#/x" aria-label="Go on" aria-haspopup=menu data-testid=go data-cy=go2 id="{"i" * 230}">Go</a>
<input type=radio name=r value=one required><input type=button value="Press  me"><svg><a href="#"><text>in</text></a></svg>
<nav aria-label=Main><div class=card><h3>One</h3><a href=/1>More</a></div><div class=card><h3>Two</h3><a href=/2>More</a></div></nav>
<style>q::before{{content:"said "}}</style><button><q>this</q> <span aria-hidden=true>x</span></button><x-a>Mine</x-a><x-a>Mine</x-a>"""


@pytest.mark.parametrize("html", [SHOP, TRICKY])
async def test_a_whole_page_is_read_as_its_elements_are_one_by_one(
    context: BrowserContext, site: Site, html: str
) -> None:
    """H-11: what a snapshot shares among elements to be quick says the same as a look at each of them alone."""
    live = await snap(await show(context, site.page("/", html)))
    for index, candidate in enumerate(live.snapshot.candidates):
        frame, handle = await live.element(index)
        seen = await ask_element(frame, handle, "tw.fingerprint(el)")
        alone = read_whole_fingerprint(seen, unexpand=str, frame_path=(), page_path="/shop")
        shared = candidate.fingerprint
        assert dataclasses.replace(alone, box=shared.box, sole=shared.sole) == shared, candidate.xpath
        assert (alone.row, alone.landmarks) == (candidate.row, candidate.landmarks)
        if candidate.visible:
            assert alone.box == shared.box
        state = await ask_element(frame, handle, "[tw.visible(el), tw.enabled(el), tw.editable(el), tw.xpath(el)]")
        assert state == [candidate.visible, candidate.enabled, candidate.editable, candidate.xpath]


@pytest.mark.parametrize("html", [SHOP, TRICKY])
async def test_a_probe_notes_the_names_that_a_snapshot_shows(context: BrowserContext, site: Site, html: str) -> None:
    """H-11: what else a page had is noted by tier 1, and compared with what a snapshot shows later."""
    page = await show(context, site.page("/", html))
    seen = await probe(page.main_frame, "a", unexpand=str, with_others=True)
    assert seen.first is not None
    shown = others_of((await snap(page)).snapshot.candidates)
    assert seen.first.fingerprint.others == shown
    assert len(shown) > 5


async def test_names_that_hold_a_value_are_noted_as_its_variable(context: BrowserContext, site: Site) -> None:
    page = await show(context, site.page("/", "<button>Lovelace</button>"))
    variables = Variables({"who": "Lovelace"})
    seen = await probe(page.main_frame, "button", unexpand=variables.unexpand, with_others=True)
    assert seen.first is not None
    assert seen.first.fingerprint.others == (name_digest("{{who}}"),)


async def test_texts_are_gathered_whole_or_cut(context: BrowserContext, site: Site) -> None:
    """H-11: an element's text is what shows in it, at most 200 characters, whoever around it was read before."""
    live = await snap(await show(context, site.page("/", TRICKY)))
    by_path = {c.xpath.removeprefix("/html[1]/body[1]"): c.fingerprint for c in live.snapshot.candidates}
    assert by_path["/ul[1]/li[1]"].text == f"{LONG}and bold words that…"
    assert by_path["/ul[1]/li[1]/p[1]"].text == "and bold words"
    assert by_path["/ul[1]/li[2]"].text == "x"
    assert by_path["/div[1]/div[1]/div[1]"].text == f"{LONG}twenty more letters:"
    assert by_path["/div[1]/span[1]"].text == "left out"
    assert by_path["/div[2]"].text == "In"
    assert by_path["/div[2]/span[1]/b[1]"].text == "yes"
    assert by_path["/section[1]/p[1]"].text == "still said"
    assert by_path["/div[3]//p[1]"].text == "Own First Rest"
    assert by_path["/div[4]"].text == ""
    assert by_path["/p[2]"].text == "abc d"
    assert by_path["/a[1]"].attributes == ()
    assert (by_path["/a[1]"].href_path, by_path["/a[1]"].test_ids) == (
        "/#/x",
        (("data-testid", "go"), ("data-cy", "go2")),
    )
    assert by_path["/a[1]"].aria == (("aria-label", "Go on"), ("aria-haspopup", "menu"))
    assert by_path["/input[1]"].attributes == (("value", "one"),)
    assert by_path["/button[1]"].name == "said this"


class _CountedFrame:
    """A frame that counts its questions to the page, and can be asked in one way only."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.parent_frame = None
        self.questions = 0

    async def evaluate(self, expression: str, argument: object = None) -> object:
        self.questions += 1
        return await self._frame.evaluate(expression, argument)


@dataclasses.dataclass(frozen=True)
class _CountedPage:
    frames: tuple[_CountedFrame, ...]


async def test_a_page_is_read_in_one_round_trip(context: BrowserContext, site: Site) -> None:
    """H-14: however many elements it has."""
    page = await show(context, site.page("/", SHOP + "<p>more <b>words</b></p>" * 500))
    counted = _CountedFrame(page.main_frame)
    live = await snap(cast("Page", _CountedPage((counted,))))
    assert len(live.snapshot.candidates) > 1000
    assert counted.questions == 1


async def test_a_page_that_patches_how_values_are_written_is_read_all_the_same(
    context: BrowserContext, site: Site
) -> None:
    """H-11: old libraries give every array a toJSON."""
    page = await show(context, site.page("/", SHOP))
    before = await snap(page)
    await page.evaluate("() => { Array.prototype.toJSON = function () { return String(this); }; }")
    assert (await snap(page)).snapshot == before.snapshot


async def test_the_only_one_of_its_kind_is_marked(context: BrowserContext, site: Site) -> None:
    """H-11: alone on its page or in its region, hidden ones not counted; what a field takes; never what it holds."""
    page = await show(
        context,
        site.page(
            "/",
            """<h1>Shop</h1><main><form aria-label="Find"><input type="search" aria-label="Search" value="typed"><button>Go</button>
            </form><form aria-label="Letter"><input type="email" aria-label="Mail" autocomplete="email"><button>Send</button></form>
            <h1 hidden>Old</h1><label><input type="radio" name="speed" value="express">Fast</label><p role="status">3 found</p></main>""",
        ),
    )
    live = await snap(page)
    assert named(live, "Shop", "h1").fingerprint.sole == ("tag:h1", "tag:h1 in region")
    assert "role:searchbox" in named(live, "Search").fingerprint.sole
    assert named(live, "Send", "button").fingerprint.sole == ("role:button in region", "type:submit in region")
    assert "role:status" in named(live, "3 found").fingerprint.sole
    assert ("autocomplete", "email") in named(live, "Mail").fingerprint.attributes
    assert named(live, "Fast", "input").fingerprint.attributes == (("value", "express"),)
    assert "typed" not in repr(live.snapshot)
    for candidate in live.snapshot.candidates:
        if candidate.visible:
            seen = await probe(page.main_frame, "xpath=" + candidate.xpath, unexpand=str, page_path="/shop")
            assert seen.first is not None
            assert seen.first.fingerprint == candidate.fingerprint


async def test_frames_and_shadow_roots_are_read_too(context: BrowserContext, site: Site, other_site: Site) -> None:
    """Issue 2: nested frames, another origin, open shadow roots."""
    other_site.page(
        "/deep",
        "<div id=h></div><script>h.attachShadow({mode:'open'}).innerHTML='<p><button>Deep</button></p>'</script>",
    )
    site.page("/mid", f'<iframe name="deep" src="{other_site.url("/deep")}"></iframe><button>Mid</button>')
    page = await show(context, site.page("/", '<button>Top</button><iframe title="Middle" src="/mid"></iframe>'))
    live = await snap(page)
    deep = next(i for i, c in enumerate(live.snapshot.candidates) if c.fingerprint.name == "Deep")
    candidate = live.snapshot.candidates[deep]
    assert candidate.in_shadow
    assert candidate.xpath == "/html[1]/body[1]/div[1]//p[1]/button[1]"
    assert candidate.fingerprint.frame_path == ('iframe[title="Middle"]', 'iframe[name="deep"]')
    frame, handle = await live.element(deep)
    assert await handle.inner_text() == "Deep"
    assert await resolve_frame(page, await frame_path(frame), soon()) is frame
    only = await snap(page, frame=('iframe[title="Middle"]',))
    assert [c.fingerprint.name for c in only.snapshot.candidates] == ["Mid"]
    assert await resolve_frame(page, ("iframe", "iframe", "iframe"), soon()) is None
    assert await resolve_frame(page, ("button",), soon()) is None


@pytest.mark.serial
async def test_a_frame_that_hangs_is_left_out(context: BrowserContext, site: Site, other_site: Site) -> None:
    """H-5: the deadline holds, and the rest of the page is still read."""
    url = other_site.page("/busy", "<button>Stuck</button>").replace("127.0.0.1", "localhost")
    page = await show(context, site.page("/", f'<button>Fine</button><iframe src="{url}"></iframe>'))
    await snap(page)
    hang = asyncio.ensure_future(
        page.frames[1].evaluate("() => { const end = Date.now() + 4000; while (Date.now() < end); }")
    )
    await asyncio.sleep(0.3)
    began = monotonic()
    live = await take_snapshot(page, unexpand=str, page_path="", frame_path=None, deadline=soon(1.5))
    assert monotonic() - began < 3
    assert [c.fingerprint.name for c in live.snapshot.candidates] == ["Fine"]
    await hang


async def test_an_element_that_left_is_stale(context: BrowserContext, site: Site) -> None:
    """Healing.md, section 2: the element went away before the action was sent."""
    page = await show(context, site.page("/", "<button>One</button>"))
    live = await snap(page)
    await page.evaluate("document.querySelector('button').remove()")
    with pytest.raises(StepError) as gone:
        await live.element(0)
    assert gone.value.kind is ErrorKind.STALE
    await page.goto(site.page("/two", "<button>Other</button>"))
    with pytest.raises(StepError) as away:
        await live.element(0)
    assert away.value.kind is ErrorKind.STALE


STATES = """<style>#wall{position:fixed;inset:0;background:#fffa} body{height:4000px}</style>
<button id=a>A</button><button id=off style="display:none">B</button><div style="display:none"><button id=in>C</button></div>
<button id=inv style="visibility:hidden">D</button><button id=nil style="width:0;height:0;padding:0;border:0;overflow:hidden"></button>
<fieldset disabled><button id=dis>E</button></fieldset><div aria-disabled=true><span role=button id=aria>F</span></div>
<input id=ro readonly><input id=ok><input id=box type=checkbox><label for=box id=over style="position:absolute;left:0">L</label>
<button id=low style="position:absolute;top:3000px">G</button>"""


async def test_why_an_element_cannot_be_used(context: BrowserContext, site: Site) -> None:
    """Healing.md, section 2: hidden, disabled and covered, told apart and named."""
    page = await show(context, site.page("/", STATES))
    assert [(await probed(page, s)).visible for s in ("#a", "#off", "#in", "#inv", "#nil")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert (await probed(page, "#in")).why_hidden == "inside <div>, which is display: none"
    assert (await probed(page, "#inv")).why_hidden == "visibility: hidden"
    assert [(await probed(page, s)).enabled for s in ("#a", "#dis", "#aria")] == [True, False, False]
    assert [(await probed(page, s)).editable for s in ("#ok", "#ro", "#box")] == [True, False, False]
    assert not (await probed(page, "#a")).covered_by
    await page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<div id=wall class=modal><p>Cookies?</p></div>')"
    )
    assert (await probed(page, "#a")).covered_by == '<div id="wall" class="modal">'
    assert (await probed(page, "#low")).covered_by == ""
    assert (await probed(page, "#wall p")).covered_by == ""


async def test_what_covers_across_shadow_roots_and_frames(context: BrowserContext, site: Site) -> None:
    """Healing.md, section 2: `covered` names what is in the way, whatever roots lie between."""
    site.page("/in", "<button>Inner</button>")
    html = """<div id=h></div><iframe src="/in" style="width:200px;height:90px"></iframe><script>
    h.attachShadow({mode:'open'}).innerHTML = '<button>Shade</button><label><input type=checkbox style="opacity:0"><i>box</i></label>'</script>"""
    page = await show(context, site.page("/", html))
    inner = page.frames[1]
    assert (await probed(page, "text=Shade")).covered_by == ""
    assert (await probe(inner, "button", unexpand=str)).matches[0].covered_by == ""
    await page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<div id=veil style=\"position:fixed;inset:0\"></div>')"
    )
    assert (await probed(page, "text=Shade")).covered_by == '<div id="veil">'
    assert (await probe(inner, "button", unexpand=str)).matches[0].covered_by == '<div id="veil">'


async def test_a_probe_counts_and_prefers_the_visible(context: BrowserContext, site: Site) -> None:
    """Healing.md, section 2: not_found and ambiguous are told from the counts."""
    page = await show(context, site.page("/", "<b hidden>1</b><b>2</b><b hidden>3</b><b>4</b><b>5</b>"))
    seen = await probe(page.main_frame, "b", unexpand=str)
    assert (seen.count, seen.visible) == (5, 3)
    assert [m.index for m in seen.matches] == [1, 3, 4]
    none = await probe(page.main_frame, "//table", unexpand=str)
    assert (none.count, none.first, none.error) == (0, None, "")
    assert (
        "Unexpected" in (await probe(page.main_frame, "b[[", unexpand=str)).error
        or (await probe(page.main_frame, "b[[", unexpand=str)).error
    )


async def test_a_page_that_was_open_before_gets_the_module_on_demand(page: Page, site: Site) -> None:
    """H-28: any Playwright page will do."""
    await page.goto(site.page("/", "<button>Hello</button>"))
    assert (await probe(page.main_frame, "button", unexpand=str)).count == 1
    assert named(await snap(page), "Hello").fingerprint.role == "button"


async def test_long_texts_are_bounded(context: BrowserContext, site: Site) -> None:
    """H-11: a fingerprint stays small whatever the page holds."""
    word = "lorem ipsum " * 500
    html = f'<h1>{word}</h1><ul><li><p>{word}</p><button aria-label="{word}" title="{word}">{word}</button></li><li>x</li></ul>'
    live = await snap(await show(context, site.page("/", html)))
    for c in live.snapshot.candidates:
        texts = (
            c.fingerprint.text,
            c.fingerprint.name,
            c.fingerprint.title,
            c.row,
            *c.fingerprint.headings,
            *c.fingerprint.neighbours,
        )
        assert max(map(len, texts)) <= 200


@pytest.mark.parametrize(
    "token",
    [
        "login-btn",
        "username",
        "btn-primary",
        "col-6",
        "address1",
        "id_username",
        "loginButton",
        "nav_item",
        "h1",
        "step-2",
        "sidebarToggle",
        "js-form",
        "mt-4",
    ],
)
def test_words_of_people_do_not_look_generated(token: str) -> None:
    """H-11: ids and classes that people wrote keep their weight."""
    assert not looks_generated(token)


@pytest.mark.parametrize(
    "token",
    [
        ":r1:",
        "«r3»",
        "css-1x2y3z",
        "sc-bdVaJa",
        "Button_root__3kZ9x",
        "ember123",
        "radix-:r5:",
        "mui-12",
        "item-48213",
        "a1b2c3d4e5",
        "headlessui-menu-button-4",
        "7f3e9a0c",
        "ui-id-12",
        "svelte-1tky8bj",
    ],
)
def test_words_of_machines_look_generated(token: str) -> None:
    """H-11: generated ids, hashes and counters weigh little."""
    assert looks_generated(token)
