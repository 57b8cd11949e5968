"""Test files: what is valid is loaded as written, and everything else is told with its place, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierwright.core.steps import Action, BrowserOptions, Condition, HttpCredentials
from tierwright.testfiles.loader import Loaded, load


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, **overrides: str) -> Loaded:
    return load([put(folder, "a.tw.yaml", text)], overrides=overrides)


def problems(folder: Path, text: str) -> list[str]:
    return [str(p).removeprefix(f"{folder}/") for p in loaded(folder, text).problems]


def steps_problems(folder: Path, *lines: str) -> list[str]:
    return problems(folder, "name: t\nsteps:\n" + "".join(f"  {line}\n" for line in lines))


CONTRACT = """\
name: Sign in and see the dashboard
base_url: http://127.0.0.1:8000
tags: [smoke]
variables: {user: admin}
secrets: [password]
browser:
  viewport: 1280x720
  locale: de-DE
  storage_state: state.json
  http_credentials: {username: "{{user}}", password: "{{password}}"}
setup:
  - Go to "/login"
steps:
  - action: fill
    instruction: Enter the user name in the Username field
    selector: "#id_username"
    value: "{{user}}"
  - action: press
    key: ctrl+a
  - action: expect
    selector: tr
    condition: count
    value: 3
    frame: [iframe.a, iframe.b]
    timeout_seconds: 2.5
    optional: true
  - Click the "Log out" button          # a comment
teardown:
  - {action: upload, selector: input, files: 007.png}
examples:
  - {user: ada, code: 007}
  - {user: bob, code: 2024-01-01}
