"""Small packages of Debian, soundfonts and patches, made for tests."""

import hashlib
import io
import lzma
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from deep_plunder.corpus.gather.packages import Package
from deep_plunder.util.tables import write_records

COPYRIGHT = b"License: CC0-1.0\n"


def tar(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("./usr/share/link.xm")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    return out.getvalue()


def ar(members: Mapping[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    for name, content in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        out += content + b"\n" * (len(content) % 2)
    return out


def deb(files: Mapping[str, bytes]) -> bytes:
    data = lzma.compress(tar(files))
    return ar({"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "data.tar.xz": data})


def package(folder: Path, part: str, name: str, files: Mapping[str, bytes]) -> Package:
    """Write a .deb file with a copyright file and others; return its row of the table."""
    content = deb({f"usr/share/doc/{name}/copyright": COPYRIGHT, **files})
    row = Package(part, name, "1:1.0-1", "all", hashlib.sha256(content).hexdigest(), "CC0-1.0")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / row.file_names[0]).write_bytes(content)
    return row


def encoded(samples: np.ndarray, rate: int, form: str = "WAV", subtype: str = "PCM_16") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=form, subtype=subtype)
    return out.getvalue()


def struck(seed: int, seconds: float = 0.5, rate: int = 44100) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * rng.uniform(100, 2000) * time)
    wave: np.ndarray = 0.3 * tone * np.exp(-time * rng.uniform(5, 15))
    return wave


def song(seed: int, seconds: float) -> bytes:
    noise = np.random.default_rng(seed).normal(0, 0.1, (round(seconds * 32000), 2))
    return encoded(noise, 32000, "OGG", "VORBIS")


def write_corpus_packages(folder: Path) -> Path:
    """Write a package for each part of the corpus; return their table."""
    drums = "usr/share/hydrogen/data/drumkits/kit/"
    samples = {f"{drums}{name} 1.wav": encoded(struck(seed), 44100) for seed, name in
               enumerate(("kick", "snare", "hat", "tom"))}  # fmt: skip
    rows = [
        package(folder, "library", "drums", samples),
        package(folder, "songs", "music", {f"usr/share/m/{n}.ogg": song(n, 61) for n in range(3)}),
        package(folder, "modules", "tracked", {"usr/share/t/tune.xm": bytes(4000)}),
    ]
    table = folder / "packages.tsv"
    write_records(table, Package, rows)
    return table


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def soundfont(
    samples: np.ndarray, *, rate: int, key: int, generators: Mapping[int, int],
    loop: tuple[int, int], vorbis: bool = False,
) -> bytes:  # fmt: skip
    """Make a soundfont of one preset (bank 0, program 0) that plays one sample."""
    if vorbis:
        pcm = encoded(samples, rate, "OGG", "VORBIS")
        end, kind = len(pcm), 0x11
    else:
        pcm, end, kind = (samples * 32767).astype("<i2").tobytes(), len(samples), 1
    rows = [*generators.items(), (53, 0)]
    inner = b"".join(struct.pack("<Hh", *row) for row in rows)
    header = struct.pack("<20s5I2B2H", b"sine", 0, end, *loop, rate, key, 0, 0, kind)
    tables = (
        _chunk(b"phdr", struct.pack("<20s3H12x", b"preset", 0, 0, 0) * 1
               + struct.pack("<20s3H12x", b"EOP", 0, 0, 1))
        + _chunk(b"pbag", struct.pack("<4H", 0, 0, 1, 0))
        + _chunk(b"pgen", struct.pack("<HhHh", 41, 0, 0, 0))
        + _chunk(b"inst", struct.pack("<20sH", b"one", 0) + struct.pack("<20sH", b"EOI", 1))
        + _chunk(b"ibag", struct.pack("<4H", 0, 0, len(rows), 0))
        + _chunk(b"igen", inner + bytes(4))
        + _chunk(b"shdr", header + struct.pack("<20s5I2B2H", b"EOS", *[0] * 9))
    )  # fmt: skip
    body = b"sfbk" + _chunk(b"LIST", b"sdta" + _chunk(b"smpl", pcm)) + _chunk(
        b"LIST", b"pdta" + tables)  # fmt: skip
    return _chunk(b"RIFF", body)


def patch(samples: np.ndarray, *, rate: int, loop: tuple[int, int] | None = None) -> bytes:
    """Make a Gravis UltraSound patch of one sample of 16 bits."""
    pcm = (samples * 32767).astype("<i2").tobytes()
    head = bytearray(239)
    head[:12] = b"GF1PATCH110\0"
    head[198] = 1
    first, stop = loop or (0, 0)
    body = bytearray(96)
    body[8:22] = struct.pack("<IIIH", len(pcm), 2 * first, 2 * stop, rate)
    body[55] = 1 | (4 if loop else 0)
    return bytes(head + body) + pcm


def resources(files: Mapping[str, bytes], *, version: int = 3) -> bytes:
    """Make a Qt resource file of files in one folder each, or in none."""
    tree: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        tree.setdefault(folder, {})[name] = content
    names, contents = b"", b""

    def node(name: str, flags: int, *numbers: int) -> bytes:
        nonlocal names
        place = len(names)
        if name:
            names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
        last = struct.pack(">II" if flags & 2 else ">HHI", *numbers)
        return struct.pack(">IH", place, flags) + last + bytes(8 if version > 1 else 0)

    folders = [name for name in tree if name]
    first = 1 + len(folders) + len(tree.get("", {}))
    nodes = [node("", 2, first - 1, 1)]
    below: list[bytes] = []

    def stored(name: str, content: bytes) -> bytes:
        nonlocal contents
        place = len(contents)
        contents += struct.pack(">I", len(content)) + content
        return node(name, 0, 0, 0, place)

    for folder in folders:
        nodes.append(node(folder, 2, len(tree[folder]), first + len(below)))
        below += [stored(*entry) for entry in tree[folder].items()]
    nodes += [stored(*entry) for entry in tree.get("", {}).items()]
    body = b"".join(nodes + below)
    start = 24 if version > 2 else 20
    places = (start, start + len(body), start + len(body) + len(contents))
    head = struct.pack(">4I", version, *places) + bytes(4 if version > 2 else 0)
    return b"qres" + head + body + contents + names
