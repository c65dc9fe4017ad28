"""Hold the waveforms of a song's clips, on the disk where they are many.

A waveform takes up to 13 kB (`description.groups`), and a recording may have any number of clips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import overload

import numpy as np

from deep_plunder.description.groups import Waveform
from deep_plunder.util.arrays import Float32Array

__all__ = ["WaveformSpool"]

# At least 2,500 waveforms.
_IN_MEMORY = 32 << 20


class WaveformSpool(Sequence[Waveform]):
    """A sequence of waveforms, whose samples lie in a temporary file if they exceed 32 MB.

    Use it as a context manager, which removes the file.

    Examples
    --------
    >>> with WaveformSpool() as spool:
    ...     spool.extend([Waveform(np.ones(3, np.float32), np.zeros(106, np.float32))])
    ...     len(spool), spool[0].samples
    (1, array([1., 1., 1.], dtype=float32))
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed on exit)
        self._ends = [0]
        self._spectra: list[Float32Array] = []

    def __enter__(self) -> WaveformSpool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def extend(self, waveforms: Iterable[Waveform]) -> None:
        """Add waveforms at the end.

        Parameters
        ----------
        waveforms : iterable of Waveform

        Raises
        ------
        OSError
            If the temporary file cannot be written.
        """
        self._file.seek(self._ends[-1])
        for each in waveforms:
            self._file.write(each.samples.tobytes())
            self._ends.append(self._ends[-1] + each.samples.nbytes)
            self._spectra.append(each.spectrum)

    def __len__(self) -> int:
        return len(self._spectra)

    @overload
    def __getitem__(self, place: int) -> Waveform: ...

    @overload
    def __getitem__(self, place: slice) -> list[Waveform]: ...

    def __getitem__(self, place: int | slice) -> Waveform | list[Waveform]:
        """Return a waveform, or some."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        spectrum = self._spectra[place]
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return Waveform(np.frombuffer(self._file.read(end - start), np.float32), spectrum)
