"""A few of the disturbances of ``python -m tests.kills``."""

from collections.abc import Callable

import pytest

from tests.kills.disturb import disturbed

from .conftest import Run

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize(
    ("stage", "disturbance"),
    [("mixes", "input"), ("features", "kill"), ("training", "interrupt"), ("extraction", "twice")],
)
def test_a_disturbed_run_ends_as_an_undisturbed_one(
    copy_run: Callable[..., Run], stage: str, disturbance: str
) -> None:
    disturbed(copy_run(), stage, disturbance, 0.5)
