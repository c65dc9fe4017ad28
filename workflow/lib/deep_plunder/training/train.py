"""Train a network on cached features, and write its best weights and its history.

`training.fit` fits the network; this module does everything around it. It writes the whole state
(`training.checkpoints`) after each epoch, every `CHECKPOINT_S` within an epoch, and when the
training is asked to end. So a training that is killed at any moment loses less than a minute, and
its result is that of an undisturbed one. The history is written after each epoch, the model file
once, at the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import labels_path, shard_sums_path
from deep_plunder.dataset.with_choices import WithChoices
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Network
from deep_plunder.models.model_file import LoadedModel, load_model, save_model
from deep_plunder.models.record import write_record
from deep_plunder.models.registry import network, network_modules
from deep_plunder.training.batches import Items
from deep_plunder.training.checkpoints import fingerprint, read_checkpoint, write_checkpoint
from deep_plunder.training.devices import Devices
from deep_plunder.training.distillation import load_teacher
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import HistoryRow, TrainingSpec, frame_faults
from deep_plunder.training.tensorboard import EventLog
from deep_plunder.truth.labels import LABELS
from deep_plunder.util.allocation import keep_freed_memory
from deep_plunder.util.code_version import code_version
from deep_plunder.util.console import FOR_CONSOLE
from deep_plunder.util.signals import hold_back
from deep_plunder.util.tables import write_records

__all__ = ["CHECKPOINT_S", "train"]

CHECKPOINT_S = 45.0
"""Seconds from one checkpoint to the next; with a batch and the writing still under a minute."""

_log = logging.getLogger(__name__)

Paths = Sequence[str | os.PathLike[str]]


def train(
    *,
    architecture: str,
    sizes: Mapping[str, Any],
    spec: FeatureSpec,
    train_shards: Paths,
    validation_shards: Paths,
    training: TrainingSpec,
    seed: int,
    model_path: str | os.PathLike[str],
    history_path: str | os.PathLike[str],
    checkpoint_dir: str | os.PathLike[str],
    start: str | os.PathLike[str] | None = None,
    teachers: Paths = (),
    choice_shards: Paths = (),
    choice_share: float = 0.1,
    tensorboard_dir: str | os.PathLike[str] | None = None,
    devices: Sequence[str] = (),
    configuration: Mapping[str, Any] | None = None,
) -> list[HistoryRow]:
    """Train a network, or resume an unfinished training.

    Parameters
    ----------
    architecture : str
        A key of `models.registry.ARCHITECTURES`.
    sizes : mapping
        Sizes of the network. Sizes that are left out have their defaults.
    spec : FeatureSpec
        Parameters of the features in the shards.
    train_shards, validation_shards : sequence of path-like
        Feature files that `dataset.shards.write_shard` wrote, with their labels beside them.
    training : TrainingSpec
        Settings of the training.
    seed : int
        The seed of the configuration, from which weights, dropout and batches are drawn.
    model_path : path-like
        The model file, written at the end by `models.model_file.save_model`.
    history_path : path-like
        The table of `HistoryRow`, replaced after each epoch.
    checkpoint_dir : path-like
        Folder of the checkpoint. A checkpoint of a run with another setting, other data or other
        code is ignored and replaced.
    start : path-like, optional
        Model file with the initial weights. By default they are drawn. The new model takes over
        the decoder of this file.
    teachers : sequence of path-like
        Model files whose mean output replaces the labels as the target. The best weights are
        still chosen by the labels.
    choice_shards : sequence of path-like
        Feature files that `dataset.choices.write_choices` wrote. By default there are no choices.
    choice_share : float
        Share of parts with choices among the training items (`dataset.with_choices.WithChoices`).
    tensorboard_dir : path-like, optional
        Folder for an event file of TensorBoard, written if `training` asks for it.
    devices : sequence of str
        TensorFlow's names of the devices that share each batch (`training.devices`). With none or
        one, TensorFlow chooses: its first GPU if it has any.
    configuration : mapping, optional
        The configuration of the run. The model file then says how it was trained
        (`models.record`); it names the model by the folder of `model_path`.

    Returns
    -------
    history : list of HistoryRow
        All epochs, including those before a resumption.

    Raises
    ------
    ConfigError
        If the sizes do not suit the architecture, the length or the augmentation of training
        parts does not suit the network or the features, or the batches cannot be divided among
        the devices.
    InputError
        If the shards cannot be read or hold features that are not finite or not those of `spec`;
        if `start` is another network or has other features; or if a teacher has other features
        or lacks an output of the network.
    ModelError
        If a loss is not finite, `start` or a teacher cannot be read, or the model cannot be
        written.
    OSError
        If the history or the checkpoint cannot be written.
    """
    keep_freed_memory()
    chosen = network(architecture, **sizes)
    train_set, validation_set = (_open(paths, spec) for paths in (train_shards, validation_shards))
    crop = training.crop_frames
    for opened in (train_set, validation_set):
        faults = frame_faults(stride=chosen.stride, frames=opened.frames, crop_frames=crop)
        if faults:
            raise ConfigError(faults)
    items: Items = train_set
    if choice_shards:
        items = WithChoices(train_set, _open(choice_shards, spec), share=choice_share)
    code = _code(architecture, others=start is not None or bool(teachers))
    settings: dict[str, Any] = {
        "architecture": architecture,
        "sizes": chosen.size_values(),
        "features": dataclasses.asdict(spec),
        "training": dataclasses.asdict(dataclasses.replace(training, tensorboard=False)),
        "seed": seed,
        "shards": [len(train_shards), len(validation_shards)],
        # The code that computed the features does not count, since they are data.
        "code": code,
        "teachers": len(teachers),
    }
    if choice_shards:
        settings["choices"] = choice_share
    # Checksums stand for the features, which may be too large to be read twice. Each part is
    # checked against them when it is read.
    shards = (*train_shards, *validation_shards, *choice_shards)
    files = [*map(shard_sums_path, shards), *map(labels_path, shards)]
    mark = fingerprint(settings, [*files, *([] if start is None else [start]), *teachers])
    teacher = None
    if teachers:
        teacher = load_teacher(
            teachers,
            spec=spec,
            outputs=[name for name in LABELS if name in chosen.outputs],
            bfloat16=training.bfloat16,
        )
    first = None if start is None else _first(start, chosen, spec)
    shared = Devices(devices, batch_size=training.batch_size) if len(devices) > 1 else None
    with contextlib.nullcontext() if shared is None else shared.scope():
        model = chosen.build(spec, seed=seed, bfloat16=training.bfloat16)
        run = Fitting(
            model,
            training,
            seed,
            items,
            validation_set,
            spec=spec,
            teacher=teacher,
            devices=shared,
        )
    if first is not None:
        model.set_weights(first.model.get_weights())
    state = read_checkpoint(checkpoint_dir, mark)
    if state is not None and run.restore(state):
        done = f"epoch {len(run.history)}, batch {run.batches} of the next"
        _log.info("%s: resumed after %s", checkpoint_dir, done)
    _fit(
        run,
        history_path=history_path,
        save=lambda: write_checkpoint(checkpoint_dir, mark, run.state()),
        tensorboard_dir=tensorboard_dir if training.tensorboard else None,
    )
    model.set_weights(run.best)
    record = None
    if configuration is not None:
        record = write_record(
            configuration=configuration,
            model=Path(model_path).parent.name,
            code=code,
            data=mark,
            history=[dataclasses.asdict(row) for row in run.history],
        )
    save_model(
        model_path,
        model,
        architecture=architecture,
        sizes=sizes,
        spec=spec,
        decoder=None if first is None else first.decoder,
        record=record,
    )
    return run.history


def _fit(
    run: Fitting,
    *,
    history_path: str | os.PathLike[str],
    save: Callable[[], None],
    tensorboard_dir: str | os.PathLike[str] | None,
) -> None:
    """Fit to the end, and write the history, checkpoints and events meanwhile."""
    write_records(history_path, HistoryRow, run.history)
    with contextlib.ExitStack() as stack:
        log = None
        if tensorboard_dir is not None:
            log = stack.enter_context(EventLog(tensorboard_dir))
            for row in run.history:
                _log_epoch(log, row)
        while not run.finished:
            with hold_back() as asked:
                if not _fit_epoch(run, asked, save):
                    continue
                row = run.history[-1]
                write_records(history_path, HistoryRow, run.history)
                _log.info("%s", _summary(row, of=run.training.epochs), extra=FOR_CONSOLE)
                if log is not None:
                    _log_epoch(log, row)


def _fit_epoch(run: Fitting, asked: Callable[[], bool], write: Callable[[], None]) -> bool:
    """Fit to the end of an epoch, and write checkpoints; return whether it came to the end.

    If `asked` becomes true, fitting stops after a checkpoint before the end.
    """
    written = time.monotonic()
    for _ in run.epoch():
        if asked() or time.monotonic() - written >= CHECKPOINT_S:
            write()
            written = time.monotonic()
        if asked():
            return False
    write()
    return True


def _code(architecture: str, *, others: bool) -> str:
    """Compute the version of a training's code; other models may use the code of any network."""
    modules = ["training.fit", "training.distillation", "models.architecture"]
    modules += ["models.registry"] if others else network_modules(architecture)
    return code_version(*modules, without=[] if others else ["models.registry"])


