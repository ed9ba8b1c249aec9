"""The client against our own server over HTTP, as a newcomer has it: embedded, without a key, and with keys."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from gofigr_jupyter.cdn import Fig1
from gofigr_jupyter.client import fig1 as client
from gofigr_jupyter.client.cdn_asset import CdnAsset
from gofigr_jupyter.client.cdn_sending import Journal
from gofigr_jupyter.client.fig1 import Drawn, NotUploaded
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.errors import ConnectionFailed, NotUploadable, StatusError, Unauthorized
from gofigr_jupyter.local import kept_fig1_key
from gofigr_jupyter.schema.fig1 import EXPIRED, UploadTicket
from gofigr_jupyter.server.cdn import sites
from gofigr_jupyter.settings import Settings
from tests.client.cutting import Line, cutting
from tests.server.cdn.files import FILES as WHOLE
from tests.server.processes import Server
from tests.test_media import FILES

DOCUMENT = WHOLE["pdf"][1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("fig1")) as server:
        yield server.wait()


@pytest.fixture(scope="module")
def fig1(server: Server) -> Iterator[Fig1]:
    """As `Fig1()` in a notebook that has no key and no address."""
    with Fig1(settings=Settings(home=server.home), patience=Patience(2.0, tries=2, first=0.01)) as made:
        yield made


def png(width: int = 60, height: int = 40, *, shade: int = 7) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 120, 130)).save(stream, "PNG")
    return stream.getvalue()


def seen(url: str) -> Image.Image:
    answer = httpx.get(url)
    assert answer.status_code == 200, (url, answer.text)
    return Image.open(io.BytesIO(answer.content))


# ---------------------------------------------------------------- without a key


def test_the_embedded_server_needs_no_key(fig1: Fig1, server: Server) -> None:
    asset = fig1.upload(png(), name="first.png")
    assert asset.address.startswith(f"{server.local.url}/cdn/sites/")
    assert httpx.get(asset.url()).content == png(), "whoever has the address reads it, without key or session"
    kept = server.home / "server" / "fig1-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    listed = sites.keys(server.home / "server", embedded=True)
    assert [one["site"] for one in listed].count("default") == 1
    with Fig1(settings=Settings(home=server.home, fig1_url=server.local.url)) as named:
        assert named.upload(png(), name="second.png").key.rpartition("/")[0] == asset.key.rpartition("/")[0]
    assert len(sites.keys(server.home / "server", embedded=True)) == len(listed), "it is one key, however often it is used"


def test_a_key_that_was_ended_is_not_taken_back(fig1: Fig1, server: Server) -> None:
    folder = server.home / "server"
    fig1.upload(png(), name="before.png")
    old = kept_fig1_key(folder)
    assert old is not None
    (known,) = [one for one in sites.keys(folder, embedded=True) if one["key"].endswith(old[-4:])]
    sites.remove_key(folder, known["id"], embedded=True)
    with Fig1(old, server.local.url, Settings(home=server.home)) as ended, pytest.raises(Unauthorized):
        ended.folders()
    with Fig1(settings=Settings(home=server.home)) as fresh:
        fresh.upload(png(), name="after.png")
    assert kept_fig1_key(folder) != old
    with Fig1(old, server.local.url, Settings(home=server.home)) as ended, pytest.raises(Unauthorized):
        ended.folders()


@pytest.mark.parametrize("wrong", ["fig1_sdk_" + "x" * 43, "fig1_sdk_", "fig1_sdk_wrong", "abc"])
def test_a_wrong_key(server: Server, wrong: str) -> None:
    with Fig1(wrong, server.local.url, Settings(home=server.home)) as fig1, pytest.raises(Unauthorized, match="401"):
        fig1.upload(png())


def test_a_key_of_another_site(server: Server) -> None:
    made = sites.add_key(server.home / "server", "handbook", None, embedded=True)
    with Fig1(made["key"], server.local.url, Settings(home=server.home)) as fig1:
        assert fig1.upload(png(), name="a.png").key.startswith(f"sites/{made['slug']}/")
        assert [one.path for one in fig1.folders()] == []


# ---------------------------------------------------------------- what is uploaded


def drawn_by_matplotlib() -> object:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 3), dpi=50)
    figure.subplots().set_title("Dose response")
    return figure


@pytest.mark.parametrize("made", [drawn_by_matplotlib, lambda: Image.new("RGB", (30, 20), "teal")])
def test_figures_and_images(fig1: Fig1, made: Callable[[], object]) -> None:
    asset = fig1.upload(made(), folder="drawn")
    assert asset.content_type == "image/png"
    assert seen(asset.url()).format == "PNG"


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"a.pdf", "a.docx"}])
def test_paths_of_each_type(fig1: Fig1, tmp_path: Path, name: str) -> None:
    kind, content = FILES[name]
    (tmp_path / name).write_bytes(content)
    asset = fig1.upload(tmp_path / name, folder="kinds/2026")
    answer = httpx.get(asset.url())
    assert (answer.headers["content-type"], answer.content) == (kind, content)


@pytest.mark.parametrize(
    ("wishes", "form", "size"),
    [
        ({"width": 300}, "PNG", (300, 200)),
        ({"width": 100, "height": 100}, "PNG", (100, 67)),
        ({"width": 100, "height": 100, "fit": "cover"}, "PNG", (100, 100)),
        ({"width": 90, "height": 90, "fit": "contain", "format": "webp"}, "WEBP", (90, 60)),
        ({"height": 50, "quality": 40, "format": "jpeg"}, "JPEG", (75, 50)),
        ({"width": 9000}, "PNG", (600, 400)),
    ],
)
def test_forms_have_the_measures_asked_for(fig1: Fig1, wishes: dict[str, object], form: str, size: tuple[int, int]) -> None:
    asset = fig1.upload(png(600, 400), name="large.png")
    found = seen(asset.url(**wishes))  # type: ignore[arg-type]
    assert (found.format, found.size) == (form, size)


def test_an_address_is_for_ever_the_same_file(fig1: Fig1) -> None:
    first, second = (fig1.upload(png(shade=shade), name="same.png", folder="twice") for shade in (1, 2))
    assert second.key == first.key.replace("same.png", "same-2.png")
    assert httpx.get(first.url()).content == png(shade=1)
    assert httpx.get(second.url()).content == png(shade=2)


def test_many_at_once_with_some_that_fail(fig1: Fig1, tmp_path: Path) -> None:
    (tmp_path / "odd.gif").write_bytes(png())
    told: list[tuple[int, int | None]] = []
    what = [png(shade=3), tmp_path / "odd.gif", tmp_path / "none.png", DOCUMENT, png(shade=4)]
    found = fig1.upload_many(what, folder="many", progress=lambda done, total: told.append((done, total)))
    assert [isinstance(one, CdnAsset) for one in found] == [True, False, False, True, True]
    assert isinstance(found[1], NotUploaded)
    assert "rename it to end with .png" in str(found[1])
    total = sum(len(one) for one in what if isinstance(one, bytes))
    assert told[-1] == (total, total)


def test_folders_within_folders(fig1: Fig1) -> None:
    deepest = fig1.make_folder("a/b/c d")
    assert (deepest.path, fig1.make_folder("/a/b/c d/").id) == ("/a/b/c-d", deepest.id)
    asset = fig1.upload(png(), folder="a/b/c d", name="deep.png")
    assert asset.key.endswith("/a/b/c-d/deep.png")
    assert httpx.get(asset.url()).status_code == 200
    paths = [one.path for one in fig1.folders()]
    assert paths == sorted(paths)
    assert {"/a", "/a/b", "/a/b/c-d"} <= set(paths)


def test_progress_is_told(fig1: Fig1, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(FILES["a.mp3"][1] * 3000)
    told: list[tuple[int, int | None]] = []
    fig1.upload(path, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(told) > 2


# ---------------------------------------------------------------- what is refused


def test_what_the_client_does_not_even_send(fig1: Fig1) -> None:
    with pytest.raises(NotUploadable, match="exceeds maximum size of 10MB"):
        fig1.upload(png() + b"\0" * (10 << 20))
    with pytest.raises(NotUploadable, match="no type that can be uploaded"):
        fig1.upload(b"MZ\x90\x00")


def test_what_the_server_refuses(fig1: Fig1, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that looks at nothing: the server's own words, in our errors."""
    real = client.sendable

    def unlooked(content: bytes, name: str | None = None, title: str = "") -> client.Sendable:
        fine = real(png(), name, title)
        body = type(fine.body)(content, len(content), fine.medium.content_type)
        return client.Sendable(fine.name, fine.medium, body)

    monkeypatch.setattr(client, "sendable", unlooked)
    with pytest.raises(StatusError, match=r"^400: File type not supported$"):
        fig1.upload(FILES["a.gif"][1], name="a.png")
    with pytest.raises(StatusError, match=r"^413: File exceeds maximum size of 10MB$"):
        fig1.upload(png() + b"\0" * (10 << 20), name="a.png")


