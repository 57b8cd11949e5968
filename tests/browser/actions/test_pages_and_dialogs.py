"""Navigation, history, tabs, and the browser's own dialogs."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import QUICK, EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind, TryResult

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

SHORT = "timeout_seconds: 3"


async def test_addresses_are_relative_to_the_base_url_with_its_path(engine: EngineBench, site: Site) -> None:
    """`/x` starts at the origin, `x` under the base URL's own path."""
    site.page("/shop/cart", "<title>Cart</title><p>x</p>")
    site.page("/help", "<title>Help</title><p>x</p>")
    engine.session.base_url = site.url("/shop")
    passed(
        await engine.run("""
        - {action: navigate, value: cart}
        - {action: expect, condition: title, value: Cart}
        - {action: navigate, value: /help}
        - {action: expect, condition: title, value: Help}
        """)
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("http://no-such-host.invalid/", "ERR_"),
        ("http://127.0.0.1:9/", "ERR_"),
        ("/broken", "HTTP 503"),
        ("/blank", "blank page"),
        ("/hangs", "did not load in time"),
    ],
)
async def test_a_page_that_does_not_load_is_navigation_and_tried_again_once(
    engine: EngineBench, site: Site, path: str, words: str
) -> None:
    """H-5: DNS, refused, 5xx, blank, too slow: `navigation`, retried by max_retries_per_tier, never escalated."""
    site.page("/broken", "<h1>Down</h1>", status=503)
    site.page("/blank", "<title>Nothing</title><body><script>1</script>")
    site.page("/hangs", "<p>late</p>", delay_seconds=5)
    seconds = {"/blank": 6, "/hangs": 1.5}.get(path, 4)
    step = failed(
        await engine.run(f"- {{action: navigate, value: '{path}', timeout_seconds: {seconds}}}"),
        ErrorKind.NAVIGATION,
    )
    assert tiers_tried(step) == [1]
    assert step.attempts[0].error
    assert words in step.attempts[0].error.message
    if path == "/broken":
        assert len(step.attempts) == 2
        assert len([r for r in site.requests if r.path == path]) == 2


async def test_a_page_that_comes_up_at_the_second_try_passes(engine: EngineBench, site: Site) -> None:
    """H-5: a retry is for what a second try can cure."""
    site.page("/up", "<p>up</p>", status=503)

    class Warming:
        async def on_event(self, event: object) -> None:
            if type(event).__name__ == "AttemptFinished":
                site.page("/up", "<p>up</p>")

    engine.listener = Warming()  # type: ignore[assignment]
    step = passed(await engine.run("- {action: navigate, value: /up}"))[0]
    assert [a.success for a in step.attempts] == [False, True]


@pytest.mark.parametrize("html", ["<h1>Not found</h1>", "plain words"])
async def test_a_404_is_a_page(engine: EngineBench, site: Site, html: str) -> None:
    """A test may look at the page that says so."""
    site.page("/gone", html, status=404)
    passed(await engine.run("- {action: navigate, value: /gone}\n- {action: navigate, value: 'about:blank'}"))


async def test_an_image_that_hangs_keeps_nobody_waiting(engine: EngineBench, site: Site) -> None:
    """The document is there; its last image is not waited for till the end."""
    site.respond("/slow.png", b"", delay_seconds=9)
    site.page("/", "<h1>Shop</h1><img src=/slow.png>")
    step = passed(
        await engine.run(
            "- {action: navigate, value: /, timeout_seconds: 2}\n- {action: expect, selector: h1, condition: text, value: Shop}"
        )
    )[0]
    assert step.duration_ms < 5000  # the image takes nine seconds


async def test_history_reload_and_routes(engine: EngineBench, site: Site) -> None:
    """Back through documents and through routes of one document, by hash and by history."""
    site.page(
        "/",
        "<h1>One</h1><a href=#two>Two</a><button onclick=\"history.pushState(0, '', '/three')\">Three</button><script>document.title = 'v' + (sessionStorage.n = 1 + +(sessionStorage.n || 0))</script>",
    )
    site.page("/other", "<h1>Other</h1>")
    passed(
        await engine.run("""
        - {action: navigate, value: /}
        - {action: reload}
        - {action: expect, condition: title, value: v2}
        - {action: click, selector: a}
        - {action: expect, condition: url, value: "/#two"}
        - {action: click, selector: button}
        - {action: expect, condition: url, value: /three}
        - {action: go_back}
        - {action: expect, condition: url, value: "/#two"}
        - {action: navigate, value: /other}
        - {action: go_back}
        - {action: expect, selector: h1, condition: text, value: One}
        """)
    )


@pytest.mark.parametrize("first", ["/", "/other"])
async def test_nothing_to_go_back_to(engine: EngineBench, site: Site, first: str) -> None:
    """At the first page of a tab there is no way back."""
    site.page(first, "<h1>One</h1>")
    await engine.open(first)
    step = failed(await engine.run(f"- {{action: go_back, {SHORT}}}"), ErrorKind.NAVIGATION, "go back")
    assert tiers_tried(step) == [1]


async def test_a_reload_that_breaks_fails(engine: EngineBench, site: Site) -> None:
    """The server went down meanwhile."""
    site.page("/", "<h1>One</h1>")
    await engine.open("/")
    site.page("/", "<h1>Down</h1>", status=500)
    failed(await engine.run("- {action: reload}"), ErrorKind.NAVIGATION, "HTTP 500")


