"""The scale of detailed features for networks, and the first biases of outputs.

The networks for detailed features share these numbers, and otherwise depend on nothing of each
other.
"""

from __future__ import annotations

from deep_plunder.features.detailed import LOWEST, STEPS

__all__ = ["LEVEL_OFFSET", "LEVEL_SCALE", "OUTPUT_BIASES"]

LEVEL_MEAN = -5.0
"""Mean of the levels of scenes, natural logarithm (ours)."""
LEVEL_DEVIATION = 3.0
"""Standard deviation of the same."""
OUTPUT_BIASES = (-3.5, -3.5, -1.5, -1.0)
"""Initial biases of the outputs: about how rare onsets, offsets and frames of lone sounds are."""
LEVEL_SCALE = 1 / (STEPS * LEVEL_DEVIATION)
LEVEL_OFFSET = (LOWEST - LEVEL_MEAN) / LEVEL_DEVIATION
"""Scale and offset from bytes to numbers of mean 0 and deviation 1."""
