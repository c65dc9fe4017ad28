"""The queue of the app: no song is lost, and nothing outside of its folder is touched."""

import json
import threading

import pytest

from deep_plunder.app import queue as queue_module
from deep_plunder.app.queue import Queue
from deep_plunder.errors import InputError


def upload(queue, title, content=b"sound"):
    with queue.new_file(title) as path:
        path.write_bytes(content)
        return queue.add(title, path)


def states(queue):
    return {song.title: song.state for song in queue.changed_since(-1)[2]}


def test_songs_run_in_order_and_changes_are_told_once(tmp_path):
    queue = Queue(tmp_path)
    first, second = upload(queue, "Tide.wav"), upload(queue, "tide.WAV", b"other")
    assert (first.file, second.file) == ("Tide.wav", "tide_2.wav")
    version, ids, changed = queue.changed_since(-1)
    assert ids == [first.id, second.id] == [song.id for song in changed]
    assert queue.changed_since(version) == (version, ids, [])
    assert queue.take(timeout_s=0).id == first.id
    queue.progress(first.id, 0.5)
    version, _, (song,) = queue.changed_since(version)
    assert (song.state, song.share) == ("running", 0.5)
    queue.finish(first.id, "failed", "is no audio")
    assert queue.take(timeout_s=0).id == second.id
    assert queue.take(timeout_s=0) is None
    assert [song.reason for song in queue.changed_since(version)[2]] == ["is no audio", ""]


def test_the_same_song_is_queued_once(tmp_path):
    queue = Queue(tmp_path)
    assert upload(queue, "a.wav").id == upload(queue, "b.mp3").id
    assert len(list(queue.songs.iterdir())) == 1
    song = queue.take(timeout_s=0)
    queue.finish(song.id, "failed", "of no memory")
    assert upload(queue, "b.mp3").state == "waiting"


def test_a_full_disk_takes_no_song(tmp_path, monkeypatch):
    queue = Queue(tmp_path)
    first = upload(queue, "a.wav")

    def full(path, songs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(queue_module, "write_queue", full)
    with pytest.raises(OSError, match="No space left"):
        upload(queue, "b.wav", b"other")
    assert queue.changed_since(-1)[1] == [first.id]
    assert [path.name for path in queue.songs.iterdir()] == ["a.wav"]


def test_a_queue_goes_on_after_its_process_was_killed(tmp_path):
    queue = Queue(tmp_path)
    songs = [upload(queue, f"{name}.wav", name.encode()) for name in "abcd"]
    for state in ("done", "done", "failed"):
        song = queue.take(timeout_s=0)
        queue.finish(song.id, state, "")
    (queue.clips / "a").mkdir()
    assert queue.take(timeout_s=0).id == songs[3].id
    again = Queue(tmp_path)
    # What ran waits again, and so does a song whose clips are gone.
    assert states(again) == {
        "a.wav": "done", "b.wav": "waiting", "c.wav": "failed", "d.wav": "waiting"
    }  # fmt: skip
    assert upload(again, "a.wav", b"new").file == "a_2.wav"


def test_states_change_only_where_that_makes_sense(tmp_path):
    queue = Queue(tmp_path)
    song = upload(queue, "a.wav")
    assert not queue.restart(song.id) and queue.cancel(song.id) and not queue.cancel(song.id)
    assert queue.take(timeout_s=0) is None
    assert queue.restart(song.id) and queue.take(timeout_s=0).id == song.id
    assert not queue.remove(song.id) and not queue.cancel(song.id)
    queue.finish(song.id, "done")
    (queue.clips / "a").mkdir()
    assert queue.remove(song.id) and not queue.remove(song.id)
    assert [*queue.songs.iterdir(), *queue.clips.iterdir()] == []
    assert queue.song(song.id) is None and not queue.cancel("unknown")


@pytest.mark.parametrize("title", ["page.html", "noise", ".wav", "../x.sh"])
def test_other_files_are_refused(tmp_path, title):
    queue = Queue(tmp_path)
    with pytest.raises(InputError, match="must be an audio file"), queue.new_file(title):
        raise AssertionError("a file was asked for")


@pytest.mark.parametrize(
    "title", ["../../out.wav", "/etc/out.wav", "a\x00b.wav", "x" * 999 + ".wav"]
)
def test_a_title_leads_nowhere(tmp_path, title):
    queue = Queue(tmp_path / "app")
    song = upload(queue, title)
    assert (queue.songs / song.file).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["app"]


def test_an_upload_that_ends_early_leaves_nothing(tmp_path):
    queue = Queue(tmp_path)
    with pytest.raises(OSError, match="full"), queue.new_file("a.wav") as path:
        path.write_bytes(b"half")
        raise OSError(28, "full")
    assert list(queue.songs.iterdir()) == []


SONG = {"id": "1", "title": "a", "file": "a.wav", "digest": "", "state": "done", "reason": ""}
CHANGES = [{"file": "../../a.wav"}, {"state": "odd"}, {"file": "...wav"}, {"id": 1}]


@pytest.mark.parametrize("change", CHANGES)
def test_a_queue_that_was_changed_by_hand_is_refused(tmp_path, change):
    (tmp_path / "queue.json").write_text(json.dumps({"songs": [SONG | change]}))
    with pytest.raises(InputError, match=r"queue\.json: cannot be read"):
        Queue(tmp_path)


def test_many_threads_lose_no_song(tmp_path):
    queue = Queue(tmp_path)
    threads = [
        threading.Thread(target=upload, args=(queue, "a.wav", b"%d" % number))
        for number in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = {queue.take(timeout_s=0).file for _ in range(50)}
    assert len(taken) == 50
    assert len(json.loads((tmp_path / "queue.json").read_text())["songs"]) == 50
