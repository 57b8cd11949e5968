"""Selectors for a phrase that says exactly which element it means: role and name, label, placeholder, test id."""

from __future__ import annotations

import json

from tierwright.core.phrases import Phrase
from tierwright.core.steps import Condition, Step
from tierwright.page.locators import css_string

_BY = {"placeholder": "[placeholder={}]", "test id": "[data-testid={}]", "title": "[title={}]", "alt": "[alt={}]"}
_SEEN = frozenset({Condition.VISIBLE, Condition.HIDDEN, None})
_COUNTABLE = frozenset({Condition.COUNT})


def direct_selectors(step: Step, phrase: Phrase) -> tuple[str, ...]:
    """Playwright selectors that together match exactly what the phrase names; none when it is not that exact.

    A phrase with several possible roles (`field`) gives one selector a role.
    """
    if step.condition in _COUNTABLE and phrase.roles and not (phrase.section_kind or phrase.row or phrase.near):
        name = f"[name={json.dumps(phrase.name, ensure_ascii=False)}]" if phrase.name else ""
        return (f"role={phrase.roles[0]}{name}",)
    if phrase.direct:
        return _by_name(phrase)
    if step.judges and _is_plain_text(phrase):
        return (_by_text(step, phrase.name),)
    return ()


def _by_text(step: Step, text: str) -> str:
    """A text that is to be seen (or not) may be part of a longer one; one whose state is judged stands alone."""
    if step.condition in _SEEN:
        one = " >> nth=0" if step.condition is not Condition.HIDDEN else ""
        return f":text({css_string(text)}) >> visible=true{one}"
    return f"text={json.dumps(text, ensure_ascii=False)}"


def _by_name(phrase: Phrase) -> tuple[str, ...]:
    quoted = json.dumps(phrase.name, ensure_ascii=False)
    if phrase.by in _BY:
        return (_BY[phrase.by].format(quoted),)
    if phrase.by == "label":
        return (f"internal:label={quoted}s",)
    return tuple(f"role={role}[name={quoted}]" for role in phrase.roles)


def _is_plain_text(phrase: Phrase) -> bool:
    located = phrase.section or phrase.section_kind or phrase.row or phrase.near or phrase.ordinal or phrase.not_words
    return bool(phrase.name and phrase.exact and phrase.by == "name" and not phrase.roles and not located)


def target_selectors(target: str, phrase: Phrase) -> tuple[str, ...]:
    """Selectors for the second element of a drag, which is written as a selector or as a phrase."""
    if looks_like_selector(target):
        return (target,)
    if phrase.direct:
        return _by_name(phrase)
    return (f"text={json.dumps(phrase.name, ensure_ascii=False)}",) if _is_plain_text(phrase) else ()


def looks_like_selector(text: str) -> bool:
    """Whether this is a selector rather than words: quotes at the start and plain words are a phrase."""
    if text.startswith(('"', "'", "“", "the ")):
        return False
    return text.startswith((".", "#", "[", "/", "(")) or any(sign in text for sign in ("=", ">", "[", "#", ":"))
