"""What somebody who starts runs, now or by a schedule, may want otherwise than the test and the settings say."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt

from tierwright.core.config import ScreenshotMode, TraceMode
from tierwright.core.steps import LANGUAGE_TAG
from tierwright.core.strategy import FallbackStrategy
from tierwright.server.bodies import Body, Text
from tierwright.server.projects.settings import ModelName

_ADDRESS = re.compile(r"https?://[^\s/]+.*")
_NAME = r"^[A-Za-z_][A-Za-z0-9_.-]*$"
MOST_RETRIES = 10


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("must be an address such as http://127.0.0.1:8000")
    return text


def _locale(text: str) -> str:
    if not LANGUAGE_TAG.fullmatch(text):
        raise ValueError("is no locale; write one such as de-DE")
    return text


Side = Annotated[StrictInt, Field(ge=1, le=99999)]


class Viewport(Body):
    """Width and height of the page in CSS pixels."""

    width: Side
    height: Side


class BrowserOverrides(Body):
    """How the browser is opened."""

    viewport: Viewport | None = None
    locale: Annotated[Text, AfterValidator(_locale)] | None = None


class Overrides(Body):
    """What comes before the tests' own words and the starter's settings; what is left out does not."""

    strategy: FallbackStrategy | None = None
    base_url: Annotated[Text, Field(max_length=2000), AfterValidator(_address)] | None = None
    browser: BrowserOverrides | None = None
    variables: dict[Annotated[str, Field(pattern=_NAME)], Text] | None = None
    retries: Annotated[StrictInt, Field(ge=0, le=MOST_RETRIES)] | None = None
    trace: TraceMode | None = None
    screenshots: ScreenshotMode | None = None
    model: ModelName | None = None

    def stored(self) -> dict[str, Any]:
        """What was said, as a run's request keeps it."""
        return self.model_dump(mode="json", exclude_unset=True)
