"""What execution settings look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from tierwright.core.settings import RETRIES_RANGE, TIMEOUT_RANGE_SECONDS
from tierwright.core.strategy import FallbackStrategy

TimeoutSeconds = Annotated[float, Field(ge=TIMEOUT_RANGE_SECONDS[0], le=TIMEOUT_RANGE_SECONDS[1], strict=True)]
Retries = Annotated[StrictInt, Field(ge=RETRIES_RANGE[0], le=RETRIES_RANGE[1])]


class ExecutionSettingsOut(BaseModel):
    """A user's settings."""

    id: int
    user_id: str
    fallback_strategy: FallbackStrategy
    tier1_timeout_seconds: float
    tier2_timeout_seconds: float
    tier3_timeout_seconds: float
    max_retries_per_tier: int
    track_effectiveness: bool
    created_at: datetime
    updated_at: datetime


class ExecutionSettingsChange(BaseModel):
    """Any of the six settings; what is left out stays. Unknown fields and nulls are refused."""

    model_config = ConfigDict(extra="forbid")

    fallback_strategy: FallbackStrategy | None = None
    tier1_timeout_seconds: TimeoutSeconds | None = None
    tier2_timeout_seconds: TimeoutSeconds | None = None
    tier3_timeout_seconds: TimeoutSeconds | None = None
    max_retries_per_tier: Retries | None = None
    track_effectiveness: StrictBool | None = None

    @model_validator(mode="after")
    def _no_nulls(self) -> Self:
        nulls = sorted(name for name in self.model_fields_set if getattr(self, name) is None)
        if nulls:
            raise ValueError(f"must not be null: {', '.join(nulls)}")
        return self
