"""Every crash point of a file's way to the CDN and of a picture that is made of it: whole and right, or not there."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from gofigr_jupyter.server.cdn import sites
from gofigr_jupyter.server.store import blobs, fsck
from tests.faults.deeds import API, look, put_online, serving, start_server
from tests.faults.nursery import Nursery
from tests.faults.strace import points, strike
from tests.faults.test_full_disk import fill
from tests.server.cdn.conftest import UPLOAD, refused
from tests.server.cdn.files import mp4
from tests.server.conftest import found

CALLS = "pwrite64,write,writev,fdatasync,fsync,unlink,unlinkat,rename,renameat,renameat2,link,linkat,mkdir,ftruncate"
SHOWING = ("rename", "fsync", "fdatasync", "unlink")
IS_LONG = bool(os.environ.get("GOFIGR_LONG"))
ORDER = {"filename": "a.png", "contentType": "image/png", "folder": "plots"}


def noise() -> bytes:
    """A picture of two chunks."""
    out = io.BytesIO()
    Image.frombytes("RGB", (700, 600), os.urandom(700 * 600 * 3)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def chosen(source: Nursery, deed: Callable[[], None], log: Path) -> Iterator[tuple[str, int]]:
    """All points in the long tier; else some, and those at which things become visible."""
    every = points(source, deed, CALLS, log)
    assert {"writev", "rename"} <= {name for name, _ in every}
    for number, (name, nth) in enumerate(every):
        is_last = name in SHOWING and (name, nth + 1) not in every
        if IS_LONG or number % 60 == 0 or is_last:
            yield name, nth


@dataclass(frozen=True)
class Scene:
    """A data folder, the key of its site, and a picture that is to be there."""

    folder: Path
    key: str
    picture: bytes

    def copied(self, folder: Path) -> Path:
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A server that was never used."""
    monkeypatch.setattr(blobs, "STRAY_SECONDS", -1.0)
    folder = tmp_path / "before"
    start_server(folder)
    return Scene(folder, sites.add_key(folder, "default", None, embedded=True)["key"], noise())


@pytest.mark.slow
@pytest.mark.timeout(3600 if IS_LONG else 300)
def test_killed_while_a_file_comes(source: Nursery, scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    deed = partial(put_online, key=scene.key, order=ORDER, content=scene.picture)
    arrived = number = 0
    for number, (name, nth) in enumerate(chosen(source, partial(deed, scene.copied(tmp_path / "whole")), log), 1):
        folder = scene.copied(tmp_path / str(number))
        said = strike(source, partial(deed, folder), CALLS, f"{name}:signal=KILL:when={nth}", log).said
        assert "Traceback" not in said, said
        arrived += arrived_well(folder, said, scene.picture)
        shutil.rmtree(folder)
    assert arrived < number, "most points lie before the commit"


def arrived_well(folder: Path, said: str, picture: bytes) -> bool:
    """Whether the file is there after all; if not, it is nowhere, and its address still takes it."""
    told = re.search(r"^asked (.*)$", said, re.MULTILINE)
    with serving(folder) as client:
        assets = found(client.get(f"{API}/asset/"))
        if told is None:
            assert assets == []
            is_there = False
        else:
            target = json.loads(told[1])
            answer = client.get(target["cdnUrl"])
            is_there = answer.status_code == 200
            assert is_there or (answer.status_code, "put 200" in said) == (404, False), "answered and lost"
            assert [one["name"] for one in assets] == ["a.png"] * is_there
            if not is_there:
                again = client.put(target["uploadUrl"], content=picture, headers={"content-type": "image/png"})
                assert again.status_code == 200, again.text
            assert client.get(target["cdnUrl"]).content == picture
            assert len(found(client.get(f"{API}/asset/"))) == 1
    check(folder)
    return is_there


def check(folder: Path) -> None:
    """Nothing is damaged, and nothing is left over after a repair."""
    report = fsck.check(folder, repair=True)
    assert (report.is_sound, report.unnamed) == (True, 0)
    assert not [path for part in ("blobs", "cache") for path in (folder / part).rglob("*#*")], "half of a file"


@pytest.mark.slow
@pytest.mark.timeout(3600 if IS_LONG else 300)
def test_killed_while_a_picture_is_made(source: Nursery, scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(scene.folder) as client:
        target = client.post(UPLOAD, json=ORDER, headers={"X-Fig1-API-Key": scene.key}).json()["data"]
        client.put(target["uploadUrl"], content=scene.picture, headers={"content-type": "image/png"})
    small = target["cdnUrl"] + "?w=20&f=webp"
    deed = partial(look, address=small)
    for number, (name, nth) in enumerate(chosen(source, partial(deed, scene.copied(tmp_path / "whole")), log)):
        folder = scene.copied(tmp_path / str(number))
        said = strike(source, partial(deed, folder), CALLS, f"{name}:signal=KILL:when={nth}", log).said
        assert said in {"", "seen 200\n"}
        with serving(folder) as client:
            assert client.get(target["cdnUrl"]).content == scene.picture
            with Image.open(io.BytesIO(client.get(small).content)) as image:
                assert (image.format, image.size, image.load() is None) == ("WEBP", (20, 17), False)
        check(folder)
        shutil.rmtree(folder)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.fail("this test mounts a small disk and needs to be run as root: " + made.stderr.decode())
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk(disk: Path) -> None:
    folder = disk / "data"
    start_server(folder)
    headers = {"X-Fig1-API-Key": sites.add_key(folder, "default", None, embedded=True)["key"]}
    film = {"filename": "a.mp4", "contentType": "video/mp4"}
    with serving(folder) as client:
        target = client.post(UPLOAD, json=film, headers=headers).json()["data"]
        for content in (mp4() + os.urandom(12 << 20), mp4() + os.urandom(3 << 20)):
            filler = disk / "filler"
            fill(filler, 2000)
            refused(client.put(target["uploadUrl"], content=content, headers={"content-type": "video/mp4"}), 507)
            refused(client.get(target["cdnUrl"]), 404)
            assert found(client.get(f"{API}/asset/")) == []
            filler.unlink()
            client.app.state.store.tidy()
        assert client.put(target["uploadUrl"], content=content, headers={"content-type": "video/mp4"}).status_code == 200
        assert client.get(target["cdnUrl"]).content == content
    report = fsck.check(folder, repair=True)
    assert (report.is_sound, report.unnamed) == (True, 0)
