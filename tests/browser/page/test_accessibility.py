"""Role and accessible name agree with Playwright's get_by_role, on a broad corpus, in real Chromium (H-11)."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page
from tests.conftest import Site

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.page.inject import ask, install
from tierwright.page.snapshot import take_snapshot

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

CORPUS = {
    "labels": """
<label for=a>For</label><input id=a><label>Around <input></label><label>After <input type=checkbox> me</label>
<label for=b>One</label><label for=b>Two</label><input id=b><label for=t>Area</label><textarea id=t>typed</textarea>
<label>Colour <select><option>Red</option><option selected>Blue</option></select></label>
<label>With <input value=5 type=number> inside <input type=checkbox id=c></label><label for=c>stay <input value=3> days</label>
<label for=h style="display:none">Hidden label</label><input id=h><label><b>Rich</b> <i>text</i><input type=radio></label>
<label for=btn>Labelled</label><button id=btn>Own text</button><label for=out>Out</label><output id=out>5</output>
<label for=f>File</label><input type=file id=f><input type=file><label for=m>Met</label><meter id=m value=.5></meter>
<progress title="Prog" value=.5></progress>""",
    "aria": """
<button aria-label="Close">x</button><button aria-label="  ">blank</button><button aria-labelledby="l1 l2">z</button>
<span id=l1>First</span><span id=l2 hidden>second <b>deep</b></span><button id=self aria-label=Delete aria-labelledby="self l1">y</button>
<button aria-labelledby="missing">fallback</button><div role=button aria-labelledby=l3>q</div><div id=l3 aria-label=Lab>no</div>
<input aria-labelledby=l4><span id=l4>Pick <select><option>A<option selected>B</select> now</span>
<div role="foo link">fake role</div><div role="BUTTON">upper</div><div role=heading aria-level=3>Head</div>
<a href=# aria-hidden=true>gone</a><div aria-hidden=true><button>gone too</button></div><div role=img aria-label=Pic></div>
<div role=combobox aria-owns=lb>c</div><ul id=lb role=listbox><li role=option aria-selected=true>Opt</li></ul>
<div role=button><div role=combobox aria-controls=x><ul role=listbox><li role=option aria-selected=true>Sel</li></ul></div> end</div>
<div role=checkbox aria-checked=true>Check <span role=slider aria-valuenow=5 aria-valuetext=five></span></div>
<button>a <span role=textbox contenteditable>edit</span> b</button><div role=tab>Tab <div role=menu>menu</div></div>
<section aria-label=Named>x</section><section>plain</section><form aria-label=F></form><form></form><div role=group aria-labelledby=l1></div>""",
    "native": """
