"""Uploads to a CDN: what is sent, to whom, how often, and what becomes of everything that can go wrong."""

from __future__ import annotations

import io
import logging
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from gofigr_jupyter.cdn import Fig1
from gofigr_jupyter.client import fig1 as client
from gofigr_jupyter.client.cdn_asset import CdnAsset
from gofigr_jupyter.client.fig1 import NotUploaded
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.errors import (
    APIError,
    BodyChanged,
    CaptureError,
    ConfigurationError,
    ConnectionFailed,
    NotUploadable,
    ServerFailed,
    StatusError,
    Unauthorized,
)
from gofigr_jupyter.local import local_server
from gofigr_jupyter.settings import FIG1_URL, Settings
from tests.client.script import playing
from tests.fakes.fig1 import EXPIRED, KEY, FakeFig1, cut, fake_fig1, hang, refuse, say
from tests.test_media import FILES, SONG

PNG = FILES["a.png"][1]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def fake() -> Iterator[FakeFig1]:
    with fake_fig1() as fake:
        yield fake


def to(fake: FakeFig1, home: Path, **options: Any) -> Fig1:
    options.setdefault("patience", Patience(2.0, tries=3, first=0.01))
    return Fig1(KEY, fake.base, Settings(home=home), **options)


@pytest.fixture
def fig1(fake: FakeFig1, tmp_path: Path) -> Iterator[Fig1]:
    with to(fake, tmp_path) as made:
        yield made


# ---------------------------------------------------------------- what is sent


@pytest.mark.parametrize("name", [*FILES, "notes.txt", "notes.md"])
def test_a_file_is_there_under_its_type(fig1: Fig1, fake: FakeFig1, tmp_path: Path, name: str) -> None:
    kind, content = FILES.get(name, ("text/markdown" if name.endswith("md") else "text/plain", b"# Words\n"))
    path = tmp_path / name
    path.write_bytes(content)
    asset = fig1.upload(path, folder="/plots/2026/")
    assert fake.orders == [{"filename": name, "contentType": kind, "folder": "plots/2026"}]
    assert fake.files == {f"sites/abc/plots/2026/{name}": (kind, content)}
    assert (asset.key, asset.content_type, asset.size_bytes) == (f"sites/abc/plots/2026/{name}", kind, len(content))
    assert httpx.get(asset.url()).content == content
    assert str(asset) == asset.url() == f"{fake.base}/cdn/{asset.key}"


def test_bytes_are_called_after_what_they_are(fig1: Fig1, fake: FakeFig1) -> None:
    first, second = fig1.upload(PNG), fig1.upload(memoryview(FILES["a.gif"][1]), name="wheel")
    assert first.name.startswith("image-")
    assert first.name.endswith(".png")
    assert second.name == "wheel.gif"
    assert fig1.upload(bytearray(PNG)).name == first.name, "the same content has the same name"
    assert "folder" not in fake.orders[0]


def test_figures_and_images_become_pictures(fig1: Fig1, fake: FakeFig1) -> None:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().set_title("Dose <response>, 5 µM")
    drawn = fig1.upload(figure, folder="figures")
    image = fig1.upload(Image.new("RGB", (30, 20), "teal"), name="teal", alt="a teal field")
    assert drawn.name.startswith("dose-response-5-µm-")
    assert drawn.alt == "Dose <response>, 5 µM"
    assert (image.name, image.alt) == ("teal.png", "a teal field")
    sent = [Image.open(io.BytesIO(content)) for _, content in fake.files.values()]
    assert [one.format for one in sent] == ["PNG", "PNG"]
    assert sent[1].size == (30, 20)
    with pytest.raises(CaptureError, match="int is no figure"):
        fig1.upload(42)
    with pytest.raises(NotUploadable, match="neither a path nor bytes"), client.Fig1(KEY, fake.base) as plain:
        plain.upload(go.Figure())