def test_an_upload_address_takes_one_file_once(fig1: Fig1, server: Server) -> None:
    order = {"filename": "once.png", "contentType": "image/png"}
    key = {"X-Fig1-API-Key": kept_fig1_key(server.home / "server") or ""}
    ticket = httpx.post(f"{server.local.url}/api/sdk/assets/upload", json=order, headers=key).json()["data"]
    for status in (200, 400):
        answer = httpx.put(ticket["uploadUrl"], content=png(), headers={"Content-Type": "image/png"})
        assert answer.status_code == status
    assert answer.json() == {"success": False, "error": EXPIRED}
    assert seen(ticket["cdnUrl"]).size == (60, 40)


# ---------------------------------------------------------------- over a line that is cut


def over(line: Line, server: Server) -> Fig1:
    """A client that reaches the server through that line alone."""
    wire = httpx.HTTPTransport(proxy=line.url)
    patience = Patience(20.0, tries=3, first=0.05)
    return Fig1(settings=Settings(home=server.home), patience=patience, transport=wire)


def test_a_line_that_is_cut_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(FILES["a.mp3"][1] * 30_000)  # some 12 MB
    size = path.stat().st_size
    told: list[int] = []
    with cutting() as line, over(line, server) as fig1:
        line.cuts.extend([5 << 20, 3 << 20, 0, 2 << 20])
        asset = fig1.upload(path, progress=lambda done, _: told.append(done))
        assert [one for one in line.asked if one in {"PUT", "PATCH"}] == ["PUT", *["PATCH"] * 4]
        assert line.asked.count("POST") == 1, "one address for all of it"
        assert line.sent < size * 1.5
    assert httpx.get(asset.url()).content == path.read_bytes()
    assert told[-1] == size


def test_a_worker_goes_on_where_another_was_killed(server: Server) -> None:
    content = FILES["a.mp3"][1] * 20_000
    noted: list[UploadTicket] = []
    with cutting() as line, over(line, server) as fig1:
        line.cuts.extend([4 << 20, *[0] * 9])
        with pytest.raises(ConnectionFailed):
            fig1.upload_noted(Drawn(content, "talk"), Journal(noted.append))
        sent = line.sent
        line.cuts.clear()
        asset = fig1.upload_noted(Drawn(content, "talk"), Journal(noted.append, noted[-1]))
        assert len(noted) == 1
        assert line.sent < sent + len(content) - (1 << 20), "it was not sent from the beginning"
        before = line.sent
        assert fig1.upload_noted(Drawn(content, "talk"), Journal(noted.append, noted[-1])) == asset
        assert line.sent == before, "it is there"
    assert httpx.get(asset.url()).content == content
