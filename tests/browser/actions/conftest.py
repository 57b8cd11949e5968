"""The engine on a page, for every test of this folder."""

from tests.browser.engine_fixture import engine, engine_context, stagehand_engine

__all__ = ["engine", "engine_context", "stagehand_engine"]
