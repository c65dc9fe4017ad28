"""Make cases of sound files: some bytes changed, doubled, lost, or taken from elsewhere."""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["mutated"]

_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
_MOST_EDITS = 6
# Headers lie at the beginning, indices at the end.
_HEAD = 400


def _place(rng: random.Random, size: int) -> int:
    kind = rng.random()
    if kind < 0.5:
        return rng.randrange(min(size, _HEAD) + 1)
    return size - rng.randrange(min(size, _HEAD) + 1) if kind < 0.7 else rng.randrange(size + 1)


def _number(rng: random.Random, size: int) -> bytes:
    width = rng.choice((1, 2, 4, 8))
    value = rng.choice((*_NUMBERS, size, rng.getrandbits(32)))
    return (value % (1 << 8 * width)).to_bytes(width, rng.choice(("little", "big")))


def mutated(rng: random.Random, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """Make a case.

    Parameters
    ----------
    rng : random.Random
    seeds : sequence of bytes
        Sound files.
    tokens : sequence of bytes
        What means something in them.

    Returns
    -------
    data : bytes
    """
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, _MOST_EDITS)):
        place, size = _place(rng, len(data)), len(data)
        match rng.randrange(8):
            case 0 if place < size:
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                number = _number(rng, size)
                data[place : place + len(number)] = number
            case 2:
                del data[place : place + rng.choice((1, 2, 4, 16, 256, size))]
            case 3:
                part = data[place : place + rng.choice((1, 4, 16, 256))]
                data[place:place] = part * rng.choice((1, 2, 50))
            case 4 if tokens:
                data[place:place] = rng.choice(tokens)
            case 5:
                other = rng.choice(seeds)
                start = _place(rng, len(other))
                end = place + rng.choice((0, 16))
                data[place:end] = other[start : start + rng.choice((8, 64, 1024))]
            case 6:
                data[place : place + 8] = rng.randbytes(rng.choice((1, 4, 8, 32)))
            case _:
                data += rng.choice((b"", b"\0" * 64, rng.randbytes(16)))
    return bytes(data)
