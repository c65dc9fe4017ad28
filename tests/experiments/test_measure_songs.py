"""The levels of songs and their hums are measured as the model hears them."""

import numpy as np

from deep_plunder.audio import writing
from deep_plunder.evaluation.bench.layout import BenchTruth, write_truth
from experiments.tools.measure_songs import main

RATE = 16000


def test_a_quiet_song_and_one_with_a_hum_are_counted(tmp_path, monkeypatch, capsys):
    seconds = np.arange(4 * RATE) / RATE
    tone = np.where(seconds % 1 > 0.5, np.sin(4000 * seconds) / 2, 0)
    songs = {"hum": tone + np.sin(2 * np.pi * 50 * seconds) / 300, "quiet": tone / 300}
    for name, samples in songs.items():
        nothing = np.empty((0, 2))
        write_truth(tmp_path, BenchTruth(name, nothing, nothing, np.zeros(3, np.uint8)))
        (tmp_path / "audio").mkdir(exist_ok=True)
        path = tmp_path / f"audio/{name}.wav"
        writing.write(path, samples[:, np.newaxis].astype(np.float32), RATE)
    monkeypatch.setattr("sys.argv", ["measure_songs.py", str(tmp_path)])
    main()
    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head == "song\tlevel_db\tgain_db\tparts\twith_hum"
    hum, quiet = (row.split("\t") for row in rows)
    assert hum[0] == "hum" and hum[2:] == ["0.0", "1", "1"]
    # The tone is as loud as that with the hum but for the factor, about 50 dB.
    assert quiet[0] == "quiet" and quiet[3:] == ["1", "0"]
    assert 48 < float(hum[1]) - float(quiet[1]) < 51 and float(quiet[2]) > 0
    assert last.startswith("2 songs: levels ") and last.endswith(", 1 raised, 1 with a hum")
