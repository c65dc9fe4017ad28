"""Compose the songs of the demonstration: the notes of each instrument over time.

A song has up to five parts (drums, bass, chords, melody, counter-melody) over four chords in one
key. Its sections are those of popular songs. The band plays in verses and choruses. One part plays
alone in the introduction, in breaks and at the end, where clips can be cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deep_plunder.util.rng import generator

__all__ = ["KIT", "Note", "Score", "compose"]

KIT = {
    "kick": 0.9,
    "snare": 0.65,
    "hihat": 0.28,
    "open hihat": 0.22,
    "clap": 0.4,
    "tom": 0.6,
    "shaker": 0.2,
    "cowbell": 0.25,
    "wood_block": 0.3,
    "cymbal": 0.35,
}
"""The pieces of the drum kit and their levels, as linear gains."""

_SCALES = ([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 3, 5, 7, 9, 10])
_PROGRESSIONS = ([0, 4, 5, 3], [0, 5, 3, 4], [5, 3, 0, 4], [0, 3, 0, 4], [0, 2, 3, 4], [0, 6, 5, 4])
# Kinds and relative lengths of the sections. The part of a solo is drawn for each section.
_SECTIONS = (
    ("solo", 4),
    ("duo", 4),
    ("verse", 8),
    ("chorus", 8),
    ("solo", 4),
    ("verse", 6),
    ("chorus", 6),
    ("solo", 2),
    ("duo", 2),
    ("solo", 3),
)


@dataclass(frozen=True, slots=True)
class Note:
    """One note.

    Parameters
    ----------
    instrument : str
        Name of the part, or of the piece of the drum kit.
    start_s, held_s, stop_s : float
        Start, time until release, and the time at which it is cut even if it still sounds, in
        seconds. An infinite `stop_s` means never.
    note : int
        MIDI note number.
    gain : float
        Linear gain.
    """

    instrument: str
    start_s: float
    held_s: float
    stop_s: float
    note: int
    gain: float


@dataclass(frozen=True, slots=True)
class Score:
    """A song: its tempo in beats per minute, its length in seconds without the tail, its notes."""

    tempo: float
    seconds: float
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """The four bars that a pitched part repeats: 16 steps per bar, degrees of the scale, gate."""

    steps: tuple[tuple[int, ...], ...]
    degrees: tuple[tuple[int, ...], ...]
    gate: float
    cut: bool
    octave: int
    gain: float


def compose(number: int, *, seed: int) -> Score:
    """Compose one song.

    Parameters
    ----------
    number : int
        Number of the song, from 0. Every seventh is 140 to 165 s long, the others 62 to 100 s.
    seed : int
        The seed of the corpus.

    Returns
    -------
    score : Score
        The song, with its notes in order of time.
    """
    rng = generator(seed, "demo", "score", number)
    tempo = float(rng.uniform(78, 168))
    bar_s = 240.0 / tempo
    seconds = float(rng.uniform(140, 165) if number % 7 == 6 else rng.uniform(62, 100))
    bars = int(np.ceil(seconds / bar_s))
    scale, key = _SCALES[int(rng.integers(3))], int(rng.integers(12))
    chords = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    swing = float(rng.choice([0.0, 0.0, 0.2])) * bar_s / 16
    kit = _draw_kit(rng)
    lines = _draw_lines(rng)
    notes: list[Note] = []
    for first, last, playing, pieces in _draw_sections(rng, bars, kit, list(lines)):
        if "drums" in playing and len(playing) > 2 and rng.random() < 0.7:
            notes.append(Note("cymbal", first * bar_s, 1.0, np.inf, 60, KIT["cymbal"]))
        for bar in range(first, last):
            times = bar * bar_s + np.arange(17) * bar_s / 16 + swing * (np.arange(17) % 2)
            if "drums" in playing:
                fill = bar == last - 1 and last - first > 3
                notes += _drum_bar(rng, {name: kit[name] for name in pieces}, bar, times, fill)
            root = chords[bar % 4]
            for part in playing:
                if part == "chords":
                    notes += _chord_bar(rng, lines[part], bar, times, scale, key, root)
                elif part != "drums":
                    notes += _line_bar(rng, lines[part], part, bar, times, scale, key, root)
    notes.sort(key=lambda note: (note.start_s, note.instrument, note.note))
    return Score(tempo, bars * bar_s, tuple(_choke_hats(notes)))


def _choke_hats(notes: list[Note]) -> list[Note]:
    """End each hi-hat note at the next one, since open and closed hi-hat are one instrument."""
    choked, following = [], np.inf
    for note in reversed(notes):
        if "hihat" in note.instrument:
            note, following = replace(note, stop_s=following), note.start_s
        choked.append(note)
    return choked[::-1]


def _draw_sections(
    rng: np.random.Generator, bars: int, kit: dict[str, list[tuple[int, ...]]], tuned: list[str]
) -> list[tuple[int, int, list[str], list[str]]]:
    """Draw the first bar, the end, the parts and the pieces of the kit of each section."""
    weights = np.array([weight for _, weight in _SECTIONS], dtype=float)
    ends = np.round(np.cumsum(weights) / weights.sum() * bars).astype(int)
    sections = []
    first, last_solo = 0, ""
    for (kind, _), end in zip(_SECTIONS, ends, strict=True):
        pieces = list(kit)
        if kind == "solo":
            alone = ["drums", "drums", *(part for part in tuned if part != "chords")]
            solo = str(rng.choice([part for part in alone if part != last_solo]))
            playing, last_solo = [solo], solo
            if rng.random() < 0.5:
                pieces = [str(rng.choice(pieces)) for _ in range(int(rng.integers(1, 3)))]
        elif kind == "duo":
            playing = [str(part) for part in rng.choice(["drums", *tuned], 2, replace=False)]
        elif kind == "verse":
            playing = ["drums", *(part for part in tuned if rng.random() < 0.7)]
        else:
            playing = ["drums", *tuned]
        if end > first:
            sections.append((first, int(end), playing, sorted(set(pieces))))
        first = int(end)
    return sections


def _draw_kit(rng: np.random.Generator) -> dict[str, list[tuple[int, ...]]]:
    """Draw the steps of each piece of the kit in two alternating bars."""

    def steps(sure: list[int], chance: float, among: range) -> list[tuple[int, ...]]:
        drawn = [{step for step in among if rng.random() < chance} for _ in range(2)]
        return [tuple(sorted({*sure, *more})) for more in drawn]

    four = rng.random() < 0.35
    kit = {
        "kick": steps([0, 4, 8, 12] if four else [0], 0.05 if four else 0.22, range(2, 16, 2)),
        str(rng.choice(["snare", "snare", "clap"])): steps([4, 12], 0.04, range(1, 16)),
        "hihat": steps(list(range(0, 16, int(rng.choice([1, 2, 2, 4])))), 0.08, range(16)),
    }
    if rng.random() < 0.6:
        kit["open hihat"] = steps([14] if rng.random() < 0.5 else [2, 6, 10, 14], 0.0, range(16))
    for piece in ("tom", "shaker", "cowbell", "wood_block"):
        if rng.random() < 0.3:
            kit[piece] = steps([int(rng.integers(16))], 0.15, range(1, 16, 2))
    return kit


def _draw_lines(rng: np.random.Generator) -> dict[str, _Line]:
    """Draw the four bars that each pitched part repeats, in the form A A' A B."""

    def line(
        density: float, spread: int, gate: tuple[float, float], octave: int, gain: float
    ) -> _Line:
        grid = int(rng.choice([1, 2, 2, 4]))
        bars = []
        for _ in range(3):
            steps = [step for step in range(0, 16, grid) if rng.random() < density] or [0]
            walk = np.cumsum(rng.integers(-2, 3, len(steps)))
            bars.append((tuple(steps), tuple(int(degree) for degree in walk % spread)))
        order = [bars[0], bars[1], bars[0], bars[2]]
        return _Line(
            steps=tuple(steps for steps, _ in order),
            degrees=tuple(degrees for _, degrees in order),
            gate=float(rng.uniform(*gate)),
            cut=bool(rng.random() < 0.5),
            octave=octave,
            gain=gain,
        )

    lines = {
        "bass": line(0.45, 5, (0.4, 1.0), 3, 0.6),
        "chords": line(0.25, 1, (0.5, 1.0), 5, 0.26),
        "melody": line(0.5, 9, (0.5, 1.0), 6, 0.5),
    }
    if rng.random() < 0.6:
        lines["counter"] = line(0.8, 7, (0.3, 0.8), 5, 0.32)
    return lines


