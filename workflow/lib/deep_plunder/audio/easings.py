"""The names of the easing curves, which plans hold; `fades` evaluates the curves."""

from __future__ import annotations

__all__ = ["EASINGS", "FAMILIES", "FORMS"]

FAMILIES = ("quad", "cubic", "quart", "quint", "sine", "circ", "expo")
"""From the mildest to the sharpest fade."""

FORMS = ("in", "out", "inout")
"""Slow at the start, slow at the end, slow at both."""

EASINGS: tuple[str, ...] = tuple(f"{family}_{form}" for family in FAMILIES for form in FORMS)
"""Names of all curves: ``FAMILY_FORM``, e.g. ``"quad_in"``."""
