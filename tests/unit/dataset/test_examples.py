"""Features, labels and regions of the mixes of a folder."""

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.dataset.examples import write_examples
from deep_plunder.dataset.mixes import read_mixes
from deep_plunder.errors import InputError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.rendered import MixAnnotation
from deep_plunder.util.tables import write_records


def test_a_mix_that_was_deleted_is_the_users_to_mend(tmp_path):
    folder = tmp_path / "mixes"
    folder.mkdir()
    for number in range(3):
        path = folder / f"mix_{number:06d}.wav"
        writing.write(path, np.zeros((16000, 2), np.float32), 16000)
        write_records(path.with_suffix(".tsv"), MixAnnotation, [])

    def write():
        write_examples(
            tmp_path / "0.npy", read_mixes(folder), count=3, duration_s=1.0,
            regions_path=tmp_path / "0.regions.tsv", spec=FeatureSpec(),
        )  # fmt: skip

    write()
    assert np.load(tmp_path / "0.npy").shape == (3, 32, 229)
    (tmp_path / "0.npy").unlink()
    (folder / "mix_000001.wav").unlink()
    with pytest.raises(InputError, match=r"mixes: must hold 3 mixes, found 2$"):
        write()
    assert not (tmp_path / "0.npy").exists()