def _open(paths: Paths, spec: FeatureSpec) -> ShardSet:
    items = ShardSet(paths)
    if items.bands != spec.bands:
        raise InputError(f"{paths[0]}: must have {spec.bands} mel bands, has {items.bands}")
    if 0 in (len(items), items.frames):
        raise InputError(f"{paths[0]}: must hold frames to train on, {len(paths)} shards hold none")
    return items


def _first(path: str | os.PathLike[str], chosen: Network, spec: FeatureSpec) -> LoadedModel:
    """Read the model with the initial weights, and check its network and features."""
    loaded = load_model(path)
    found: dict[str, Any] = {"architecture": loaded.architecture, "features": loaded.spec}
    wanted: dict[str, Any] = {"architecture": chosen.name, "features": spec}
    if loaded.architecture == chosen.name:
        found |= loaded.network.size_values(weights_only=True)
        wanted |= chosen.size_values(weights_only=True)
    for name in sorted(wanted):
        if found[name] != wanted[name]:
            rule = f"{name} must be {wanted[name]} to start this training"
            raise InputError(f"{os.fspath(path)}: {rule}, got {found[name]}")
    return loaded


def _log_epoch(log: EventLog, row: HistoryRow) -> None:
    values = dataclasses.asdict(row)
    log.add(values.pop("epoch"), values)


def _summary(row: HistoryRow, *, of: int) -> str:
    text = f"epoch {row.epoch} of {of}: loss {row.loss:.4f}"
    if not math.isnan(row.val_loss):
        text += f", validation {row.val_loss:.4f} (frame {row.val_frame_loss:.4f})"
    left_s = row.seconds * (of - row.epoch)
    left = f"{left_s / 60:.0f} min" if left_s >= 60 else f"{left_s:.0f} s"
    return f"{text}, {row.seconds:.1f} s, at most {left} left"
