"""What stops a command before its first run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tierwright.compose import RunPlan
from tierwright.core.config import RunConfig
from tierwright.core.errors import UsageError
from tierwright.core.steps import Action, BrowserOptions, Origin, Step, TestCase
from tierwright.core.variables import Variables, secret_variable
from tierwright.worker.before import check_before

CONFIG = RunConfig(paths=())


def plan(name: str, address: str, base_url: str | None = None) -> RunPlan:
    step = Step(action=Action.NAVIGATE, value=address, origin=Origin("a.tw.yaml", 3, 5))
    return RunPlan(name, TestCase(name=name, steps=(step,), base_url=base_url))


def values(_plan: RunPlan) -> Variables:
    return Variables({"home": "/home", "site": "http://127.0.0.1"})


def locked(which: RunPlan) -> Variables:
    raise UsageError(f"{which.test.name} needs a secret")


def test_everything_wrong_is_told_at_once_and_once() -> None:
    with pytest.raises(UsageError) as raised:
        check_before(CONFIG, [plan("a", "/"), plan("b", "/"), plan("a", "/")], locked)
    assert str(raised.value) == "a needs a secret\nb needs a secret"


@pytest.mark.parametrize("address", ["/login", "", "{{home}}", "www.example.com"])
def test_a_relative_address_needs_a_base_url(address: str) -> None:
    with pytest.raises(UsageError, match=r"a\.tw\.yaml:3:5: the address .* is relative, and \"a\" has no base_url"):
        check_before(CONFIG, [plan("a", address)], values)
    check_before(CONFIG, [plan("a", address, "http://127.0.0.1")], values)
    check_before(replace(CONFIG, base_url="http://127.0.0.1"), [plan("a", address)], values)


@pytest.mark.parametrize(
    "address", ["https://example.com", "about:blank", "data:text/html,x", "{{site}}/a", "{{gone}}"]
)
def test_a_whole_address_needs_none(address: str) -> None:
    check_before(CONFIG, [plan("a", address)], values)


def test_a_storage_state_lies_beside_its_test_and_must_be_there(tmp_path: Path) -> None:
    test = TestCase(
        name="a", file=str(tmp_path / "a.tw.yaml"), line=4, browser=BrowserOptions(storage_state="login.json")
    )
    with pytest.raises(UsageError, match=r'a\.tw\.yaml:4: the storage state of "a" is not there: .*login\.json'):
        check_before(CONFIG, [RunPlan("a", test)], values)
    (tmp_path / "login.json").write_text("{}")
    check_before(CONFIG, [RunPlan("a", test)], values)


@pytest.mark.parametrize(("name", "said"), [("password", "PASSWORD"), ("api-key", "API_KEY"), ("shop.pin", "SHOP_PIN")])
def test_a_secret_s_variable_is_one_that_a_shell_can_set(name: str, said: str) -> None:
    assert secret_variable(name) == f"TIERWRIGHT_SECRET_{said}"
