"""The app answers its own page alone, and gives nothing away but songs and clips."""

import http.client
import io
import json
import socket
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

pytest.importorskip("uvicorn", reason="the app is not installed (pip install '.[app]')")

from deep_plunder.app import serve as serve_module
from deep_plunder.app.serve import serve
from deep_plunder.app.songs import QueuedSong, write_queue
from deep_plunder.errors import InputError
from deep_plunder.extraction.song import extract_song
from deep_plunder.util.resources import shipped_model_path
from tests.unit.extraction.test_song import LoudIsSound, write_song

MOST_BYTES = 20_000


class Idle:
    """A runner that leaves songs waiting."""

    def __init__(self, queue, model):
        self.queue = queue

    def start(self):
        pass

    def stop(self):
        pass

    def cancel(self, key):
        return self.queue.cancel(key)


class App:
    """A running app, and requests to it that a browser would not send."""

    def __init__(self, address, folder):
        parts = urlsplit(address)
        self.port, self.path, self.folder = parts.port, parts.path, folder
        self.token = parts.path.strip("/")

    def ask(self, method, path, *, body=None, headers=None, host=None, inside=True):
        """Send a request; return the status, the headers and the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, self.path + path if inside else path, skip_host=True)
        connection.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None and not {"Content-Length", "Transfer-Encoding"} & set(headers or {}):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def status(self, *arguments, **options):
        return self.ask(*arguments, **options)[0]


@contextmanager
def running(folder, *, most_bytes=MOST_BYTES):
    started, found = threading.Event(), {}

    def ready(address, server):
        found.update(address=address, server=server)
        started.set()

    thread = threading.Thread(
        target=serve,
        args=(folder,),
        kwargs={"model": shipped_model_path(), "most_bytes": most_bytes, "ready": ready},
    )
    thread.start()
    try:
        assert started.wait(60)
        yield App(found["address"], folder)
    finally:
        found["server"].should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(serve_module, "Runner", Idle)
    with running(tmp_path / "app") as app:
        yield app


def titles(app):
    songs = json.loads(app.ask("GET", "api/state")[2])["songs"]
    return [song["title"] for song in songs]


def half_made(app):
    return list((app.folder / "songs").glob(".*"))


def test_the_page_is_there_with_all_that_it_loads(app):
    status, headers, page = app.ask("GET", "")
    assert status == 200 and b"Deep Plunder" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Frame-Options"] == "DENY"
    for name in ("app.css", "app.js", "gallery.css", "gallery.js"):
        assert app.status("GET", f"static/{name}") == 200
    assert app.status("GET", "static/app.html") == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", ""]
)
def test_other_hosts_are_refused(app, host):
    assert app.status("GET", "", host=host) == 421
    assert app.status("POST", "api/songs?name=a.wav", body=b"a", host=host) == 421
    assert titles(app) == []


def test_requests_without_the_token_are_refused(app):
    for path in ("/", "/api/state", f"/{app.token[:-1]}/", f"/{app.token}x/", "//", "/%00/"):
        assert app.status("GET", path, inside=False) == 403
    assert app.status("POST", "/api/songs?name=a.wav", body=b"a", inside=False) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_other_origins_change_nothing(app, origin):
    headers = {"Origin": origin}
    assert app.status("POST", "api/songs?name=a.wav", body=b"a", headers=headers) == 403
    assert app.status("POST", "api/marks", body=b"{}", headers=headers) == 403
    assert titles(app) == []
    own = {"Origin": f"http://localhost:{app.port}"}
    assert app.status("POST", "api/songs?name=a.wav", body=b"a", headers=own) == 201


PLACES = [
    "songs/../queue.json", "songs/..%2Fqueue.json", "songs/%2e%2e/queue.json", "queue.json",
    "songs/%2e%2e%2f%2e%2e%2fsecret.wav", "songs/..\\secret.wav", "songs//etc/passwd",
    "songs/%00.wav", "clips/../../secret.wav", "/etc/passwd", "songs/", "clips", ".app.lock",
    "songs/link.wav", "songs/.hidden.wav", "songs/page.html", "static/../app.html",
    "static/..%2fserve.py", "api/songs/..%2f..%2f",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_path_leads_out_of_the_folder(app, place):
    (app.folder.parent / "secret.wav").write_bytes(b"secret")
    (app.folder / "songs" / "link.wav").symlink_to("../../secret.wav")
    (app.folder / "songs" / ".hidden.wav").write_bytes(b"secret")
    (app.folder / "songs" / "page.html").write_text("<script>secret</script>")
    status, _, body = app.ask("GET", place)
    assert status == 404 and b"secret" not in body.replace(place.encode(), b"")


def test_a_song_is_served_in_parts(app):
    assert app.status("POST", "api/songs?name=..%2F..%2FTide.wav", body=b"0123456789") == 201
    headers = {"Range": "bytes=2-4"}
    status, found, body = app.ask("GET", "songs/Tide.wav", headers=headers)
    assert (status, body) == (206, b"234")
    assert found["X-Content-Type-Options"] == "nosniff"


def test_uploads_that_are_too_large_end_early(app):
    name = "api/songs?name=a.wav"
    # Nothing of the 5 GB is sent or waited for.
    assert app.status("POST", name, headers={"Content-Length": str(5 * 10**9)}) == 413
    chunks = b"".join(b"1000\r\n" + bytes(4096) + b"\r\n" for _ in range(8)) + b"0\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked"}
    assert app.status("POST", name, body=chunks, headers=headers) == 413
    assert app.status("POST", name, body=bytes(MOST_BYTES)) == 201
    assert app.status("POST", name, body=b"") == 400
    assert app.status("POST", "api/songs?name=a.exe", body=b"a") == 400
    assert app.status("POST", "api/songs", body=b"a") == 400
    assert titles(app) == ["a.wav"] and half_made(app) == []


def test_an_upload_that_breaks_off_leaves_nothing(app):
    with socket.create_connection(("127.0.0.1", app.port)) as connection:
        connection.sendall(
            f"POST {app.path}api/songs?name=a.wav HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\n"
            "Content-Length: 10000\r\n\r\nhalf".encode()
        )
    # Later requests are answered, and by then the file is gone.
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: app.status("GET", ""), range(30))) == {200}
    assert titles(app) == [] and half_made(app) == []


def test_a_hundred_uploads_at_once_are_all_taken(app):
    def send(number):
        return app.status("POST", f"api/songs?name={number}.wav", body=b"%d" % number * 1000)

    with ThreadPoolExecutor(100) as pool:
        assert list(pool.map(send, range(100))) == [201] * 100
    assert sorted(titles(app)) == sorted(f"{number}.wav" for number in range(100))
    assert half_made(app) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"{}", 400), (b"[" * 4000, 400), (b" " * 100_000, 413),
        (b'{"digest": "0", "onset_s": NaN, "offset_s": 1, "mark": "accepted"}', 400),
        (b'{"digest": "0", "onset_s": 0, "offset_s": 1, "mark": "odd"}', 400),
        (b'{"digest": "unknown", "onset_s": 0, "offset_s": 1, "mark": "accepted"}', 400),
    ],
)  # fmt: skip
def test_odd_marks_are_refused(app, body, status):
    found, _, answer = app.ask("POST", "api/marks", body=body)
    assert found == status and json.loads(answer)["error"]
    assert json.loads(app.ask("GET", "api/marks")[2]) == {"marks": []}


def test_odd_requests_get_one_line(app):
    for method, path, status in [
        ("GET", "api/state?since=x", 400), ("GET", "api/songs/unknown", 404),
        ("POST", "api/songs/unknown/cancel", 409), ("POST", "api/songs/unknown/odd", 404),
        ("GET", "kit.zip?clips=odd", 400), ("GET", "kit.zip", 400), ("PUT", "api/songs", 405),
        ("DELETE", "", 405),
    ]:  # fmt: skip
        found, _, answer = app.ask(method, path)
        assert (found, json.loads(answer)["error"].count("\n")) == (status, 0), (method, path)


def test_two_apps_do_not_share_a_folder(app):
    with pytest.raises(InputError, match="another deep-plunder app uses it"):
        serve(app.folder, model=shipped_model_path(), ready=print)


def test_a_port_that_is_taken_is_named(app, tmp_path):
    with pytest.raises(InputError, match=f"port {app.port}: cannot be used"):
        serve(tmp_path / "other", model=shipped_model_path(), port=app.port, ready=print)


def test_songs_and_their_order_survive_a_restart(tmp_path, monkeypatch):
    monkeypatch.setattr(serve_module, "Runner", Idle)
    with running(tmp_path) as app:
        for name in ("b.wav", "a.wav"):
            app.ask("POST", f"api/songs?name={name}", body=name.encode())
        first = app.token
    with running(tmp_path) as app:
        assert titles(app) == ["b.wav", "a.wav"] and app.token != first


def test_a_song_that_was_damaged_by_hand_costs_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(serve_module, "Runner", Idle)
    (tmp_path / "songs").mkdir()
    songs = []
    for name in ("Ebb", "Tide"):
        song = write_song(tmp_path / "songs" / f"{name}.wav")
        extract_song(LoudIsSound(), song, tmp_path / "clips" / name)
        songs.append(QueuedSong(name, name, song.name, "", state="done"))
    write_queue(tmp_path / "queue.json", songs)
    (tmp_path / "clips/Tide/regions.tsv").write_text("onset_s\nx\n", encoding="utf-8")
    with running(tmp_path) as app:
        status, _, content = app.ask("GET", "kit.zip?clips=all")
        assert status == 200
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert "kit/Ebb/Ebb.sfz" in names and not any("Tide" in name for name in names)
        status, _, content = app.ask("GET", "api/songs/Tide")
        assert status == 400 and "regions.tsv: line 1: " in json.loads(content)["error"]
        assert app.status("GET", "api/songs/Ebb") == 200
