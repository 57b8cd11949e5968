"""States for fault tests: the fixtures of the store's tests, on the machine's own clock."""

from __future__ import annotations

from tests.store.conftest import postgres_server, postgres_url, state_address  # noqa: F401 - fixtures used by name
