"""Calibrate a model on a bench: choose its decoder on the songs of the bench and on choices."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from deep_plunder.audio.reading import reader
from deep_plunder.corpus.chosen import Choice
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.tuning import Example, Tuning, choice_columns, choose
from deep_plunder.util.names import shown

if TYPE_CHECKING:
    from deep_plunder.models.model_file import LoadedModel

__all__ = ["calibrate"]

_log = logging.getLogger(__name__)


def calibrate(
    model: LoadedModel,
    bench: str | os.PathLike[str],
    *,
    name: str,
    choices: Sequence[Choice] = (),
) -> Tuning:
    """Choose a model's decoder on a bench.

    Parameters
    ----------
    model : LoadedModel
    bench : path-like
        Folder of the bench (`evaluation.bench.layout`).
    name : str
        Name of the bench, for the model's card.
    choices : sequence of Choice
        Clips that a listener accepted or rejected, ordered by song.

    Returns
    -------
    tuning : Tuning

    Raises
    ------
    AudioError
        If a song of the choices cannot be read.
    InputError
        If the bench cannot be used.
    """
    from deep_plunder.models.inference import predict_song

    songs = songs_of(bench)
    used: list[str] = []

    def examples() -> Iterable[Example]:
        for song in songs:
            try:
                # The song is decoded once, for the network and all of the settings.
                with reader(song.audio, keep=True) as recording:
                    truth = truth_of(bench, song.name)
                    outputs = predict_song(model, recording)
                    used.append(song.name)
                    yield truth, outputs, recording
            except InputError as error:
                _log.warning("%s", error)
        if not used:
            raise InputError(f"{shown(bench)}: none of its songs can be used")

    groups = [list(group) for _, group in itertools.groupby(choices, key=lambda each: each.path)]
    heard = ((group, predict_song(model, group[0].path)) for group in groups)
    tuning = choose(
        examples,
        hop_s=model.spec.hop_s,
        fitted_on=name,
        heard_hz=(model.spec.fmin, model.spec.fmax),
        chosen=choice_columns(heard, model.spec.hop_s),
    )
    if tuning.decoder is None:
        return tuning
    fitted_on = f"{name}: {len(used)} songs"
    if choices:
        fitted_on += f"; {len(choices)} choices in {len(groups)} songs"
    return dataclasses.replace(
        tuning, decoder=dataclasses.replace(tuning.decoder, fitted_on=fitted_on)
    )
