"""Arguments that the Python API cannot use are refused before a song is read."""

import math

import pytest

from deep_plunder import api
from deep_plunder.errors import InputError, ModelError
from tests.unit.extraction.test_song import LoudIsSound


@pytest.mark.parametrize(
    "span", [(-0.1, 1.0), (1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)]
)
def test_a_span_that_is_no_region_is_not_scored(span):
    with pytest.raises(InputError, match=r"region 1: must be seconds with 0 <= onset < offset"):
        api.score_regions("absent.wav", [(0.0, 1.0), span])


def test_a_model_that_is_not_calibrated_gives_no_probabilities(tmp_path, monkeypatch):
    (tmp_path / "loud.keras").touch()
    monkeypatch.setattr(api, "load_model", lambda path: LoudIsSound())
    with pytest.raises(ModelError, match="loud: is not calibrated, so it gives no probabilities"):
        api.score_regions("absent.wav", [(0.0, 1.0)], model=tmp_path / "loud.keras")


def test_clips_are_cut_into_a_new_folder_alone(tmp_path):
    (tmp_path / "kit").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("kit", "link"):
        with pytest.raises(InputError, match=f"{name}: must be a new folder"):
            api.cut_clips("absent.wav", [], tmp_path / name)
    assert list((tmp_path / "kit").iterdir()) == []
