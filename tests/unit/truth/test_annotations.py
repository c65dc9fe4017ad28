import csv
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deep_plunder.errors import InputError
from deep_plunder.truth.annotations import (
    Annotation,
    write_audacity,
    write_curve,
    write_reaper,
    write_sonic_visualiser,
)

ANNOTATIONS = st.lists(
    st.builds(
        lambda onset, length, label, score: Annotation(onset, onset + length, label, score),
        st.floats(0, 30_000),
        st.floats(0.001, 100),
        st.text(),
        st.floats(0, 1),
    ),
    max_size=6,
)
NASTY = Annotation(0.1, 1 / 3, "a\tb\r\nc <&\"'> é 🥁 \x00\x0b\ud800\ufffe", 0.5)


@given(ANNOTATIONS)
def test_audacity_reads_back(tmp_path_factory, annotations):
    path = tmp_path_factory.mktemp("labels") / "labels.txt"
    write_audacity(path, annotations)
    lines = path.read_bytes().decode().split("\n")
    assert lines.pop() == "" and len(lines) == len(annotations)
    for line, annotation in zip(lines, annotations, strict=True):
        start, end, _ = line.split("\t")
        assert float(start) == pytest.approx(annotation.onset_s, abs=1e-6)
        assert float(end) == pytest.approx(annotation.offset_s, abs=1e-6)
        assert len(start.split(".")[1]) == len(end.split(".")[1]) == 6


@given(ANNOTATIONS)
def test_reaper_reads_back_as_csv(tmp_path_factory, annotations):
    path = tmp_path_factory.mktemp("reaper") / "regions.csv"
    write_reaper(path, annotations)
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["#", "Name", "Start", "End", "Length"]
    assert [row[0] for row in rows] == [f"R{i + 1}" for i in range(len(annotations))]
    for row, annotation in zip(rows, annotations, strict=True):
        assert float(row[2]) == pytest.approx(annotation.onset_s, abs=1e-6)
        assert float(row[3]) - float(row[2]) == pytest.approx(float(row[4]), abs=2e-6)


@given(ANNOTATIONS, st.text())
def test_sonic_visualiser_layer_is_xml_with_all_regions(tmp_path_factory, annotations, name):
    path = tmp_path_factory.mktemp("svl") / "regions.svl"
    write_sonic_visualiser(path, annotations, rate=44100, end_s=40_000, name=name)
    root = ElementTree.parse(path).getroot()
    model, dataset = root.find("data/model"), root.find("data/dataset")
    layer = root.find("display/layer")
    assert (root.tag, model.get("subtype"), layer.get("type")) == ("sv", "region", "regions")
    assert (layer.get("model"), model.get("dataset")) == (model.get("id"), dataset.get("id"))
    assert (model.get("sampleRate"), model.get("end")) == ("44100", str(40_000 * 44100))
    points = list(dataset)
    assert len(points) == len(annotations)
    for point, annotation in zip(points, annotations, strict=True):
        start, length = int(point.get("frame")), int(point.get("duration"))
        assert start == round(annotation.onset_s * 44100)
        assert start + length == round(annotation.offset_s * 44100)
        assert float(point.get("value")) == pytest.approx(annotation.score, abs=1e-6)


@given(
    arrays(np.float32, st.integers(0, 50), elements=st.floats(0, 1, width=32)),
    st.sampled_from([0.016, 0.032]), st.sampled_from([8000, 44100]), st.text(),
)  # fmt: skip
def test_a_curve_is_a_time_value_layer_with_a_point_per_frame(
    tmp_path_factory, values, hop_s, rate, name
):
    path = tmp_path_factory.mktemp("svl") / "curve.svl"
    write_curve(path, values, hop_s=hop_s, rate=rate, name=name)
    root = ElementTree.parse(path).getroot()
    model, dataset = root.find("data/model"), root.find("data/dataset")
    layer = root.find("display/layer")
    assert (layer.get("type"), model.get("dimensions")) == ("timevalues", "2")
    assert (layer.get("model"), model.get("dataset")) == (model.get("id"), dataset.get("id"))
    assert dataset.get("dimensions") == model.get("dimensions")
    points = [(int(point.get("frame")), float(point.get("value"))) for point in dataset]
    assert [frame for frame, _ in points] == [round(i * hop_s * rate) for i in range(len(values))]
    np.testing.assert_allclose([value for _, value in points], values, atol=5.1e-5)


def test_any_text_stays_on_its_line(tmp_path):
    write_audacity(tmp_path / "a.txt", [NASTY])
    assert (tmp_path / "a.txt").read_text() == "0.100000\t0.333333\ta b c <&\"'> é 🥁  \n"
    write_reaper(tmp_path / "a.csv", [NASTY])
    assert '"a b c <&""\'> é 🥁  "' in (tmp_path / "a.csv").read_text().splitlines()[1]
    write_sonic_visualiser(tmp_path / "a.svl", [NASTY], rate=8000)
    point = ElementTree.parse(tmp_path / "a.svl").find("data/dataset/point")
    assert point.get("label") == "a b c <&\"'> é 🥁  "


def test_no_regions_make_whole_files(tmp_path):
    write_audacity(tmp_path / "a.txt", [])
    write_reaper(tmp_path / "a.csv", [])
    write_sonic_visualiser(tmp_path / "a.svl", [], rate=8000)
    assert (tmp_path / "a.txt").read_text() == ""
    assert (tmp_path / "a.csv").read_text() == "#,Name,Start,End,Length\n"
    assert ElementTree.parse(tmp_path / "a.svl").find("data/model").get("end") == "0"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_rate_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="rate must be positive, got 0"):
        write_sonic_visualiser(tmp_path / "a.svl", [], rate=0)
    with pytest.raises(InputError, match="rate must be positive, got 0"):
        write_curve(tmp_path / "a.svl", np.zeros(1, np.float32), hop_s=0.032, rate=0)