<a href=#>Link</a><a>No link</a><a href=# title=T></a><area href=#><button></button><button title=Tip></button><button type=submit>Go</button>
<input type=submit><input type=reset><input type=button value=Val><input type=submit value=Send><input type=image alt=Img src=x><input type=image>
<input type=button title=ttl><input type=search placeholder=Find><input type=email><input type=password placeholder=Pw><input type=number title=N>
<input type=range title=R><input type=color title=C><input type=date title=D><input type=hidden value=h><input type=text list=dl title=L>
<datalist id=dl><option>o</datalist><input placeholder=Both title=Title><textarea placeholder=Ph></textarea><select title=S><option>1</select>
<select multiple title=M><option>1</select><select size=3 title=Z><optgroup label=G><option>1</select><h1>One</h1><h2>Two <em>em</em></h2>
<details><summary>Sum</summary>Body <button>In closed</button></details><details open><summary>Open sum</summary>Body</details>
<fieldset><legend>Leg <b>end</b></legend><input></fieldset><fieldset title=FT></fieldset><figure><img alt=x src=x><figcaption>Cap</figcaption></figure>
<figure title=FF></figure><dialog open aria-label=Dlg>d</dialog><hr><output title=O>5</output><time>now</time><p>par</p><code>c</code>
<nav>n</nav><main>m</main><aside>a</aside><header>h</header><footer>f</footer><article><header>h2</header><footer>f2</footer>t</article>
<ul><li>item</li></ul><ol><li>1</li></ol><menu><li>m</li></menu><dl><dt>t</dt><dd>d</dd></dl><blockquote>q</blockquote><search>s</search>
<button>Line<br>break</button><button>  many   spaces&nbsp;here </button><button><div>Block</div><div>Block2</div></button><button><span>in</span><span>line</span></button>
<a href=#><img alt=Home src=x></a><a href=#><img alt="" src=x>Text</a><img src=x><img src=x alt=""><img src=x alt="" title=tt><img src=x title=only>""",
    "tables": """
<table><caption>Cap <i>tion</i></caption><thead><tr><th>A<th>B</thead><tbody><tr><th scope=row>r<td>1</tr><tr><td>x<td><button>Go</button></tr></table>
<table summary=Sum><tr><td>1</table><table title=Ttl><tr><th>only</th></tr></table><table role=grid><tr><td>g<td><input value=v></tr></table>
<table role=presentation><tr><td>p</td><th>q</th></tr></table><table role=none><tbody><tr><td>n</tr></table><table><tr><th>a<td>b</tr><tr><th>c<td></tr></table>
<table><tr><th>1<th>2<th>3</tr></table><div role=table aria-label=T><div role=row><div role=cell>c</div><span role=columnheader>ch</span></div></div>
<table><tr><td></td><th>mid</th><td>z</td></tr><tr><th>lone</th></tr></table>""",
    "presentational": """
<ul role=presentation><li>a</li></ul><ul role=none><li role=listitem>b</li></ul><button role=presentation>still</button><h1 role=none>plain</h1>
<h2 role=presentation tabindex=0>focus</h2><h3 role=none aria-label=Lab>lab</h3><img role=presentation alt=x src=x><a href=# role=none>l</a>
<dl role=none><div><dt>t</dt><dd>d</dd></div></dl><nav role=presentation aria-live=polite>n</nav><div role=generic aria-label=g>x</div>
<button disabled role=presentation>dis</button><fieldset disabled><button role=none>d2</button><legend><button>leg</button></legend></fieldset>
<iframe title=Fr srcdoc=x></iframe><div role="none presentation button">multi</div>""",
    "hidden": """
<button style="display:none">dn</button><button style="visibility:hidden">vh</button><button hidden>h</button><div style="visibility:hidden"><button style="visibility:visible">vv</button></div>
<button>vis <span style="display:none">none</span><span hidden>hid</span><span style="visibility:hidden">vis</span><span aria-hidden=true>aria</span></button>
<button style="opacity:0">op</button><div style="display:contents"><button>dc</button></div><button style="display:contents">dcb</button>
<div inert><button>inert</button></div><button style="position:absolute;left:-999px">off</button><button style="width:0;height:0;overflow:hidden;padding:0;border:0">zero</button>
<div style="content-visibility:hidden"><button>cv</button></div><button><noscript>ns</noscript><style>x{}</style><script>1</script>real</button><template><button>t</button></template>
<button aria-labelledby=hid>q</button><div hidden id=hid>deep <span aria-hidden=true>er</span> <b style="display:none">none</b></div>
<select title=opts><option hidden>h<option>s</select>""",
    "pseudo": """
<style>.a::before{content:"Pre "}.b::after{content:" post"}.c::before{content:url(x.png) / "Alt"}.d::before{content:attr(data-x)}.e::before{content:"Bl";display:block}
.f::after{content:"\\\\201C q";}.g::before{content:"no";display:none}.h{content:"replaced" / "alttext"}.i::before{content:counter(x) "c"}.j::before{content:"A" attr(data-x) "B"}.k::before{content:"it's \\22 q\\22"}</style>
<button class=a>x</button><button class=b>x</button><button class=c>x</button><button class=d data-x=dd>x</button><button class=e>x</button><button class=f>x</button>
<button class=g>x</button><button class=h>x</button><button class=i>x</button><button class=j data-x=mid>x</button><button class=k>x</button><button class="a b"></button>""",
    "svg": """
<svg><title>Chart</title><g role=button tabindex=0><title>Slice</title></g></svg><button><svg><title>Icon</title><path/></svg></button><svg aria-label=Lab></svg>
<svg role=presentation></svg><a href=#><svg><desc>d</desc></svg>txt</a><svg><a href=# xlink:title=XT><text>t</text></a></svg><svg><text>words</text></svg>
<svg role=img aria-labelledby=st><title id=st>By id</title></svg><button aria-label="b"><svg aria-hidden=true><title>no</title></svg></button>""",
    "shadow": """
<div id=h1><button>light</button><span slot=s>slotted</span></div><div id=h2>unassigned</div><x-l></x-l><button id=wrap><span id=h3></span> out</button>
<script>h1.attachShadow({mode:"open"}).innerHTML=`<a href=#><slot name=s>default</slot></a><button><slot></slot></button><label for=i>In</label><input id=i>`;
h2.attachShadow({mode:"open"}).innerHTML=`<button aria-labelledby=z>b</button><i id=z>inner</i><h2><slot name=none>fallback</slot></h2>`;
h3.attachShadow({mode:"open"}).innerHTML=`<b>deep</b>`;
customElements.define("x-l",class extends HTMLElement{constructor(){super();this.attachShadow({mode:"open"}).innerHTML="<x-m></x-m><nav><article><header>hh</header></article></nav>"}});
customElements.define("x-m",class extends HTMLElement{constructor(){super();this.attachShadow({mode:"open"}).innerHTML="<button disabled>nested</button>"}});</script>""",
    "clobbered": """
<form aria-label=F><input name=tagName title=1><input name=localName title=2><input name=labels title=3><button>In form</button></form>""",
}  # fmt: skip

