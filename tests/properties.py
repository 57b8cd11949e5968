"""How property tests draw: on CI the same examples in every run, elsewhere new ones each time."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants


def load_profile(env: Mapping[str, str]) -> None:
    """Choose by the environment: CI must not fail on an example that its commit has nothing to do with."""
    # Time is no property: what is too slow is seen by the timeout of the test.
    settings.register_profile("explore", derandomize=False, deadline=None)
    settings.register_profile(
        "same",
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    on_ci = env.get("CI") == "true"
    if on_ci:
        # It also draws constants out of our source, as far as that is imported: by other tests, in an order of theirs.
        HypothesisProvider._local_constants = Constants()
    settings.load_profile("same" if on_ci else "explore")
