"""Files of Qt resource files, and the packages that the bench of solo phrases is made of."""

import struct
from pathlib import Path

import pytest

from deep_plunder.corpus.gather.qt_resources import read_resources
from deep_plunder.corpus.gather.solos import write_solos
from deep_plunder.errors import InputError
from tests.packages import package, resources

FILES = {"notes/flute.ogg": b"flute", "notes/organ.ogg": b"organ", "notes/flute.svg": b"picture"}


@pytest.mark.parametrize("version", [1, 2, 3])
def test_files_of_one_kind_are_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.rcc"
    path.write_bytes(resources(FILES, version=version))
    found = {str(name): content for name, content in read_resources(path, suffix=".ogg")}
    assert found == {name: FILES[name] for name in ("notes/flute.ogg", "notes/organ.ogg")}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"RIFF", ""),
        (b"RIFF" + bytes(60), "it has no header of versions 1 to 3"),
        (b"qres" + struct.pack(">4I", 9, 20, 20, 20), "it has no header of versions 1 to 3"),
        (resources(FILES)[:80], ""),
        # A folder that holds itself.
        (
            b"qres" + struct.pack(">4I", 1, 20, 0, 0) + struct.pack(">IHII", 0, 2, 1, 0),
            "lies in itself",
        ),
    ],
    ids=["short", "other", "version", "cut", "loop"],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.rcc").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.rcc: is not a readable resource of Qt: .*{told}"):
        read_resources(tmp_path / "a.rcc", suffix=".ogg")


def test_bands_and_phrases_of_single_notes_are_written_unchanged(tmp_path: Path) -> None:
    rows = [
        package(tmp_path, "solos", "phrases",
                {"usr/share/gcompris-qt/rcc/instruments.rcc": resources(FILES)}),
        package(tmp_path, "solos", "bands",
                {"usr/a/A song/guitar.ogg": b"g", "usr/a/A song/song.ogg": b"s",
                 "usr/a/half/guitar.ogg": b"g"}),
    ]  # fmt: skip
    debs = [tmp_path / row.file_names[0] for row in rows]
    folder = tmp_path / "solos"
    assert write_solos(folder, tmp_path / "licences", packages=rows, debs=debs) == 2
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {
        "phrases/flute.ogg": b"flute", "A_song/guitar.ogg": b"g", "A_song/song.ogg": b"s"
    }  # fmt: skip
    table = (tmp_path / "licences" / "licences.tsv").read_text()
    assert [line.split("\t")[0] for line in table.splitlines()[1:]] == sorted(found)
    none = package(tmp_path, "solos", "none", {"usr/half/guitar.ogg": b"g"})
    with pytest.raises(InputError, match=r"none .*: holds neither songs of two recordings"):
        write_solos(folder, tmp_path / "licences", packages=[none],
                    debs=[tmp_path / none.file_names[0]])  # fmt: skip