"""


def test_a_whole_test_is_loaded_as_written(tmp_path: Path):
    result = loaded(tmp_path, CONTRACT)

    assert result.problems == ()
    (test,) = result.tests
    assert (test.name, test.base_url, test.tags, test.secrets) == (
        "Sign in and see the dashboard",
        "http://127.0.0.1:8000",
        ("smoke",),
        ("password",),
    )
    assert test.browser == BrowserOptions(
        viewport=(1280, 720),
        locale="de-DE",
        storage_state="state.json",
        http_credentials=HttpCredentials("{{user}}", "{{password}}"),
    )
    assert [step.action for step in test.all_steps] == [
        Action.NAVIGATE,
        Action.FILL,
        Action.PRESS,
        Action.EXPECT,
        Action.CLICK,
        Action.UPLOAD,
    ]
    assert test.steps[1].key == "Control+a"
    expect = test.steps[2]
    assert (expect.condition, expect.value, expect.frame) == (Condition.COUNT, "3", ("iframe.a", "iframe.b"))
    assert (expect.timeout_seconds, expect.optional) == (2.5, True)
    assert test.teardown[0].files == ("007.png",)
    assert [dict(row) for row in test.examples] == [
        {"user": "ada", "code": "007"},
        {"user": "bob", "code": "2024-01-01"},
    ]


def test_a_step_knows_its_place_and_its_sentence(tmp_path: Path):
    step = loaded(tmp_path, CONTRACT).tests[0].steps[-1]

    assert (step.origin.line, step.origin.column) == (27, 5)
    assert step.origin.sentence == 'Click the "Log out" button'
    assert step.instruction == 'the "Log out" button'


def test_variables_given_with_the_command_win(tmp_path: Path):
    test = loaded(tmp_path, CONTRACT, user="eve", extra="1").tests[0]

    assert dict(test.variables) == {"user": "eve", "extra": "1"}
    assert [row["user"] for row in test.examples] == ["eve", "eve"]


def test_wait_for_waits_until_visible_when_it_says_nothing(tmp_path: Path):
    result = loaded(tmp_path, "name: t\nsteps:\n  - {action: wait_for, selector: a}\n")

    assert result.tests[0].steps[0].condition is Condition.VISIBLE


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "- {action: click, selektor: a, instruction: b}",
            'a.tw.yaml:3:21: unknown key "selektor" in a step; did you mean "selector"?',
        ),
        ("- {action: clik, selector: a}", 'a.tw.yaml:3:14: "clik" is no action; did you mean "click"?'),
        ("- {action: expect, selector: a, condition: visibel}", 'is no condition; did you mean "visible"?'),
        ("- {selector: a}", 'a.tw.yaml:3:5: a step needs "action"'),
        ("- {action: click}", 'a click step needs "instruction" or "selector"'),
        ("- {action: click, selector: a, value: b}", '"value" means nothing in this click step'),
        ("- {action: click, selector: a, key: b}", '"key" means nothing in this click step: only press has one'),
        ("- {action: navigate}", 'a navigate step needs "value"'),
        ("- {action: navigate, value: /, selector: a}", '"selector" means nothing in this navigate step'),
        ("- {action: fill, selector: a}", 'a fill step needs "value"'),
        ("- {action: fill, selector: a, value: }", 'the empty text is written ""'),
        ("- {action: fill, selector: a, value: true}", "put it in quotes"),
        ("- {action: fill, selector: a, value: {{user}}}", "put it in quotes, for YAML reads { as a mapping"),
        ("- {action: fill, selector: a, value: [1]}", '"value" must be text, not a list'),
        ('- {action: fill, selector: a, value: "{{usr}}"}', "the variable {{usr}} is not defined"),
        ('- {action: fill, selector: a, value: "{{a b}}"}', "{{a b}} is no variable"),
        ("- {action: press}", 'a press step needs "key"'),
        ("- {action: press, key: Entr}", '"Entr" is not a key; did you mean "Enter"?'),
        ("- {action: drag, selector: a}", 'a drag step needs "target"'),
        ("- {action: upload, selector: a}", 'a upload step needs "files"'),
        ("- {action: expect, selector: a}", 'an expect step needs "condition"'),
        ("- {action: expect, condition: text, selector: a}", 'the condition "text" needs "value"'),
        ("- {action: expect, condition: visible, selector: a, value: b}", '"value" means nothing'),
        ("- {action: expect, condition: visible}", 'needs "instruction" or "selector"'),
        ("- {action: expect, condition: url, value: /, selector: a}", "about the page, not an element"),
        ("- {action: expect, condition: attribute, selector: a, value: b}", 'needs "attribute"'),
        ("- {action: expect, condition: text, selector: a, value: b, attribute: c}", '"attribute" means nothing'),
        ("- {action: expect, condition: count, selector: a, value: two}", "write a whole number"),
        ('- {action: expect, condition: matches, selector: a, value: "("}', "is no regular expression"),
        ("- {action: click, selector: a, timeout_seconds: 0}", "must be a number of seconds above 0"),
        ("- {action: click, selector: a, timeout_seconds: soon}", "must be a number of seconds above 0"),
        ("- {action: click, selector: a, optional: yes}", "in YAML 1.2 yes is a text"),
        ("- {action: click, selector: a, selector: b}", 'the key "selector" stands twice in a step'),
        ('- {action: click, selector: ""}', '"selector" must not be empty'),
        ("- {action: scroll}", 'a scroll step needs "instruction", "selector" or "value"'),
        ("- {action: scroll, value: botom}", "is no way to scroll; write top, bottom, up, down"),
        ("- {action: scroll, value: down, selector: a}", "it scrolls to its element"),
        ("- {action: dialog}", 'a dialog step needs "value"'),
        ("- Clik it", 'a.tw.yaml:3:5: "Clik" is not a verb the grammar knows'),
        ('- Click the blue "Save" button', "a.tw.yaml:3:11: what"),
        ('- Click "Item #5" ', "a.tw.yaml"),
        ('- The "Total" says: 5', "must stand in single quotes, whole"),
        ("- [a]", "a step must be a mapping of keys and values, not a list"),
        ("- !secret x", "tags are not used in test files"),
        ("- !!python/object:os.system x", "tags are not used in test files"),
        ("- {include: gone.yaml}", "there is no file"),
        ("- {action: click, selector: a, <<: b}", "merge keys"),
    ],
)
def test_an_error_names_place_key_and_the_way_out(tmp_path: Path, line: str, said: str):
    found = steps_problems(tmp_path, line)

    if line == '- Click "Item #5" ':  # YAML sees a comment here
        assert any("begins a comment" in problem for problem in found)
    else:
        assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [Go back]", 'a test needs "name"'),
        ("name: a", 'a test needs "steps"'),
        ("name: a\nsteps: []", '"steps" has no step'),
        ("name: a\nbrowser: {locale: de DE}\nsteps: [Go back]", 'a.tw.yaml:2:19: "de DE" is no locale'),
        ('name: ""\nsteps: [Go back]', '"name" must not be empty'),
        ("name: a\nstps: []\nsteps: [Go back]", 'unknown key "stps" in a test; did you mean "steps"?'),
        ("- a", "a test must be a mapping of keys and values, not a list"),
        ("", "is empty: it holds no test"),
        ("# only a comment\n", "is empty: it holds no test"),
        ("name: [a\n", "is not YAML"),
        ("name: a\nsteps: [Go back]\nvariables: {a: '{{b}}'}", "uses another"),
        ("name: a\nsteps: [Go back]\nvariables: {a b: c}", "cannot be the name of a variable"),
        ("name: a\nsteps: [Go back]\nvariables: {pw: x}\nsecrets: [pw]", "TIERWRIGHT_SECRET_PW"),
        ("name: a\nsteps: [Go back]\nexamples: [{a: 1}, {b: 1}]", "do not have the same names: a, b"),
        ("name: a\nsteps: [Go back]\nexamples: []", '"examples" has no rows'),
        ("name: a\nsteps: [Go back]\nbrowser: {viewport: big}", "such as 1280x720"),
        ("name: a\nsteps: [Go back]\nbrowser: {http_credentials: {username: a}}", 'needs "password"'),
        ("name: a\nsteps: [Go back]\ntags: {a: b}", '"tags" must be a list of texts, not a mapping'),
        ("name: a\nsteps: [Go back]\n---\nname: a\nsteps: [Go back]", 'the name "a" is taken by the test in'),
        ("[" * 2000, "is n"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nname: t\nsteps: *c", 'unknown key "a" in a test'),
        ("name: t\nsteps: &s [*s]", "a step must be a mapping"),
    ],
)
def test_a_file_that_is_no_test_says_so(tmp_path: Path, text: str, said: str):
    found = problems(tmp_path, text)

    assert any(said in problem for problem in found), found
    assert all(problem.startswith("a.tw.yaml") for problem in found)


def test_all_errors_of_all_files_are_told_at_once_and_in_order(tmp_path: Path):
    put(tmp_path, "a.tw.yaml", "name: a\nsteps:\n  - Clik x\n  - {action: fill, selectr: b}\n")
    put(tmp_path, "b/b.tw.yaml", "name: b\n")

    result = load([tmp_path], overrides={})

    assert result.tests == ()
    assert [(Path(p.file).name, p.line) for p in result.problems] == [
        ("a.tw.yaml", 3),
        ("a.tw.yaml", 4),
        ("a.tw.yaml", 4),
        ("a.tw.yaml", 4),
        ("b.tw.yaml", 1),
    ]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path):
    (tmp_path / "latin.tw.yaml").write_bytes(b"name: a\nx: \xe9\n")
    (tmp_path / "huge.tw.yaml").write_bytes(b"#" * (1024 * 1024 + 1))

    result = load([tmp_path, tmp_path / "gone.yaml"], overrides={"a b": "c"})

    said = sorted(str(problem).rsplit("/", 1)[-1] for problem in result.problems)
    assert [text.split(":")[0] for text in said] == ["--var", "gone.yaml", "huge.tw.yaml", "latin.tw.yaml"]
    assert any("latin.tw.yaml:2:4: is not UTF-8" in text for text in said)


def test_a_directory_gives_its_test_files_and_not_what_they_include(tmp_path: Path):
    put(tmp_path, "b.tw.yaml", "name: b\ninclude: shared/login.tw.yaml\nsteps: [Go back]")
    put(tmp_path, "a.tw.yaml", "name: a\nsteps: [{include: shared/login.tw.yaml}]")
    put(tmp_path, "shared/login.tw.yaml", "steps: [Go to '/login']")
    put(tmp_path, "tierwright.lock.yaml", "steps: {}")
    put(tmp_path, "notes.yaml", "- nothing")

    result = load([tmp_path, tmp_path / "a.tw.yaml"], overrides={})

    assert result.problems == ()
    assert [test.name for test in result.tests] == ["a", "b"]
    assert [[step.action.value for step in test.steps] for test in result.tests] == [
        ["navigate"],
        ["navigate", "go_back"],
    ]


def test_an_empty_directory_and_a_lock_file_hold_no_tests(tmp_path: Path):
    lock = put(tmp_path, "tierwright.lock.yaml", "a: b")

    said = [problem.message for problem in load([tmp_path, lock], overrides={}).problems]

    assert said == ["holds no *.tw.yaml file", "holds baselines, not tests"]


def test_an_include_takes_its_variables_from_the_test_and_then_from_its_own(tmp_path: Path):
    put(
        tmp_path,
        "login.yaml",
        'variables: {user: guest, colour: red}\nsteps:\n  - Enter "{{user}}" in User\n'
        '  - Enter "{{colour}}" in Colour\n'
        '  - Enter "{{mine}}" in Mine\n',
    )
    text = (
        "name: t\nvariables: {colour: blue, other: x}\n"
        "steps:\n  - {include: login.yaml, variables: {user: '{{other}}', mine: 7}}\n"
    )

    result = loaded(tmp_path, text)

    assert result.problems == ()
    steps = result.tests[0].steps
    assert [step.value for step in steps] == ["{{other}}", "{{colour}}", "7"]
    assert steps[0].origin.file == str(tmp_path / "login.yaml")
    assert steps[0].origin.line == 3


def test_an_included_file_brings_the_files_that_it_includes_itself(tmp_path: Path):
    put(tmp_path, "shared/pay.yaml", "include: {file: open.yaml, variables: {page: /pay}}\nsteps: [Go back]")
    put(tmp_path, "shared/open.yaml", 'steps:\n  - Go to "{{page}}"\n')

    result = loaded(tmp_path, "name: t\ninclude: shared/pay.yaml\nsteps: [Reload the page]")

    assert result.problems == ()
    assert [(step.action.value, step.value) for step in result.tests[0].steps] == [
        ("navigate", "/pay"),
        ("go_back", None),
        ("reload", None),
    ]


def test_an_undefined_variable_of_an_include_is_found(tmp_path: Path):
    put(tmp_path, "login.yaml", 'steps:\n  - Enter "{{user}}" in User\n')

    result = loaded(tmp_path, "name: t\ninclude: [login.yaml]\nsteps: [Go back]")

    assert [str(p) for p in result.problems] == [f"{tmp_path}/login.yaml:2:5: the variable {{{{user}}}} is not defined"]


@pytest.mark.parametrize(
    "inner", ["steps: [{include: a.tw.yaml}]", "steps: [{include: b.yaml}]", "include: b.yaml\nsteps: [Go back]"]
)
def test_an_include_that_comes_back_to_itself_is_an_error(tmp_path: Path, inner: str):
    put(tmp_path, "b.yaml", inner)

    result = loaded(tmp_path, "name: t\nsteps: [{include: b.yaml}]")

    assert any("includes itself" in problem.message for problem in result.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [Go back]\n---\nsteps: [Go back]", "must hold one document, not 2"),
        ("name: x", 'an included file needs "steps"'),
        ("steps: [Clik]", "is not a verb"),
        ("- x", "an included file must be a mapping"),
    ],
)
def test_errors_of_an_included_file_are_told_with_its_name(tmp_path: Path, text: str, said: str):
    put(tmp_path, "b.yaml", text)

    result = loaded(tmp_path, "name: t\nsteps: [{include: b.yaml}]")

    assert [said in problem.message for problem in result.problems] == [True]


def test_a_secret_is_never_taken_from_the_command_line(tmp_path: Path):
    result = loaded(tmp_path, "name: t\nsecrets: [pw]\nsteps: [Go back]", pw="x")

    assert "cannot be given by --var; set TIERWRIGHT_SECRET_PW" in result.problems[0].message


def test_an_error_in_a_quoted_sentence_names_its_column(tmp_path: Path):
    (problem,) = loaded(tmp_path, "name: t\nsteps:\n  - 'Click the blue \"Save\" button'\n").problems

    assert (problem.line, problem.column) == (3, 12)