# --- tabs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "opener",
    [
        "<a id=o href=/two target=_blank>Open</a>",
        "<button id=o onclick=\"window.open('/two', '', 'width=300,height=200')\">Open</button>",
        "<button id=o onclick=\"setTimeout(() => window.open('/two'), 300)\">Open</button>",
    ],
)
@pytest.mark.parametrize("name", ["new", "2", "Second page", "/two"])
async def test_a_new_tab_is_known_by_many_names(engine: EngineBench, site: Site, opener: str, name: str) -> None:
    """New tab or pop-up, early or late; and back to the main one, by name or number."""
    site.page("/", f"<title>First page</title>{opener}")
    site.page("/two", "<title>Second page</title><h1>Two</h1>")
    passed(
        await engine.run(f"""
        - {{action: navigate, value: /}}
        - {{action: click, selector: "#o"}}
        - {{action: switch_page, value: {name}}}
        - {{action: expect, selector: h1, condition: text, value: Two}}
        - {{action: switch_page, value: {"main" if name == "new" else "1"}}}
        - {{action: expect, condition: title, value: First page}}
        """)
    )


@pytest.mark.parametrize("name", ["new", "3", "Invoice"])
async def test_a_tab_that_is_not_there_fails_and_lists_those_that_are(
    engine: EngineBench, site: Site, name: str
) -> None:
    """It is waited for, then named; never escalated."""
    site.page("/", "<title>First page</title><p>x</p>")
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: switch_page, value: {name}, {SHORT}}}"),
        ErrorKind.NAVIGATION,
        f'no tab is "{name}"',
        "First page",
    )
    assert tiers_tried(step) == [1]


async def test_a_tab_that_closes_itself_gives_way_to_the_one_before(engine: EngineBench, site: Site) -> None:
    """The click that closed its tab is done; the next step acts on what is left."""
    site.page("/", "<h1>One</h1><a href=/two target=_blank>Open</a>")
    site.page("/two", "<button onclick='window.close()'>Close</button>")
    passed(
        await engine.run("""
        - {action: navigate, value: /}
        - {action: click, selector: a}
        - {action: switch_page, value: new}
        - {action: click, selector: button}
        - {action: expect, selector: h1, condition: text, value: One}
        """)
    )


# --- dialogs ----------------------------------------------------------------------------------------------


def warnings_of(result: TryResult) -> list[str]:
    return [w.kind for s in result.steps for w in s.warnings]


@pytest.mark.parametrize(
    ("call", "answer", "title"),
    [
        ("alert('Hi')", "accept", "undefined"),
        ("confirm('Sure?')", "accept", "true"),
        ("confirm('Sure?')", "dismiss", "false"),
        ("prompt('Name?')", "Ada", "Ada"),
        ("prompt('Name?', 'Bob')", "dismiss", "null"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_an_announced_dialog_is_answered(
    engine: EngineBench, site: Site, call: str, answer: str, title: str, late: bool
) -> None:
    """Armed by the step before: accepted, dismissed or answered, at once or a moment later."""
    opens = f"document.title = String({call})"
    site.page("/", f'<button onclick="{f"setTimeout(() => {opens}, 300)" if late else opens}">Go</button>')
    await engine.open("/")
    result = await engine.run(
        f"- {{action: dialog, value: {answer}}}\n- {{action: click, selector: button}}\n- {{action: expect, condition: title, value: '{title}'}}"
    )
    passed(result)
    assert warnings_of(result) == []


async def test_two_dialogs_in_a_row_are_answered_in_their_order(engine: EngineBench, site: Site) -> None:
    """Two announcements, two dialogs, one click."""
    site.page("/", "<button onclick=\"document.title = prompt('A') + confirm('B')\">Go</button>")
    await engine.open("/")
    passed(
        await engine.run(
            "- {action: dialog, value: Ada}\n- {action: dialog, value: dismiss}\n- {action: click, selector: button}\n- {action: expect, condition: title, value: Adafalse}"
        )
    )


async def test_a_dialog_that_does_not_open_fails(engine: EngineBench, site: Site) -> None:
    """What was announced is an expectation; the click is not sent again."""
    site.page("/", "<button onclick=\"document.title += 'x'\">Go</button>")
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: dialog, value: accept}}\n- {{action: click, selector: button, {SHORT}}}"),
        ErrorKind.EXPECTATION,
        "did not open",
    )
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == "x"


@pytest.mark.parametrize("call", ["alert('Hi')", "confirm('Sure?')"])
async def test_an_unexpected_dialog_is_dismissed_with_a_warning(engine: EngineBench, site: Site, call: str) -> None:
    """It blocks nobody, and nobody misses it."""
    site.page("/", f'<button onclick="document.title = String({call})">Go</button>')
    await engine.open("/")
    result = await engine.run("- {action: click, selector: button}")
    passed(result)
    assert warnings_of(result) == ["dialog"]


async def test_a_dialog_of_the_page_itself_is_left_alone(engine: EngineBench, site: Site) -> None:
    """A business dialog made of HTML is the test's to handle: nothing closes it, and it covers what is under it."""
    site.page(
        "/",
        "<button id=b onclick='d.showModal()'>Delete</button><dialog id=d><button id=yes onclick=\"document.title='deleted'; d.close()\">Yes</button></dialog>",
    )
    await engine.open("/")
    passed(await engine.run("- {action: click, selector: '#b'}"))
    failed(await engine.run(f"- {{action: click, selector: '#b', {SHORT}}}"), ErrorKind.COVERED, "dialog")
    passed(
        await engine.run(
            "- {action: click, selector: '#yes'}\n- {action: expect, condition: title, value: deleted}", settings=QUICK
        )
    )