def _drum_bar(
    rng: np.random.Generator,
    kit: dict[str, list[tuple[int, ...]]],
    bar: int,
    times: np.ndarray,
    fill: bool,
) -> list[Note]:
    notes = []
    for piece, steps in kit.items():
        for step in steps[bar % 2]:
            if fill and step >= 12 and piece != "kick":
                continue
            start = times[step] + rng.normal(0.0, 0.002)
            gain = KIT[piece] * rng.uniform(0.7, 1.0)
            notes.append(Note(piece, max(0.0, float(start)), 0.3, np.inf, 60, float(gain)))
    if fill:
        piece = str(rng.choice(list(kit)))
        for step in range(12, 16, int(rng.choice([1, 2]))):
            gain = KIT[piece] * (0.6 + 0.1 * (step - 12))
            notes.append(Note(piece, float(times[step]), 0.3, np.inf, 60, float(gain)))
    return notes


def _pitch(scale: list[int], key: int, degree: int, octave: int) -> int:
    return 12 * (octave + degree // 7) + key - 6 + scale[degree % 7]


def _line_bar(
    rng: np.random.Generator,
    line: _Line,
    part: str,
    bar: int,
    times: np.ndarray,
    scale: list[int],
    key: int,
    root: int,
) -> list[Note]:
    notes = []
    steps, degrees = line.steps[bar % 4], line.degrees[bar % 4]
    # The bass moves by fifths over the chord, and the counter-melody by thirds.
    stride = {"bass": 4, "counter": 2}.get(part, 1)
    for step, degree, following in zip(steps, degrees, (*steps[1:], 16), strict=True):
        if rng.random() < 0.04:
            continue
        over = 0 if part == "melody" else root
        pitch = _pitch(
            scale, key, over + stride * (degree % (2 if part == "bass" else 9)), line.octave
        )
        start, end = float(times[step]), float(times[following])
        held = round(line.gate * (end - start), 3)
        gain = line.gain * float(rng.uniform(0.75, 1.0))
        notes.append(Note(part, start, held, end if line.cut else np.inf, pitch, gain))
    return notes


def _chord_bar(
    rng: np.random.Generator,
    line: _Line,
    bar: int,
    times: np.ndarray,
    scale: list[int],
    key: int,
    root: int,
) -> list[Note]:
    notes = []
    steps = line.steps[bar % 4]
    voicing = [root, root + 2, root + 4] if root < 3 else [root - 7 + 4, root, root + 2]
    for step, following in zip(steps, (*steps[1:], 16), strict=True):
        start, end = float(times[step]), float(times[following])
        held = round(line.gate * (end - start), 3)
        gain = line.gain * float(rng.uniform(0.8, 1.0))
        notes += [
            Note("chords", start, held, end, _pitch(scale, key, degree, line.octave), gain)
            for degree in voicing
        ]
    return notes
