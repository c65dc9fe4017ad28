"""The harness of the benchmarks; what they measure is not tested here."""

import importlib.util
import re
import sys
import types

import pytest

from benchmarks import __main__ as command
from benchmarks import dag, harness, part_clock, road
from benchmarks.catalogue import BENCHMARKS, Entry
from benchmarks.harness import COLUMNS, MissingPeerError, Result, agree, append, compare, need
from deep_plunder.config.validate import validate

RESULT = Result("logmel", 3.14159, 0.0412345, 0.129543, "s/min", 5)


class Clock:
    """Time that only work takes."""

    def __init__(self):
        self.now, self.done = 0.0, []

    def work(self, side, *seconds):
        left = list(seconds)

        def run():
            self.done.append(side)
            self.now += left.pop(0)

        return run


def test_the_line():
    line = RESULT.line()
    assert line == "logmel ratio=3.14 ours=0.04123 peer=0.1295 unit=s/min n=5"
    assert re.fullmatch(r"\S+ ratio=\S+ ours=\S+ peer=\S+ unit=\S+ n=\d+", line)


def test_medians_of_turns_without_the_first():
    clock = Clock()
    result = compare(
        "x", clock.work("ours", 50, 2, 1, 9), clock.work("peer", 70, 6, 30, 5),
        unit="s", rounds=3, ours_amount=2, clock=lambda: clock.now,
    )  # fmt: skip
    assert (result.ours, result.peer, result.ratio, result.rounds) == (1, 6, 6, 3)


def test_either_side_begins_by_turns():
    clock = Clock()
    compare(
        "x", clock.work("ours", 1, 1, 1), clock.work("peer", 1, 1, 1),
        unit="s", rounds=2, clock=lambda: clock.now,
    )  # fmt: skip
    turns = [tuple(clock.done[k : k + 2]) for k in (0, 2, 4)]
    assert turns[1] != turns[2]
    assert all(set(turn) == {"ours", "peer"} for turn in turns)


def test_cpu_time_counts_work_and_no_waiting():
    begin = harness.cpu_s()
    sum(range(300_000))
    assert 0 < harness.cpu_s() - begin < 5


def test_rows_are_appended_under_one_header(tmp_path):
    table = tmp_path / "results.tsv"
    append(table, RESULT, quick=True, packages=("numpy", "no-such-package"))
    append(table, RESULT, quick=False, packages=())
    header, first, second = (
        line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()
    )
    assert tuple(header) == COLUMNS
    assert len(first) == len(second) == len(COLUMNS)
    row = dict(zip(header, first, strict=True))
    assert (row["name"], row["ratio"], row["n"], row["quick"]) == ("logmel", "3.142", "5", "yes")
    assert "numpy " in row["versions"]
    assert "no-such-package" not in row["versions"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\dZ", row["date"])


def test_the_machine_is_described_without_paths():
    described = harness.machine()
    assert "cores" in described
    assert "/" not in described.replace("/-", "")


def test_outputs_that_differ_are_an_error(capsys):
    agree("difference", 0.1, 0.2)
    captured = capsys.readouterr()
    assert "tolerance 0.2" in captured.err
    assert not captured.out
    for wrong in (0.3, float("nan")):
        with pytest.raises(AssertionError, match="difference"):
            agree("difference", wrong, 0.2)


def test_a_missing_peer_is_named_with_the_way_to_install_it():
    need("json")
    with pytest.raises(MissingPeerError, match=r"no_such_peer.*\[bench\]"):
        need("json", "no_such_peer")


@pytest.fixture
def fake(monkeypatch):
    """A benchmark that runs what a test says."""
    monkeypatch.setitem(BENCHMARKS, "fake", Entry("fake", ()))
    module = types.ModuleType("benchmarks.fake")
    monkeypatch.setitem(sys.modules, "benchmarks.fake", module)
    return module


def test_one_line_is_printed_and_kept(fake, tmp_path, capsys):
    fake.run = lambda setup: RESULT if setup.quick and setup.folder.is_dir() else None
    table = tmp_path / "results.tsv"
    assert command.main(["fake", "--quick", "--table", str(table)]) == 0
    assert capsys.readouterr().out == RESULT.line() + "\n"
    assert len(table.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("error", "message"),
    [(MissingPeerError("missing peer: scaper"), "scaper"), (AssertionError("apart"), "apart")],
)
def test_what_cannot_be_compared_is_said_and_not_kept(fake, tmp_path, capsys, error, message):
    def run(setup):
        raise error

    fake.run = run
    table = tmp_path / "results.tsv"
    assert command.main(["fake", "--table", str(table)]) != 0
    captured = capsys.readouterr()
    assert not captured.out
    assert message in captured.err
    assert not table.exists()


def test_every_name_has_its_module():
    for entry in BENCHMARKS.values():
        assert importlib.util.find_spec(f"benchmarks.{entry.module}") is not None
        assert entry.rounds >= 5


def test_the_dry_run_has_a_valid_configuration_of_four_jobs_per_shard():
    config = validate(dag.configuration(1200), source="dag")
    assert config["mixes"]["count"] == {"train": 100, "validation": 100, "test": 100}
    assert set(config["mixes"]["style"]) == {"paper", "scenes"}


def test_parts_are_timed_without_the_parts_inside_them(monkeypatch):
    clock, module = Clock(), types.ModuleType("timed_parts")

    def inner():
        clock.now += 2

    def outer():
        clock.now += 3
        module.inner()
        clock.now += 1

    module.inner, module.outer = inner, outer
    monkeypatch.setitem(sys.modules, "timed_parts", module)
    monkeypatch.setattr(part_clock.time, "process_time", lambda: clock.now)
    parts = part_clock.PartClock()
    with parts.timing({"a": ["timed_parts.outer"], "b": ["timed_parts.inner"]}):
        module.outer()
        module.inner()
        clock.now += 5
    assert parts.spent == {"a": 4, "b": 4, "rest": 5}
    assert module.outer is outer


def test_the_page_on_scale_has_the_projected_tables():
    page = (harness.ROOT / "docs" / "explanation" / "scale.md").read_text(encoding="utf-8")
    for table in road.road(page):
        assert table in page


def test_shards_share_the_cores_and_each_of_them_starts():
    stage = road.Stage(unit_s=0.5, per_shard=100, starts=3)
    assert (stage.start_s, stage.shards(1001)) == (10, 11)
    # 10 s are 5 % of 200 s.
    assert stage.least() == 400
    # 11 shards of a minute.
    assert stage.times(1001) == ["8.3 min", "11 min", "2.0 min", "1.0 min", "1.0 min"]
    assert [road.duration(3600 * hours) for hours in (1.5, 3, 72)] == [
        "90 min",
        "3.0 h",
        "3.0 days",
    ]
    assert [road.size(megabytes) for megabytes in (1500, 734e3, 2e6)] == [
        "1.5 GB",
        "734 GB",
        "2.0 TB",
    ]
