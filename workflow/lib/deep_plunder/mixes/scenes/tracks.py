"""Draw the tracks of a scene: instruments, patterns, layers, echoes and panning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deep_plunder.mixes.scenes.patterns import Hit, draw_pattern, draw_style
from deep_plunder.mixes.scenes.settings import Delay
from deep_plunder.mixes.scenes.spec import PANNINGS, ROLES, SceneSpec
from deep_plunder.mixes.scenes.timbres import Instrument, Palette
from deep_plunder.util.rng import chance, pick, uniform, weighted

__all__ = ["Track", "draw_echoes", "draw_layers", "draw_track", "place_tracks"]


@dataclass
class Track:
    """A track of a planned scene.

    Attributes
    ----------
    instruments : list of Instrument
        Its instruments.
    patterns : list of list of Hit
        Its patterns. A hit names an instrument by its index.
    rows : int
        Length of a pattern, in rows.
    gain_db : float
        Level, in dB.
    monophonic : bool
        Whether a note cuts the note before it.
    gate : int
        Rows after which a note is cut; 0 for never.
    release_s : float
        Time in which a cut note fades out, in seconds.
    group : int
        Number of the track that this one is a layer or echo of; its own number otherwise.
    reverb_db : float or None
        Level of its send to the reverberation, in dB.
    delay : Delay or None
        Its send to a delay.
    late : int
        Delay of an echo, in rows.
    balance : float
        Panning, from -1 (left) to 1 (right).
    """

    instruments: list[Instrument]
    patterns: list[list[Hit]]
    rows: int
    gain_db: float
    monophonic: bool
    gate: int
    release_s: float
    group: int
    reverb_db: float | None = None
    delay: Delay | None = None
    late: int = 0
    balance: float = 0.0


def draw_track(
    rng: np.random.Generator,
    spec: SceneSpec,
    palette: Palette,
    *,
    row_s: float,
    key: int,
    scale: tuple[int, ...],
    group: int,
) -> Track:
    """Draw a track with its instruments, patterns and manner of playing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    palette : Palette
        The sounds and songs to draw from.
    row_s : float
        Length of a row of the scene's grid, in seconds.
    key : int
        Key of the scene, in semitones.
    scale : tuple of int
        Scale of the scene, in semitones.
    group : int
        Number of the track.

    Returns
    -------
    track : Track
        The track.

    Examples
    --------
    >>> from deep_plunder.corpus.library import Sound
    >>> kick = Sound("kick/a.wav", "kick", "kick/a.wav", 1.0, 44100, 1, 0.0, 0.9)
    >>> palette = Palette([kick], [], SceneSpec())
    >>> track = draw_track(
    ...     np.random.default_rng(1), SceneSpec(), palette, row_s=0.1, key=0, scale=(0, 4), group=2
    ... )
    >>> track.group
    2
    """
    role = weighted(rng, ROLES, spec.role_weights)
    drums: list[Instrument] = []
    tones: list[Instrument] = []
    if role in ("kit", "mixed"):
        drums = palette.kit(rng)
    elif role == "drum":
        drums = [palette.drum(rng)]
    elif role == "effects":
        drums = [palette.effect(rng) for _ in range(int(rng.integers(1, 3)))]
    elif role == "loop":
        loop = palette.loop(rng)
        drums = [palette.drum(rng) if loop is None else loop]
    if role in ("melody", "bass", "mixed"):
        tones = [palette.melodic(rng) for _ in range(1 if chance(rng, 0.75) else 2)]
    monophonic = chance(rng, spec.monophonic)
    style = draw_style(
        rng,
        spec,
        role=role,
        key=key,
        scale=scale,
        drums=range(len(drums)),
        tones=range(len(drums), len(drums) + len(tones)),
        together=not monophonic and chance(rng, spec.chords),
    )
    patterns = [draw_pattern(rng, style) for _ in range(int(rng.integers(1, 4)))]
    reverb_db = uniform(rng, -30, -8) if chance(rng, spec.reverb) else None
    delay = None
    if chance(rng, spec.delay):
        delay = Delay(
            delay_db=uniform(rng, -24, -5),
            delay_s=pick(rng, (1, 2, 3, 3, 4)) * row_s,
            delays=pick(rng, (1, 2, 3)),
        )
    return Track(
        instruments=drums + tones,
        patterns=patterns,
        rows=style.rows,
        gain_db=-uniform(rng, 0, 16),
        monophonic=monophonic,
        gate=pick(rng, (1, 1, 2, 4)) if chance(rng, spec.gate) else 0,
        release_s=weighted(rng, (0.0005, 0.001, 0.003, 0.008, 0.02), (0.3, 0.3, 0.2, 0.1, 0.1)),
        reverb_db=reverb_db,
        delay=delay,
        group=group,
    )


def draw_layers(
    rng: np.random.Generator, spec: SceneSpec, palette: Palette, tracks: Sequence[Track]
) -> list[Track]:
    """Draw layers: tracks that play together with another, so that two sounds seem to be one.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    palette : Palette
        The sounds and songs to draw from.
    tracks : sequence of Track
        The tracks of the scene.

    Returns
    -------
    layers : list of Track
        The layers, which may be none.

    Examples
    --------
    >>> from deep_plunder.corpus.library import Sound
    >>> kick = Sound("kick/a.wav", "kick", "kick/a.wav", 1.0, 44100, 1, 0.0, 0.9)
    >>> spec = SceneSpec(layer=1.0)
    >>> palette, rng = Palette([kick], [], spec), np.random.default_rng(1)
    >>> track = draw_track(rng, spec, palette, row_s=0.1, key=0, scale=(0, 4), group=2)
    >>> {layer.group for layer in draw_layers(rng, spec, palette, [track])}
    {2}
    """
    layers = []
    count = pick(rng, (1, 1, 2)) if chance(rng, spec.layer) else 0
    # Several layers of one track form chords, which trackers play with one channel per note.
    leaders = [
        leader
        for leader in rng.integers(len(tracks), size=count).tolist()
        for _ in range(pick(rng, (1, 1, 1, 2, 3)))
    ]
    for leader in leaders:
        track = tracks[leader]
        doubled = chance(rng, spec.doubled)
        drums = chance(rng, 0.6)
        sounds = [palette.drum(rng) if drums else palette.melodic(rng)]
        sounds.append(palette.drum(rng))
        interval = float(pick(rng, (0, 0, 3, 4, 5, 7, 12, 12, -12, 19, 24)))
        if doubled and interval == 0:
            interval = uniform(rng, -0.3, 0.3)
        kept, second = pick(rng, (1.0, 0.75, 0.5)), 0.2
        patterns = [
            [
                replace(
                    hit,
                    place=hit.place if doubled else int(chance(rng, second)),
                    semitones=hit.semitones + interval,
                )
                for hit in pattern
                if chance(rng, kept)
            ]
            for pattern in track.patterns
        ]
        layers.append(
            replace(
                track,
                instruments=track.instruments if doubled else sounds,
                patterns=patterns,
                gain_db=track.gain_db + uniform(rng, -20, 6),
            )
        )
    return layers


def draw_echoes(rng: np.random.Generator, spec: SceneSpec, tracks: Sequence[Track]) -> list[Track]:
    """Draw echoes: tracks that repeat another track later and quieter, as in trackers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    tracks : sequence of Track
        The tracks of the scene.

    Returns
    -------
    echoes : list of Track
        The echoes, which may be none.

    Examples
    --------
    >>> from deep_plunder.corpus.library import Sound
    >>> kick = Sound("kick/a.wav", "kick", "kick/a.wav", 1.0, 44100, 1, 0.0, 0.9)
    >>> spec = SceneSpec(echo=1.0)
    >>> palette, rng = Palette([kick], [], spec), np.random.default_rng(1)
    >>> track = draw_track(rng, spec, palette, row_s=0.1, key=0, scale=(0, 4), group=2)
    >>> {echo.group for echo in draw_echoes(rng, spec, [track])}
    {2}
    """
    if not chance(rng, spec.echo):
        return []
    # A plain wave and its own echo are the hardest to tell apart.
    plain = [track for track in tracks if track.instruments[-1].source.startswith("wave:")]
    echoes = []
    for _ in range(pick(rng, (1, 1, 2))):
        track = pick(rng, plain if plain and chance(rng, 0.6) else tracks)
        late, loss_db = int(rng.integers(1, 5)), uniform(rng, 3, 16)
        echoes += [
            replace(track, late=late * turn, gain_db=track.gain_db - loss_db * turn)
            for turn in range(1, pick(rng, (1, 1, 2)) + 1)
        ]
    return echoes


def place_tracks(rng: np.random.Generator, spec: SceneSpec, tracks: Sequence[Track]) -> bool:
    """Draw the panning of each track, and write it to `Track.balance`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    tracks : sequence of Track
        The tracks of the scene, which are changed in place.

    Returns
    -------
    mono : bool
        Whether the scene is mono.

    Examples
    --------
    >>> place_tracks(np.random.default_rng(1), SceneSpec(panning_weights=(1, 0, 0, 0)), [])
    True
    """
    panning = weighted(rng, PANNINGS, spec.panning_weights)
    width = pick(rng, (1.0, 0.3, 0.3, uniform(rng, 0.1, 1)))
    for number, track in enumerate(tracks):
        if panning == "sides":
            # Like the four channels of the Amiga: left, right, right, left.
            track.balance = width * (-1, 1, 1, -1)[number % 4]
        elif panning == "spread":
            track.balance = width * uniform(rng, -1, 1)
    for track in tracks:
        if track.late and chance(rng, 0.6):
            track.balance = tracks[track.group].balance
    return panning == "mono"
