"""Figure 3: every layer and every weight of every network is in one box."""

import pytest

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.figures import draw_network, units_of
from deep_plunder.models.registry import ARCHITECTURES, network

DETAILED = FeatureSpec(hop=256, short_bands=80)
FINE = FeatureSpec(
    sample_rate=48000, n_fft=6144, short_n_fft=1024, hop=768, short_bands=96, short_steps=3
)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_boxes_hold_all_layers_and_weights_and_point_upwards(tmp_path, name):
    record = ARCHITECTURES[name]
    spec = DETAILED if record.needs_short_bands else FeatureSpec()
    if record.needs_short_steps:
        spec = FINE
    model = network(name).build(spec)
    units = units_of(model)
    rows = {unit.name: unit.row for unit in units}
    assert len(rows) == len(units)
    assert sum(len(unit.layers) for unit in units) == len(model.operations)
    assert sum(unit.weights for unit in units) == model.count_params()
    assert all(rows[source] < unit.row for unit in units for source in unit.sources)
    assert [unit.name for unit in units if not unit.sources] == [model.inputs[0].name]
    draw_network(tmp_path / "a.png", network(name), spec, title=name)
    draw_network(tmp_path / "b.png", network(name), spec, title=name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_stacks_of_the_paper_stand_side_by_side():
    units = {unit.name: unit for unit in units_of(network("paper").build(FeatureSpec()))}
    for number, size in ((1, 193), (2, 110), (3, 58)):
        for stack in ("onset", "offset", "frame"):
            unit = units[f"{stack}_stack_{number}_lstm"]
            # Of 2 * size features, pooling leaves a half.
            assert (unit.row, unit.shape) == (number, (size,))
            assert unit.layers == [
                f"BiLSTM, {size} units each way", "BatchNormalization", "ReLU", "MaxPooling1D 2",
                "Dropout 0.25",
            ]  # fmt: skip
    assert units["combined"].sources == ["onset", "offset", "frame_alone"]
    assert (units["combined_lstm"].shape, units["frame"].shape) == ((526,), (1,))
