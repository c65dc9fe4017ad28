"""Log the progress of a training for TensorBoard.

The event file is written record by record with TensorFlow. TensorBoard is needed only to view it:
``tensorboard --logdir results/models``.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from deep_plunder.errors import InputError

__all__ = ["EventLog"]


class EventLog:
    """An event file of named numbers per step; a context manager.

    Parameters
    ----------
    folder : path-like
        Folder of the file. An earlier log in it is replaced.

    Raises
    ------
    InputError
        If TensorFlow is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            import tensorflow
        except ImportError as error:
            raise InputError("training.tensorboard: needs TensorFlow, set it to false") from error
        self._tf = tensorflow
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = Path(folder) / "events.out.tfevents.deep-plunder"
        self._writer = tensorflow.io.TFRecordWriter(str(path))
        self._write(file_version="brain.Event:2")

    def _write(self, **fields: Any) -> None:
        event = self._tf.compat.v1.Event(wall_time=time.time(), **fields)
        self._writer.write(event.SerializeToString())
        self._writer.flush()

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Write numbers for one step.

        Parameters
        ----------
        step : int
            The step, such as the number of an epoch.
        values : mapping of str to float
            Numbers by name. NaN values are left out.
        """
        summary = self._tf.compat.v1.Summary()
        for name, value in values.items():
            if not math.isnan(value):
                summary.value.add(tag=name, simple_value=value)
        self._write(step=step, summary=summary)

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
