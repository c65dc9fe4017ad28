"""Draw the patterns of a track: hits on a grid of rows, as in a tracker or step sequencer.

A hit names an instrument by its index in the track. Pitches are in semitones above the
instrument's own pitch. Melodies are random walks over a scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.mixes.scenes.settings import Arpeggio, NoteSettings, Slide, Vibrato
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.util.rng import chance, pick, uniform

__all__ = ["SCALES", "Hit", "Style", "draw_pattern", "draw_style"]

SCALES: tuple[tuple[int, ...], ...] = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 3, 5, 7, 10),
    (0, 2, 4, 7, 9),
    (0,),
    (0, 7),
    (0, 12),
    tuple(range(12)),
)
_CHORDS = ((4, 7), (3, 7), (7,), (12,), (5,), (3,), (4,), (3, 7, 10))
_STEADY = ("kit", "drum", "effects", "loop")


@dataclass(frozen=True, slots=True)
class Hit:
    """A note in a pattern.

    Attributes
    ----------
    row : int
        Row of the pattern.
    place : int
        Index of the instrument in the track.
    semitones : float
        Pitch above the instrument's own, in semitones.
    velocity : float
        Amplitude, above 0 and up to 1.
    motion : NoteSettings
        Glide, vibrato or arpeggio of the note.
    """

    row: int
    place: int
    semitones: float
    velocity: float
    motion: NoteSettings


@dataclass(frozen=True, slots=True)
class Style:
    """The manner of playing that the patterns of a track share.

    Attributes
    ----------
    role : str
        One of `spec.ROLES`.
    rows : int
        Length of a pattern, in rows.
    density : float
        Probability of a hit in a row that may have one. Rows on a beat have 1.6 times this.
    steps : int
        Distance between rows that may have a hit.
    softest : float
        Lowest velocity.
    base : float
        Middle of the melody, in semitones.
    span : int
        Twice the largest interval from note to note, in steps of the scale.
    scale : tuple of int
        Semitones of the scale.
    drums, tones : tuple of int
        Indices of the instruments for drum hits and for melodies.
    together : bool
        Whether a row may have hits of several drums, or the notes of a chord.
    motion : tuple of str
        The motions that notes may have: `"slides"`, `"vibrato"`, `"arpeggio"`.
    """

    role: str
    rows: int
    density: float
    steps: int
    softest: float
    base: float
    span: int
    scale: tuple[int, ...]
    drums: tuple[int, ...]
    tones: tuple[int, ...]
    together: bool
    motion: tuple[str, ...]


def draw_style(
    rng: np.random.Generator,
    spec: SceneSpec,
    *,
    role: str,
    key: int,
    scale: tuple[int, ...],
    drums: Sequence[int],
    tones: Sequence[int],
    together: bool,
) -> Style:
    """Draw the style of a track.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    role : str
        One of `spec.ROLES`.
    key : int
        Key of the scene, in semitones.
    scale : tuple of int
        Scale of the scene, in semitones.
    drums, tones : sequence of int
        Indices of the instruments for drum hits and for melodies.
    together : bool
        Whether a row may have hits of several drums, or the notes of a chord.

    Returns
    -------
    style : Style
        The style.

    Examples
    --------
    >>> style = draw_style(
    ...     np.random.default_rng(1), SceneSpec(), role="bass", key=0, scale=(0, 2, 4),
    ...     drums=[], tones=[3], together=False,
    ... )
    >>> style.role, style.tones
    ('bass', (3,))
    """
    base = float(rng.integers(-24, -6) if role == "bass" else rng.integers(-12, 13))
    density = uniform(rng, 0.02, 0.1) if role == "effects" else 10 ** uniform(rng, -1.1, 0)
    motions = ("slides", "vibrato", "arpeggio") if tones else ()
    return Style(
        role=role,
        rows=pick(rng, (8, 16, 16, 32, 32, 64)),
        density=density,
        steps=1 if role == "kit" else pick(rng, (1, 2, 2, 4)),
        softest=uniform(rng, 0.25, 0.9) if chance(rng, spec.velocities) else 1.0,
        base=key + base + float(rng.normal(0, 0.15)),
        span=int(rng.integers(1, 10)),
        scale=scale,
        drums=tuple(drums),
        tones=tuple(tones),
        together=together,
        motion=tuple(name for name in motions if chance(rng, getattr(spec, name))),
    )


def _motion(rng: np.random.Generator, names: Sequence[str]) -> NoteSettings:
    slide = vibrato = arpeggio = None
    if "slides" in names and chance(rng, 0.5):
        slide = Slide(slide=uniform(rng, -24, 24), slide_s=uniform(rng, 0.05, 0.4))
    if "vibrato" in names:
        vibrato = Vibrato(vibrato=uniform(rng, 0.1, 0.8), vibrato_hz=uniform(rng, 4, 8))
    if "arpeggio" in names:
        first, second = pick(rng, ((4, 7), (3, 7), (5, 9), (12, 0), (7, 12)))
        tick_s = uniform(rng, 0.015, 0.03)
        arpeggio = Arpeggio(arpeggio_1=first, arpeggio_2=second, tick_s=tick_s)
    return NoteSettings(slide=slide, vibrato=vibrato, arpeggio=arpeggio)


def _stroke_place(rng: np.random.Generator, style: Style, row: int, *, beat: bool) -> int:
    count = len(style.drums)
    if not beat or count < 2:
        return style.drums[int(rng.integers(count))]
    if row % 8 == 0:
        return style.drums[0]
    if row % 8 == 4:
        return style.drums[1]
    if row % 2 == 0:
        return style.drums[min(2, count - 1)]
    return style.drums[int(rng.integers(count))]


def draw_pattern(rng: np.random.Generator, style: Style) -> list[Hit]:
    """Draw one pattern.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    style : Style
        The style of the track.

    Returns
    -------
    hits : list of Hit
        The hits in order of rows.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> style = draw_style(
    ...     rng, SceneSpec(), role="bass", key=0, scale=(0, 2, 4),
    ...     drums=[], tones=[3], together=False,
    ... )
    >>> rows = [hit.row for hit in draw_pattern(rng, style)]
    >>> rows == sorted(rows)
    True
    """
    hits: list[Hit] = []
    scale = style.scale
    degree = int(rng.integers(len(scale) * 2))
    beat = chance(rng, 0.7)
    for row in range(0, style.rows, style.steps):
        if not chance(rng, style.density * (1.6 if row % 4 == 0 else 1.0)):
            continue
        velocity = uniform(rng, style.softest, 1)
        if style.drums and (style.role in _STEADY or not style.tones or chance(rng, 0.6)):
            place = _stroke_place(rng, style, row, beat=beat)
            hits.append(Hit(row, place, 0.0, velocity, NoteSettings()))
            others = [other for other in style.drums if other != place]
            if style.together and others and chance(rng, 0.4):
                other = pick(rng, others)
                level = velocity * uniform(rng, 0.1, 1)
                hits.append(Hit(row, other, 0.0, level, NoteSettings()))
            continue
        if chance(rng, 0.8):
            step = int(rng.integers(-style.span, style.span + 1)) // 2
            degree = int(np.clip(degree + step, -7, 14))
        octave, note = divmod(degree, len(scale))
        semitones = style.base + scale[note] + 12 * int(np.clip(octave, -1, 2))
        if style.role == "bass":
            semitones = style.base + scale[note] + 12 * chance(rng, 0.2)
        place, motion = pick(rng, style.tones), _motion(rng, style.motion)
        hits.append(Hit(row, place, semitones, velocity, motion))
        if style.together:
            for above in pick(rng, _CHORDS):
                level = velocity * uniform(rng, 0.4, 1)
                hits.append(Hit(row, place, semitones + above, level, motion))
    return hits
