"""The arithmetic of the benchmark of heals, and the published ways it compares with."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tierwright.core.identity import Box, Candidate, Fingerprint, Snapshot, SnapshotFrame

BENCH = Path(__file__).parents[3] / "bench"


@pytest.fixture(autouse=True, scope="module")
def bench_on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


@pytest.fixture
def figures() -> ModuleType:
    return import_module("_heals_figures")


@pytest.fixture
def ways() -> ModuleType:
    return import_module("_heals_methods")


def plain_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def test_the_fast_edit_distance_is_the_plain_one() -> None:
    edits = import_module("baselines.edits")
    draw = random.Random(5)
    for _ in range(300):
        a, b = ("".join(draw.choices("abcd", k=draw.randrange(12))) for _ in range(2))
        assert edits.distance(a, b) == plain_distance(a, b), (a, b)


def element(place: int, name: str, **more: object) -> Candidate:
    print_ = Fingerprint(
        tag="a", role="link", name=name, text=name, ancestors=("ul", "body"), box=Box(9, 40 * place, 90, 20)
    )
    seen = replace(print_, **more)  # type: ignore[arg-type]
    return Candidate(ref=place, frame_index=0, fingerprint=seen, xpath=f"/html[1]/body[1]/ul[1]/a[{place}]")


def page(*candidates: Candidate) -> Snapshot:
    return Snapshot(frames=(SnapshotFrame((), "http://127.0.0.1/"),), candidates=candidates)


BEFORE = page(element(1, "Home", id="home"), element(2, "Prices", id="prices"), element(3, "Contact", id="contact"))
AFTER = page(element(1, "Prices", id="prices"), element(2, "Home", id="home"), element(3, "Contact us", id="contact"))


@pytest.mark.parametrize(
    ("way", "expected"),
    [("Similo", 0), ("VON Similo", 0), ("tree-path LCS (Healenium)", 0), ("ROBULA+ style", 0), ("absolute XPath", 1)],
)
def test_every_published_way_finds_what_it_looks_for(ways: ModuleType, way: str, expected: int) -> None:
    """The element moved to the first place: all know it by its name or id, but not the XPath that counts places."""
    asked_type = import_module("baselines").Asked
    old = BEFORE.candidates[1]
    asked = asked_type(old.fingerprint, old.xpath, '//*[@id="prices"]', BEFORE)
    method = next(m for m in ways.methods() if m.name == way)
    scores = method._baseline.scores(asked, AFTER)
    assert scores.index(max(scores)) == expected


def test_elements_of_one_box_score_as_one() -> None:
    similo, asked_type = import_module("baselines.similo"), import_module("baselines").Asked
    inner = element(1, "Prices", id="prices")
    wrapper = replace(
        inner, fingerprint=Fingerprint(tag="li", box=inner.fingerprint.box), xpath="/html[1]/body[1]/li[1]"
    )
    scores = similo.VonSimilo().scores(
        asked_type(inner.fingerprint, inner.xpath), page(wrapper, inner, element(5, "Jobs"))
    )
    assert scores[0] == scores[1] > scores[2]


def answer(figures: ModuleType, number: int, site: str, *, removed: bool, hit: bool, score: float) -> object:
    return figures.Answer(f"{site}/{number}{removed}", "x", site, removed, hit, False, score, score, 1.0)


def test_thresholds_come_from_the_other_sites(figures: ModuleType) -> None:
    """On site b gone elements score high, which only a can be told of: its false heals stay in b's own figures."""
    quiet = [
        answer(figures, n, "a", removed=n % 2 == 0, hit=n % 2 == 1, score=0.9 if n % 2 else 0.1) for n in range(40)
    ]
    loud = [answer(figures, n, "b", removed=True, hit=False, score=0.95) for n in range(10)]
    verdicts = figures.out_of_fold([*quiet, *loud])
    assert {v for a, v in verdicts if a.site == "b"} == {"false"}
    assert figures.share([p for p in verdicts if p[0].site == "a"], False, "right") == 0.0
    alone = figures.choose(quiet)
    assert figures.share(figures.judged(quiet, alone), False, "right") == 1.0
    assert figures.share(figures.judged(quiet, alone), True, "false") == 0.0


def test_nothing_seen_is_not_nothing_possible(figures: ModuleType) -> None:
    clean = [(answer(figures, n, f"s{n % 5}", removed=True, hit=False, score=0.1), "none") for n in range(100)]
    low, high = figures.interval(clean, True, "false")
    assert low == 0.0
    assert high == pytest.approx(1 - 0.025**0.01)


def test_honest_confidence_has_no_calibration_error(figures: ModuleType) -> None:
    honest = [answer(figures, n, "a", removed=False, hit=n % 10 < 7, score=0.7) for n in range(100)]
    assert figures.calibration_error(figures.bins(honest)) == pytest.approx(0.0)
    boastful = [replace(a, score=1.0) for a in honest]  # type: ignore[type-var]
    assert figures.calibration_error(figures.bins(boastful)) == pytest.approx(0.3)


def test_made_up_pages_are_the_same_for_a_seed() -> None:
    own = import_module("_own_pages")
    assert own.made_up(4) == own.made_up(4) != own.made_up(5)
    assert len({p.site for p in own.made_up(4)}) == len(own.APPS)
