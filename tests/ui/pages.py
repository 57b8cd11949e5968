"""Every page of the web interface, for what each of them must hold: a new page is one line here."""

from __future__ import annotations

from dataclasses import dataclass

from tests.ui.serving import DEMO_SCHEDULE, DEMO_SUITE, DEMO_TEST, HEALED_STEP

from tierwright.demo.assets import REMOVED_TEST


@dataclass(frozen=True)
class UiPage:
    """A page. `path` may name `{project}`, `{test}`, `{suite}`, `{schedule}`, `{run}`, `{heal}`,
    `{failed_run}`; `title` is its `h1`."""

    name: str
    path: str
    title: str


PAGES = (
    UiPage("dashboard", "/p/{project}/", "Dashboard"),
    UiPage("tests", "/p/{project}/tests", "Tests"),
    UiPage("new-test", "/p/{project}/tests/new", "New test"),
    UiPage("suites", "/p/{project}/suites", "Suites"),
    UiPage("suite", "/p/{project}/suites/{suite}", DEMO_SUITE),
    UiPage("schedules", "/p/{project}/schedules", "Schedules"),
    UiPage("new-schedule", "/p/{project}/schedules/new", "New schedule"),
    UiPage("schedule", "/p/{project}/schedules/{schedule}", DEMO_SCHEDULE),
    UiPage("test", "/p/{project}/tests/{test}", DEMO_TEST),
    UiPage("versions", "/p/{project}/tests/{test}/versions", f"Versions of {DEMO_TEST}"),
    UiPage("runs", "/p/{project}/runs", "Runs"),
    UiPage("run", "/p/{project}/runs/{run}", DEMO_TEST),
    UiPage("failed-run", "/p/{project}/runs/{failed_run}", REMOVED_TEST),
    UiPage("heals", "/p/{project}/heals", "Heals"),
    UiPage("heal", "/p/{project}/heals/{heal}", HEALED_STEP),
    UiPage("account", "/account", "My account"),
    UiPage("tokens", "/account/tokens", "API tokens"),
    UiPage("users", "/users", "Users"),
    UiPage("projects", "/projects", "Projects"),
    UiPage("project", "/projects/{project}", "testuser"),
    UiPage("missing", "/p/no-such-project/", "There is nothing here"),
    UiPage("analytics", "/p/{project}/analytics", "Analytics"),
    UiPage("settings", "/p/{project}/settings", "Settings: Execution"),
    UiPage("project-settings", "/p/{project}/settings/project", "Settings: Project"),
    UiPage("cache", "/p/{project}/settings/cache", "Settings: Cache"),
)
