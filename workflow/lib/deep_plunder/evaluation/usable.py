"""Constants that define usable clips and found regions, for all scores.

The values are ours; the paper judges clips by ear.
"""

from __future__ import annotations

__all__ = ["NEAR_S", "PURE", "WHOLE"]

NEAR_S = 0.05
"""Greatest distance of a usable clip's onset from a true one, in seconds (as in mir_eval)."""

PURE = 0.9
"""Least share of a usable clip that lies in the region to which it belongs."""

WHOLE = 0.8
"""Least share of a found region that one usable clip covers."""
