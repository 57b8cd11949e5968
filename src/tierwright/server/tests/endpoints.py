"""`/tests`: a project's tests, their versions, copies, import and export."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlalchemy import Row, select

from tierwright.server.access import Caller, Scope, project_for, row_changing, row_of, row_seen
from tierwright.server.bodies import IdInPath, ProjectAsked, RowId, Text
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.tests.schemas import (
    CheckIn,
    CheckOut,
    CloneIn,
    CompileIn,
    DiffOut,
    ImportIn,
    ImportOut,
    RestoreIn,
    StepOut,
    TagOut,
    TestChange,
    TestItem,
    TestNew,
    TestOut,
    VersionItem,
    VersionOut,
)
from tierwright.server.tests.service import (
    Author,
    check_version,
    copy_named,
    create_test,
    delete_test,
    exported,
    free_name,
    import_tests,
    item_of,
    last_runs,
    save_test,
    tag_counts,
    tests_in,
    tier_mixes,
    version_row,
)
from tierwright.server.tests.source import (
    BIG_IMPORT,
    CheckedTest,
    checked,
    checked_all,
    compiled,
    parts_of,
    problems_of,
)
from tierwright.server.transactions import Reading
from tierwright.store.platform_tables import test_versions, tests
from tierwright.testfiles.writer import unified_diff

router = APIRouter(prefix="/tests", tags=["tests"])

VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


async def test_seen(caller: Caller, platform: ThePlatform, test_id: IdInPath) -> Row[Any]:
    """A test that the caller can see. Raises Problem (404)."""
    return await row_seen(caller, platform, tests.c.project_id, test_id, "test")


TestSeen = Annotated[Row[Any], Depends(test_seen)]


async def test_changing(caller: Caller, platform: ThePlatform, test_id: IdInPath) -> Row[Any]:
    """A test that the caller may change. Raises Problem (404, 403)."""
    return await row_changing(caller, platform, tests.c.project_id, test_id, "test")


TestChanging = Annotated[Row[Any], Depends(test_changing)]


async def _shown(platform: Platform, test_id: str) -> TestOut:
    async with platform.database.read() as connection:
        row = await row_of(connection, tests, tests.c.id == test_id, "test")
        last, mixes = await last_runs(connection, [row.id]), await tier_mixes(connection, [row.id])
    parts = await parts_of(row.yaml)
    item = item_of(row).model_copy(update={"last_run": last.get(row.id), "tier_mix": mixes.get(row.id, [])})
    return TestOut(**item.model_dump(), yaml=row.yaml, **parts)


@router.get("")
async def list_tests(
    project: ProjectAsked,
    platform: ThePlatform,
    connection: Reading,
    q: Annotated[Text | None, Query(max_length=200, description="Words of the name.")] = None,
    tag: Annotated[Text | None, Query(max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TestItem]:
    """A project's tests, last changed first, with their newest run."""
    query = tests_in(platform.database, project.id, q=q, tag=tag)
    keys = (tests.c.updated_at, tests.c.id)
    page = await page_of(connection, query, keys, item_of, cursor=cursor, limit=limit)
    ids = [item.id for item in page.items]
    last, mixes = await last_runs(connection, ids), await tier_mixes(connection, ids)
    items = [
        item.model_copy(update={"last_run": last.get(item.id), "tier_mix": mixes.get(item.id, [])})
        for item in page.items
    ]
    return Page(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def make_test(new: TestNew, caller: Caller, platform: ThePlatform) -> TestOut:
    """Store a new test, checked as `tierwright check` checks a file."""
    project = await project_for(platform, caller, new.project_id, to=Scope.WRITE)
    made = await checked(new)
    async with platform.database.write() as connection:
        author = Author(project.id, caller.user_id)
        test_id = await create_test(connection, platform.database, author, made, new.note)
    return await _shown(platform, test_id)


@router.post("/compile")
async def compile_step(body: CompileIn, caller: Caller) -> StepOut:  # noqa: ARG001 - that there is one counts
    """The step that a plain sentence means; 422 says at which column it is not understood, and how to write it."""
    return await compiled(body.sentence)


@router.post("/check")
async def check_test(body: CheckIn, caller: Caller) -> CheckOut:  # noqa: ARG001 - that there is one counts
    """What is wrong with a test's text, as saving it would say; nothing is stored."""
    return CheckOut(problems=await problems_of(body.yaml))


@router.get("/tags")
async def list_tags(project: ProjectAsked, platform: ThePlatform, connection: Reading) -> list[TagOut]:
    """The tags of a project's tests."""
    rows = await tag_counts(connection, platform.database, project.id)
    return [TagOut.model_validate(row, from_attributes=True) for row in rows]


@router.post("/import")
async def import_yaml(body: ImportIn, caller: Caller, platform: ThePlatform) -> ImportOut:
    """Store the tests of a YAML stream: all of them, or none where one is wrong."""
    project = await project_for(platform, caller, body.project_id, to=Scope.WRITE)
    made = await _checked_in_turn(platform, body.yaml)
    author = Author(project.id, caller.user_id)
    async with platform.database.write() as connection:
        return await import_tests(connection, platform.database, author, made, body.on_conflict)


async def _checked_in_turn(platform: Platform, yaml: str) -> tuple[CheckedTest, ...]:
    if len(yaml) <= BIG_IMPORT:
        return await checked_all(yaml)
    async with platform.imports.turn():
        return await checked_all(yaml)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}}}},
)
async def export_yaml(
    project: ProjectAsked,
    connection: Reading,
    ids: Annotated[list[RowId], Query(max_length=1000, description="Left out: all tests of the project.")] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Tests as one YAML stream, which imports back to the same tests."""
    text = await exported(connection, project.id, ids)
    named = {"Content-Disposition": 'attachment; filename="tests.tw.yaml"'}
    return Response(text, media_type="application/yaml", headers=named)


@router.get("/{test_id}")
async def read_test(seen: TestSeen, platform: ThePlatform) -> TestOut:
    """One test, as YAML and taken apart."""
    return await _shown(platform, seen.id)


@router.put("/{test_id}")
async def change_test(change: TestChange, caller: Caller, platform: ThePlatform, row: TestChanging) -> TestOut:
    """Store a test's new text as a new version; nothing changed makes none. 409 when `version` is not the current."""
    check_version(row, change.version)
    made = await checked(change)
    if change.yaml is None:
        made = await _as_before_if_it_says_the_same(row, made)
    async with platform.database.write() as connection:
        author = Author(row.project_id, caller.user_id)
        await save_test(connection, platform.database, author, row, made, change.note)
    return await _shown(platform, row.id)


async def _as_before_if_it_says_the_same(row: Row[Any], made: CheckedTest) -> CheckedTest:
    """Parts that say what the stored text says do not cost it its comments."""
    before = await parts_of(row.yaml)
    same = row.name == made.test.name and row.tags == list(made.test.tags) and before == await parts_of(made.yaml)
    return CheckedTest(row.yaml, made.test) if same else made


@router.delete("/{test_id}", status_code=204)
async def remove_test(platform: ThePlatform, row: TestChanging) -> None:
    """Remove a test with its versions; its runs stay."""
    async with platform.database.write() as connection:
        await delete_test(connection, row.id)


@router.post("/{test_id}/clone", status_code=201)
async def clone_test(body: CloneIn, caller: Caller, platform: ThePlatform, row: TestChanging) -> TestOut:
    """A copy of a test in the same project, under another name."""
    name = body.name
    if name is None:
        async with platform.database.read() as connection:
            name = await free_name(connection, row)
    made = await copy_named(row, name)
    author = Author(row.project_id, caller.user_id)
    async with platform.database.write() as connection:
        note = f"a copy of {row.name}, version {row.version}"
        copy_id = await create_test(connection, platform.database, author, made, note)
    return await _shown(platform, copy_id)


@router.get("/{test_id}/versions")
async def list_versions(
    seen: TestSeen, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[VersionItem]:
    """The versions of a test, newest first."""
    query = select(test_versions).where(test_versions.c.test_id == seen.id)
    keys = (test_versions.c.created_at, test_versions.c.id)
    return await page_of(connection, query, keys, _version, cursor=cursor, limit=limit)


def _version(row: Row[Any]) -> VersionItem:
    return VersionItem.model_validate(row, from_attributes=True)


@router.get("/{test_id}/versions/{version}")
async def read_version(seen: TestSeen, version: VersionNumber, connection: Reading) -> VersionOut:
    """One version of a test."""
    return VersionOut.model_validate(await version_row(connection, seen.id, version), from_attributes=True)


@router.get("/{test_id}/diff")
async def compare_versions(
    seen: TestSeen,
    connection: Reading,
    old: Annotated[VersionNumber, Query(alias="from")],
    new: Annotated[VersionNumber, Query(alias="to")],
) -> DiffOut:
    """What changed between two versions."""
    before, after = await version_row(connection, seen.id, old), await version_row(connection, seen.id, new)
    diff = unified_diff(before.yaml, after.yaml, f"version {old}", f"version {new}")
    return DiffOut(from_version=old, to_version=new, diff=diff)


@router.post("/{test_id}/versions/{version}/restore")
async def restore_version(
    body: RestoreIn, caller: Caller, platform: ThePlatform, row: TestChanging, version: VersionNumber
) -> TestOut:
    """Make an older version the current one again, as a new version."""
    check_version(row, body.version)
    async with platform.database.read() as connection:
        old = await version_row(connection, row.id, version)
    (made,) = await checked_all(old.yaml)
    async with platform.database.write() as connection:
        author, note = Author(row.project_id, caller.user_id), f"version {version} again"
        await save_test(connection, platform.database, author, row, made, note)
    return await _shown(platform, row.id)