def test_progress_is_told(fig1: Fig1, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(SONG * 4000)
    told: list[tuple[int, int | None]] = []
    fig1.upload(path, progress=lambda done, total: told.append((done, total)))
    size = path.stat().st_size
    assert told[-1] == (size, size)
    assert len(told) > 5
    assert told == sorted(told)


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as stream:
        stream.write(FILES["a.mp4"][1])
        stream.truncate(40 << 20)
    received = []

    class Storage(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT":
                received.append(sum(len(piece) for piece in request.stream))  # type: ignore[union-attr, misc]
                return httpx.Response(200)
            ticket = {"uploadUrl": "https://s.example.org/a", "cdnUrl": "https://c.example.org/film.mp4", "key": "film.mp4"}
            return httpx.Response(200, json={"success": True, "data": ticket})

    with Fig1(KEY, "https://fig1.example.org", Settings(home=tmp_path), transport=Storage()) as fig1:
        tracemalloc.start()
        fig1.upload(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert received == [40 << 20]
    assert peak < 4 << 20


# ---------------------------------------------------------------- what is refused before anything is sent


@pytest.mark.parametrize("claimed", [name for name in FILES if name != "a.png"])
def test_a_name_that_says_another_type(fig1: Fig1, fake: FakeFig1, tmp_path: Path, claimed: str) -> None:
    path = tmp_path / claimed
    path.write_bytes(PNG)
    with pytest.raises(NotUploadable, match=r"by its bytes it is image/png; rename it to end with \.png"):
        fig1.upload(path)
    assert fake.asked == []


@pytest.mark.parametrize(("content", "why"), [(b"", "is empty"), (b"MZ\x90\x00", "no type that can be uploaded; known are JPG")])
def test_what_no_cdn_takes(fig1: Fig1, fake: FakeFig1, content: bytes, why: str) -> None:
    with pytest.raises(NotUploadable, match=why):
        fig1.upload(content)
    assert fake.asked == []


def test_sizes_are_looked_at_first(fig1: Fig1, fake: FakeFig1, tmp_path: Path) -> None:
    for name, megabytes in (("a.png", 10), ("a.pdf", 50), ("a.mp4", 500)):
        path = tmp_path / name
        with path.open("wb") as stream:
            stream.write(FILES[name][1])
            stream.truncate((megabytes << 20) + 1)
        with pytest.raises(NotUploadable, match=f"File exceeds maximum size of {megabytes}MB"):
            fig1.upload(path)
        path.unlink()
    assert fake.asked == []
    path = tmp_path / "edge.png"
    with path.open("wb") as stream:
        stream.write(PNG)
        stream.truncate(10 << 20)
    assert fig1.upload(path).size_bytes == 10 << 20


@pytest.mark.parametrize("folder", ["..", "a/../b", "a/./b", "a\\b", "a\x00b", "a\nb", " a/b", "a:b", "a?b", "<b>"])
def test_no_folder_leads_elsewhere(fig1: Fig1, fake: FakeFig1, folder: str) -> None:
    for refused in (lambda: fig1.upload(PNG, folder=folder), lambda: fig1.make_folder(folder)):
        with pytest.raises(NotUploadable, match="is no folder"):
            refused()
    assert fake.asked == []


@pytest.mark.parametrize("name", ["../a.png", "a/b.png", "", "  ", "a\x00.png", "..", "a\n.png", "x" * 300 + ".png"])
def test_no_name_leads_elsewhere(fig1: Fig1, fake: FakeFig1, name: str) -> None:
    with pytest.raises(NotUploadable, match="cannot be the name"):
        fig1.upload(PNG, name=name)
    assert fake.asked == []


def test_a_file_that_is_none(fig1: Fig1, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fig1.upload(tmp_path / "nowhere.png")
    with pytest.raises(OSError, match="directory"):
        fig1.upload(tmp_path)


# ---------------------------------------------------------------- what goes wrong on the way


@pytest.mark.parametrize(
    "fault",
    [refuse(400, EXPIRED), say(b"<Error><Code>AccessDenied</Code></Error>", 403), refuse(500, "oops"), refuse(503, "later"), cut],
    ids=["expired", "expired on S3", "500", "503", "cut off"],
)
def test_what_breaks_is_sent_to_a_new_address(fig1: Fig1, fake: FakeFig1, fault: Any) -> None:
    fake.fail("put", fault)
    asset = fig1.upload(PNG, name="a.png")
    assert fake.asked == ["order", "put", "order", "put"]
    assert fake.files[asset.key][1] == PNG


def test_it_is_not_tried_for_ever(fig1: Fig1, fake: FakeFig1) -> None:
    fake.fail("put", *[refuse(500, "oops")] * 9)
    with pytest.raises(ServerFailed, match="500: oops"):
        fig1.upload(PNG)
    assert fake.asked.count("put") == 3


@pytest.mark.parametrize(("status", "words"), [(413, "File exceeds maximum size of 10MB"), (400, "File type not supported")])
@pytest.mark.parametrize("step", ["order", "put"])
def test_a_refusal_is_told_in_the_servers_words(fig1: Fig1, fake: FakeFig1, step: str, status: int, words: str) -> None:
    fake.fail(step, refuse(status, words))
    with pytest.raises(StatusError, match=f"^{status}: {words}$"):
        fig1.upload(PNG)
    assert fake.asked.count(step) == 1


def test_a_server_that_is_silent(fake: FakeFig1, tmp_path: Path) -> None:
    fake.fail("put", hang(1.0), hang(1.0))
    with to(fake, tmp_path, timeout=0.2, patience=Patience(1.0, tries=2, first=0.01)) as fig1, pytest.raises(ConnectionFailed, match="in time"):
        fig1.upload(PNG)


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"success": True}, {"success": False, "error": "no"}, {"success": True, "data": []}, "text", {"success": True, "data": {"key": "k"}}, b"<html>"],
    ids=str,
)
def test_an_answer_that_is_none(fig1: Fig1, fake: FakeFig1, answer: Any) -> None:
    fake.fail("order", say(answer))
    with pytest.raises(ConnectionFailed):
        fig1.upload(PNG)
    assert fake.asked == ["order"]


@pytest.mark.parametrize(
    "address",
    [
        "http://storage.example.org/up",  # in the open
        "ftp://storage.example.org/up",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//storage.example.org/up",
        "/up",
        "",
        "https://user:word@storage.example.org/up",
        "https://storage.example.org:99999/up",
        "https://stor age.example.org/up",
        "https://storage.example.org/up\nHost: other",
        "https://[::1/up",
        "https://" + "x" * 7000,
    ],
)
@pytest.mark.parametrize("which", ["uploadUrl", "cdnUrl"])
def test_addresses_of_a_server_are_not_believed(fig1: Fig1, fake: FakeFig1, address: str, which: str) -> None:
    good = {"uploadUrl": f"{fake.base}/put/t1", "cdnUrl": f"{fake.base}/cdn/a.png", "key": "a.png", "expiresIn": 3600}
    fake.fail("order", say({"success": True, "data": {**good, which: address}}))
    with pytest.raises(ConnectionFailed, match="names an address"):
        fig1.upload(PNG)
    assert fake.asked == ["order"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/up", "https://localhost/up", "http://[::1]:9/up", "https://127.0.0.2/x"])
def test_a_server_elsewhere_leads_to_no_program_of_this_machine(tmp_path: Path, address: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "fig1.example.org"
        return httpx.Response(200, json={"success": True, "data": {"uploadUrl": address, "cdnUrl": "https://c.example.org/a", "key": "a"}})

    wire = httpx.MockTransport(answer)
    with Fig1(KEY, "https://fig1.example.org", Settings(home=tmp_path), transport=wire) as fig1, pytest.raises(ConnectionFailed, match="not safe"):
        fig1.upload(PNG)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_key_follows_no_redirect(fig1: Fig1, fake: FakeFig1, status: int) -> None:
    with playing(lambda request: request.say(200, b"{}")) as (elsewhere, asked):
        for step in ("order", "put"):
            fake.fail(step, *[say(b"", status, Location=f"{elsewhere}/take")] * 3)
            with pytest.raises(ConnectionFailed, match="sends on to"):
                fig1.upload(PNG)
            fake.faults.clear()
        assert asked == []


def test_the_key_is_shown_to_nobody(fig1: Fig1, fake: FakeFig1, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake.fail("order", refuse(400, f"the key {KEY} may not do this"))
    with pytest.raises(StatusError) as caught:
        fig1.upload(PNG)
    assert caught.value.detail == "the key *** may not do this"
    fig1.upload(PNG)
    shown = [repr(fig1), repr(fig1.__dict__), caplog.text, str(caught.value), repr(Settings(fig1_api_key=KEY))]
    assert not any(KEY in one for one in shown)


def test_a_wrong_key(fake: FakeFig1, tmp_path: Path) -> None:
    with Fig1("fig1_sdk_wrong", fake.base, Settings(home=tmp_path)) as fig1, pytest.raises(Unauthorized, match="401: Invalid API key"):
        fig1.upload(PNG)


def test_a_file_that_changes_while_it_is_sent(fig1: Fig1, fake: FakeFig1, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    for other in (SONG * 10, SONG * 9000):
        path.write_bytes(SONG * 2000)

        def change(other: bytes = other) -> None:
            path.write_bytes(other)

        changes = iter([change])
        with pytest.raises(BodyChanged):
            fig1.upload(path, progress=lambda *_, changes=changes: next(changes, lambda: None)())
    assert fake.files == {}


# ---------------------------------------------------------------- the README


def test_the_readme_is_true(fake: FakeFig1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    block = README.partition("### Pictures on a CDN")[2].partition("In Python:\n\n```python\n")[2].partition("\npublish(")[0]
    for name, like in (("plot.png", "a.png"), ("talk.mp4", "a.mp4"), ("paper.pdf", "a.pdf")):
        (tmp_path / name).write_bytes(FILES[like][1])
    monkeypatch.chdir(tmp_path)
    for name, value in (("FIG1_API_KEY", KEY), ("FIG1_URL", fake.base), ("GOFIGR_JUPYTER_HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    exec(block, {"fig": Figure()})  # noqa: S102 - our own words
    assert [one["path"] for one in fake.folders] == ["/figures", "/figures/2026", "/figures/2026/may"]
    assert len(fake.files) == 4


# ---------------------------------------------------------------- many


def test_many_at_once_keep_their_order(fig1: Fig1, fake: FakeFig1, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(PNG + bytes([number]))
    (tmp_path / "odd.png").write_bytes(b"GIF89a")
    together = threading.Barrier(4, timeout=20)
    fake.fail("put", *[lambda handler: (together.wait(), handler._take())] * 8)
    told: list[int] = []
    paths = [*(tmp_path / f"{number}.png" for number in range(8)), tmp_path / "odd.png", tmp_path / "none.png"]
    found = fig1.upload_many(paths, folder="many", progress=lambda done, _: told.append(done))
    assert [one.name for one in found] == [*(f"{number}.png" for number in range(8)), str(paths[8]), str(paths[9])]
    assert fake.most_at_once == 4
    assert told[-1] == sum(path.stat().st_size for path in paths[:8])
    odd, none = found[8:]
    assert isinstance(odd, NotUploaded)
    assert "odd.png is not what its name says" in str(odd)
    with pytest.raises(FileNotFoundError):
        none.url()


def test_one_that_the_server_refuses_stops_no_other(fig1: Fig1, fake: FakeFig1) -> None:
    fake.fail("put", refuse(413, "File exceeds maximum size of 10MB"))
    found = fig1.upload_many([PNG, FILES["a.gif"][1], FILES["a.jpg"][1]])
    assert sorted(isinstance(one, NotUploaded) for one in found) == [False, False, True]
    assert len(fake.files) == 2
    assert fig1.upload_many([]) == []


# ---------------------------------------------------------------- folders


def test_folders(fig1: Fig1, fake: FakeFig1) -> None:
    assert fig1.folders() == []
    deepest = fig1.make_folder("/plots/2026/may")
    assert (deepest.name, deepest.path) == ("may", "/plots/2026/may")
    assert [one.path for one in fig1.folders()] == ["/plots", "/plots/2026", "/plots/2026/may"]
    assert fig1.make_folder("plots/2026").id == fake.folders[1]["_id"]
    assert fake.asked.count("make") == 3, "those that are there are not made again"
    with pytest.raises(NotUploadable, match="needs a name"):
        fig1.make_folder("/")


def test_a_folder_that_somebody_else_makes_first(fig1: Fig1, fake: FakeFig1) -> None:
    def taken(handler: Any) -> None:
        fake.folder("plots")
        handler.say(400, {"success": False, "error": "A folder with this name exists"})

    fake.fail("make", taken)
    assert fig1.make_folder("plots").path == "/plots"
    fake.fail("make", refuse(400, "Names have at most 3 letters"))
    with pytest.raises(StatusError, match="at most 3 letters"):
        fig1.make_folder("other")


# ---------------------------------------------------------------- where, and with which key


def test_key_and_address_come_from_the_settings(tmp_path: Path) -> None:
    environ = {"FIG1_API_KEY": KEY, "FIG1_URL": "https://fig1.example.org/", "GOFIGR_JUPYTER_HOME": str(tmp_path)}
    found = Settings.load(environ=environ, start=tmp_path)
    assert Fig1(settings=found).base == "https://fig1.example.org"
    assert Fig1(settings=found.with_(fig1_url=None)).base == FIG1_URL
    with pytest.raises(ConfigurationError, match="fig1_url must begin"):
        Settings.load(environ={**environ, "FIG1_URL": "fig1.example.org"}, start=tmp_path)
    with pytest.raises(ConfigurationError, match="characters that no key has"):
        Fig1("a\nb", settings=found)


def test_without_a_key_it_says_what_to_do(tmp_path: Path) -> None:
    elsewhere = Settings(home=tmp_path, url="https://gofigr.example.org", api_key="k")
    for settings in (elsewhere, Settings(home=tmp_path, fig1_url="https://fig1.example.org")):
        with pytest.raises(ConfigurationError, match=r"set FIG1_API_KEY.*gofigr-jupyter fig1-key add.*FIG1_URL"):
            Fig1(settings=settings)


def test_the_embedded_server_is_proved_before_it_gets_the_key(tmp_path: Path) -> None:
    server = local_server(tmp_path)
    (server.data_dir / "fig1-key").write_text(f"{KEY}\n")
    assert client.Fig1(settings=Settings(home=tmp_path)).base == server.url
    with playing(lambda request: request.say(200, b'{"proof": "no"}')) as (stranger, asked):
        (server.data_dir / "port").write_text(stranger.rpartition(":")[2])
        for settings in (Settings(home=tmp_path), Settings(home=tmp_path, fig1_url=stranger, fig1_api_key=KEY)):
            with client.Fig1(settings=settings, patience=0) as fig1, pytest.raises(APIError, match="Another program"):
                fig1.upload(PNG)
        assert {one.split("?")[0] for one in asked} == {"GET /.gofigr/hello"}
    # a key that is kept for this machine goes nowhere else
    with pytest.raises(ConfigurationError):
        Fig1(settings=Settings(home=tmp_path, fig1_url="https://fig1.example.org"))


def test_an_asset_is_frozen_and_public() -> None:
    asset = CdnAsset("https://c.example.org/a.png", "a.png", "a.png", "image/png", 5)
    with pytest.raises(AttributeError):
        asset.name = "b"  # type: ignore[misc]
