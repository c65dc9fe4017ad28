"""One definition of usable clips and found regions, for all scores.

The numbers are ours; the paper judges clips by ear.
"""

from __future__ import annotations

__all__ = ["NEAR_S", "PURE", "WHOLE"]

NEAR_S = 0.05
"""A usable clip begins at most so far from a true onset, in seconds (the tolerance of mir_eval)."""

PURE = 0.9
"""At least this share of a usable clip lies in the region to which it belongs."""

WHOLE = 0.8
"""A region is found if one usable clip covers at least this share of it."""