ALL_ELEMENTS = """() => { const found = []; const walk = root => { for (const el of root.querySelectorAll("*")) {
  found.push(el); if (el.shadowRoot) walk(el.shadowRoot); } }; walk(document);
  window.__all = found; return found.length; }"""
OURS = """() => { const tw = globalThis[Symbol.for("tierwright")];
  return __all.map(el => [tw.role(el), tw.name(el, true), tw.ariaHidden(el), tw.visible(el)]); }"""
SORTED = "els => els.map(el => __all.indexOf(el)).sort((a, b) => a - b)"
INDEXES = "els => els.map(el => __all.indexOf(el))"


async def ours(page: Page, html: str, site: Site) -> list[tuple[str, str, bool, bool]]:
    await page.goto(site.page("/", f"<body>{html}"))
    await ask(page.main_frame, "tw.token")
    await page.evaluate(ALL_ELEMENTS)
    return [tuple(row) for row in await page.evaluate(OURS)]


@pytest.mark.parametrize("subject", CORPUS)
async def test_role_and_name_are_those_of_get_by_role(context: BrowserContext, site: Site, subject: str) -> None:
    """H-11: one injected module, proven to agree with Playwright's get_by_role: same role, name and hidden state."""
    page = await context.new_page()
    seen = await ours(page, CORPUS[subject], site)
    shown: dict[tuple[str, str], list[int]] = {}
    for index, (role, name, hidden, _) in enumerate(seen):
        if role and not hidden:
            shown.setdefault((role, name), []).append(index)
    assert len(shown) >= 3
    wrong = {}
    for (role, name), mine in shown.items():
        named: dict[str, Any] = {"name": name, "exact": True} if name else {}
        theirs = sorted(await page.get_by_role(role, **named).evaluate_all(INDEXES))  # type: ignore[arg-type]
        if name and theirs != mine:
            wrong[role, name] = (mine, theirs)
    assert not wrong, json.dumps({str(k): v for k, v in wrong.items()}, indent=1)
    await assert_roles_agree(page, seen)


async def assert_roles_agree(page: Page, seen: list[tuple[str, str, bool, bool]]) -> None:
    """Every element that Playwright finds by a role has that role here, and no other element has it."""
    for role in sorted({role for role, *_ in seen if role}):
        theirs = await page.locator(f"role={role}").evaluate_all(SORTED)
        assert theirs == [i for i, row in enumerate(seen) if row[0] == role and not row[2]], role
        everywhere = await page.locator(f"role={role}[include-hidden]").evaluate_all(SORTED)
        assert everywhere == [i for i, row in enumerate(seen) if row[0] == role], role
        unnamed = await page.locator(f'role={role}[name=""]').evaluate_all(SORTED)
        assert unnamed == [i for i, row in enumerate(seen) if row[0] == role and not row[2] and not row[1]], role


@pytest.mark.parametrize("subject", CORPUS)
async def test_visible_is_what_playwright_calls_visible(context: BrowserContext, site: Site, subject: str) -> None:
    """H-8, H-10: tier 1 judges visibility as Playwright's actions do."""
    page = await context.new_page()
    seen = await ours(page, CORPUS[subject], site)
    theirs = await page.locator("css=*:visible").evaluate_all(INDEXES)
    assert sorted(theirs) == [i for i, row in enumerate(seen) if row[3]]


