"""Random generators that depend on what is drawn, never on the order of drawing.

Each item (a mix, a cycle of a queue, an epoch) owns a generator made of the configured seed
and of the item's own names. No global random state is read or changed.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["generator"]


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Make the random generator that belongs to one item.

    Parameters
    ----------
    seed : int
        The seed of the configuration.
    *names : str or int
        What the generator is for, e.g. ``"mix", "train", 17``. The string ``"1"`` and the
        integer ``1`` are different names.

    Returns
    -------
    generator : numpy.random.Generator
        A PCG64 whose state is a SHA-256 digest of all arguments: the same on every machine,
        and unrelated for any two different argument lists.
    """
    digest = hashlib.sha256(repr((int(seed), *names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
