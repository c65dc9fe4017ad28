"""Write the library of one-shots: one folder per class, without copies."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import soundfile

from deep_plunder.corpus.gather.levelling import RATE, levelled, loudness_course
from deep_plunder.corpus.gather.oneshots import holds_sounds, sounds_of
from deep_plunder.corpus.gather.packages import Package
from deep_plunder.corpus.gather.parts import write_part
from deep_plunder.errors import InputError
from deep_plunder.util.names import SafeNames

__all__ = ["write_library"]

_log = logging.getLogger(__name__)


def write_library(
    folder: Path, licences: Path, *, packages: Sequence[Package], debs: Sequence[Path]
) -> Counter[str]:
    """Write the one-shots of packages.

    Parameters
    ----------
    folder : Path
        The folder to write: ``CLASS/PACKAGE__NAME.flac``, 16 bits at 44.1 kHz.
    licences : Path
        The folder of their licences.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Returns
    -------
    counts : Counter of str
        Number of sounds per class. A sound with the same course of loudness as an earlier one is
        left out.

    Raises
    ------
    InputError
        If a package cannot be unpacked or holds no sound.
    """
    counts: Counter[str] = Counter()
    heard: set[tuple[int, ...]] = set()
    with write_part(folder, licences, packages=packages, debs=debs) as part:
        for package, root in part.unpacked(holds_sounds):
            names, count, copies = SafeNames(), 0, 0
            for raw in sounds_of(root):
                sound = levelled(raw.samples, raw.rate)
                if sound is None:
                    continue
                course = loudness_course(sound)
                if course in heard:
                    copies += 1
                    continue
                heard.add(course)
                file = f"{raw.sound_class}/{package.package}__{names.new(raw.name)}.flac"
                path = part.folder / file
                path.parent.mkdir(exist_ok=True)
                soundfile.write(path, sound, RATE, subtype="PCM_16")
                part.add(file, package)
                counts[raw.sound_class] += 1
                count += 1
            if not count and not copies:
                raise InputError(f"{package.package} {package.version}: holds no sound")
            _log.info("%s: %d sounds, %d copies left out", package.package, count, copies)
    _log.info("%d sounds: %s", counts.total(), dict(sorted(counts.items())))
    return counts