PIECES = [
    "plain", "<b>bold</b>", "<div>block</div>", '<img alt="pic" src="">', "<span hidden>hidden</span>", '<input value="val" title="i">',
    '<span aria-label="lab">x</span>', '<i aria-hidden="true">no</i>', "<svg><title>svg</title></svg>", '<span title="tip"></span>',
    "<br>", "<select><option>o1<option selected>o2</select>", '<span role="slider" aria-valuenow="7"></span>', "<p>par</p>",
]  # fmt: skip
WRAPPERS = [
    "<button>{}</button>", '<a href="#">{}</a>', "<h2>{}</h2>", '<div role="tab">{}</div>', "<label>{}<input type=checkbox></label>",
    "<fieldset><legend>{}</legend><input></fieldset>", "<table><caption>{}</caption><tr><td>{}</td></tr></table>",
    '<div role="checkbox">{}</div>', "<summary>{}</summary>", '<button title="t"><span role="none">{}</span></button>',
]  # fmt: skip


async def test_generated_combinations_agree_as_well(context: BrowserContext, site: Site) -> None:
    """H-11: every pair of contents in every kind of wrapper, some 1,900 named elements."""
    page = await context.new_page()
    for wrapper in WRAPPERS:
        html = "".join(wrapper.replace("{}", a + b) for a, b in itertools.product(PIECES, PIECES) if a <= b)
        await assert_roles_agree(page, await ours(page, html, site))
        wrong = await page.evaluate(OURS)
        for role, name in sorted({(row[0], row[1]) for row in wrong if row[0] in NAMED and row[1]}):
            theirs = await page.get_by_role(role, name=name, exact=True).evaluate_all(INDEXES)
            assert theirs == [i for i, row in enumerate(wrong) if row[:2] == [role, name] and not row[2]], (role, name)


NAMED = {"button", "link", "heading", "tab", "checkbox", "group", "table", "cell"}


async def test_nothing_typed_is_in_a_name_that_is_kept(context: BrowserContext, site: Site) -> None:
    """H-11: what users type or choose is left out, although get_by_role would count it."""
    await install(context)
    page = await context.new_page()
    await page.goto(
        site.page(
            "/",
            "<button>Pay <input value=4111> by <select><option>Visa<option selected>Amex</select>"
            "<span role=textbox contenteditable>typed</span></button>",
        )
    )
    read = await page.evaluate('() => globalThis[Symbol.for("tierwright")].name(document.querySelector("button"))')
    assert read == "Pay by"


async def names_on(page: Page) -> list[str]:
    limit = Deadline.after(SystemClock(), 5)
    live = await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=limit)
    return [c.fingerprint.name for c in live.snapshot.candidates]


async def test_fields_named_like_the_dom_do_not_hide_it(context: BrowserContext, site: Site) -> None:
    """H-11: <input name="parentNode"> shadows a form's own properties; the reading goes through the prototypes."""
    await install(context)
    page = await context.new_page()
    names = [
        "parentNode",
        "getAttribute",
        "children",
        "shadowRoot",
        "parentElement",
        "nodeType",
        "firstChild",
        "matches",
        "closest",
        "nodeName",
    ]
    fields = "".join(f'<input name="{name}" title="{name}">' for name in names)
    await page.goto(
        site.page("/", f'<form id=f aria-label=F><h2>Head</h2>{fields}<button>Ok</button></form><a href="#">After</a>')
    )
    assert await names_on(page) == ["F", "Head", *names, "Ok", "After"]


async def test_a_page_that_patches_the_dom_changes_nothing(context: BrowserContext, site: Site) -> None:
    """H-11: references are kept before the page's own scripts run, and the page sees nothing of them."""
    await install(context)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(
        site.page(
            "/",
            "<script>window.before = Object.keys(window).length; const bad = () => { throw new Error('patched') };"
            "Element.prototype.getAttribute = Element.prototype.matches = Element.prototype.querySelectorAll = bad;"
            "Document.prototype.querySelectorAll = window.getComputedStyle = bad; JSON.stringify = bad;"
            "Array.prototype.toJSON = function () { return 'x' };"
            "Object.defineProperty(Node.prototype, 'parentNode', {get: bad});</script><h1>Hi</h1><button>Ok</button>",
        )
    )
    assert await names_on(page) == ["Hi", "Ok"]
    assert not errors
    assert await page.evaluate("Object.keys(window).filter(k => /tierwright/i.test(k)).length") == 0
