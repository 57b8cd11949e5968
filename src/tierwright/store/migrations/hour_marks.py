"""Triggers that mark an hour in `analytics_hours` when a row behind its roll-ups changes (docs/decisions/0094).

Part of migration 0002 and frozen with it: a later change of the triggers gets a file and a migration of its own.
"""

from __future__ import annotations

_RUN_COLUMNS = "project, started_at, status, strategy, track_effectiveness, claim_no, duration_ms"
_CHILDREN = ("steps", "tier_execution_logs")

# --- SQLite: one writer, so that marking is one statement ---------------------------------------------------

_SQLITE_MARK = """
    INSERT INTO analytics_hours (project, hour, ends_at, fresh)
    SELECT project, strftime('%Y-%m-%d %H:00:00.000000', started_at),
           strftime('%Y-%m-%d %H:00:00.000000', started_at, '+1 hour'), 0
    FROM {source} WHERE {which}
    ON CONFLICT (project, hour) DO UPDATE SET fresh = 0 WHERE fresh;
"""


def _sqlite_run(side: str) -> str:
    source = f"(SELECT {side}.project AS project, {side}.started_at AS started_at)"
    return _SQLITE_MARK.format(source=source, which="true")


def _sqlite_child(side: str) -> str:
    return _SQLITE_MARK.format(source="test_executions", which=f"id = {side}.test_execution_id")


def _sqlite_trigger(table: str, event: str, what: str, body: str) -> str:
    return f"CREATE TRIGGER hours_{table}_{event} AFTER {what} ON {table} BEGIN {body} END"


def _sqlite() -> tuple[str, ...]:
    run = "test_executions"
    marks = [
        _sqlite_trigger(run, "insert", "INSERT", _sqlite_run("NEW")),
        _sqlite_trigger(run, "delete", "DELETE", _sqlite_run("OLD")),
        _sqlite_trigger(run, "update", f"UPDATE OF {_RUN_COLUMNS}", _sqlite_run("OLD") + _sqlite_run("NEW")),
    ]
    for table in _CHILDREN:
        marks += [
            _sqlite_trigger(table, "insert", "INSERT", _sqlite_child("NEW")),
            _sqlite_trigger(table, "delete", "DELETE", _sqlite_child("OLD")),
            _sqlite_trigger(table, "update", "UPDATE", _sqlite_child("OLD") + _sqlite_child("NEW")),
        ]
    return (*marks, _SQLITE_MARK.format(source=run, which="true"))


# --- PostgreSQL: writers share a lock on the hour that they write in; a refresh takes it alone ---------------

_POSTGRES_MARK = """
CREATE FUNCTION tierwright_mark_hour(its_project text, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $mark$
DECLARE began timestamptz := date_trunc('hour', moment, 'UTC');
BEGIN
    PERFORM 1 FROM analytics_hours WHERE project = its_project AND hour = began AND NOT fresh FOR KEY SHARE;
    IF NOT FOUND THEN
        INSERT INTO analytics_hours (project, hour, ends_at, fresh)
        VALUES (its_project, began, began + interval '1 hour', false)
        ON CONFLICT (project, hour) DO UPDATE SET fresh = false;
    END IF;
END $mark$
"""

_POSTGRES_RUN = """
CREATE FUNCTION tierwright_mark_run() RETURNS trigger LANGUAGE plpgsql AS $mark$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM tierwright_mark_hour(OLD.project, OLD.started_at); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM tierwright_mark_hour(NEW.project, NEW.started_at); END IF;
    RETURN NULL;
END $mark$
"""

_POSTGRES_CHILDREN = """
CREATE FUNCTION tierwright_mark_children() RETURNS trigger LANGUAGE plpgsql AS $mark$
BEGIN
    PERFORM tierwright_mark_hour(project, hour) FROM (
        SELECT DISTINCT run.project, date_trunc('hour', run.started_at, 'UTC') AS hour
        FROM (SELECT DISTINCT test_execution_id AS id FROM changed) AS row JOIN test_executions AS run USING (id)
        ORDER BY 1, 2
    ) AS hours;
    RETURN NULL;
END $mark$
"""


def _postgres_child(table: str, event: str, side: str) -> str:
    return (
        f"CREATE TRIGGER hours_{event}_{side} AFTER {event} ON {table} REFERENCING {side} TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION tierwright_mark_children()"
    )


def _postgres() -> tuple[str, ...]:
    runs = (
        f"CREATE TRIGGER hours AFTER INSERT OR DELETE OR UPDATE OF {_RUN_COLUMNS} ON test_executions "
        "FOR EACH ROW EXECUTE FUNCTION tierwright_mark_run()"
    )
    events = (("insert", "new"), ("delete", "old"), ("update", "old"), ("update", "new"))
    children = [_postgres_child(table, *event) for table in _CHILDREN for event in events]
    there = "SELECT tierwright_mark_hour(project, started_at) FROM test_executions"
    return (_POSTGRES_MARK, _POSTGRES_RUN, _POSTGRES_CHILDREN, runs, *children, there)


MARKS = {"sqlite": _sqlite(), "postgresql": _postgres()}
"""The statements that make the triggers and mark the hours of all runs that are there, by dialect."""
