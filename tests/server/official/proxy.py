"""The mailbox between a page and its kernel: anybody drops in, only who opened it looks."""

import threading
import time
from datetime import datetime, timedelta
from multiprocessing import JoinableQueue

import requests
from common import World, forbidden, refused, run
from gofigr import proxy as official


def dropped_and_fetched(world: World) -> None:
    """Empty at first; the last drop counts, whoever it is from, and may be any JSON."""
    box = world.ada.MetadataProxy().create()
    assert (box.initiator, box.updated, box.metadata) == ("ada", None, None)
    assert timedelta(0) < box.expiry - box.created < timedelta(days=1)
    assert len(box.token) >= 20
    for gf, content in ((world.ada, {"a": [1]}), (world.bob, "a string"), (world.nobody, {"url": None})):
        theirs = gf.MetadataProxy(token=box.token, metadata=content)
        theirs.save()
        box.fetch()
        assert box.metadata == content
        assert box.updated is not None
        if gf is world.ada:
            assert (theirs.metadata, theirs.updated) == (content, box.updated)
    for gf in (world.bob, world.nobody):
        with forbidden():
            gf.MetadataProxy(token=box.token).fetch()
    with refused():
        world.ada.MetadataProxy(token=box.token[:-1] + "x").fetch()
    with refused():
        world.nobody.MetadataProxy(token=box.token[:-1] + "x", metadata={}).save()
    with forbidden():
        world.nobody.MetadataProxy().create()
    box.delete()
    with refused():
        box.fetch()


def for_a_while(world: World) -> None:
    """A shorter life is granted, a longer one is not; after it nothing goes in or out."""
    far = world.ada.MetadataProxy(expiry=datetime.now() + timedelta(days=30)).create()  # noqa: DTZ005 - as users do
    assert far.expiry - far.created < timedelta(days=1)
    soon = datetime.now() + timedelta(seconds=1)  # noqa: DTZ005
    box = world.ada.MetadataProxy(expiry=soon).create()
    assert box.expiry - box.created < timedelta(seconds=2)
    time.sleep(1.5)
    box.metadata = {"late": True}
    for attempt in (box.fetch, box.save, world.nobody.MetadataProxy(token=box.token, metadata={}).save):
        with refused():
            attempt()


def from_a_page(world: World) -> None:
    """What a browser at another origin asks first, and then does, without redirects."""
    box = world.ada.MetadataProxy().create()
    for slash in ("", "/"):
        url = f"{world.url}/api/v1.4.1/metadata/{box.token}{slash}"
        page = {"Origin": "http://notebook.example:8888"}
        asked = page | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, accept",
        }
        answer = requests.options(url, headers=asked, timeout=30, allow_redirects=False)
        assert answer.status_code in {200, 204}
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert {"content-type", "accept"} <= set(
            answer.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
        )
        answer = requests.post(
            url, json={"metadata": {"slash": slash}}, headers=page, timeout=30, allow_redirects=False
        )
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
        assert box.fetch().metadata == {"slash": slash}
    other = requests.get(
        f"{world.url}/api/v1.4.1/info/", headers={"Origin": "http://notebook.example:8888"}, timeout=30
    )
    assert "Access-Control-Allow-Origin" not in other.headers


def as_the_extension_polls(world: World) -> None:
    """The thread that waits for a notebook's name ends when the name has come."""
    box, queue, heard = world.ada.MetadataProxy().create(), JoinableQueue(), []
    thread = threading.Thread(target=official.callback_thread, args=(heard.append, queue, box))
    thread.start()
    assert queue.get(timeout=5) == official.QUEUE_MSG_STARTED
    assert box.token in official.get_javascript_loader(world.ada, box).data
    time.sleep(0.3)
    world.nobody.MetadataProxy(token=box.token, metadata={"notebook_name": "a.ipynb"}).save()
    thread.join(10)
    assert not thread.is_alive()
    assert [one.metadata for one in heard] == [{"notebook_name": "a.ipynb"}]


run(dropped_and_fetched, for_a_while, from_a_page, as_the_extension_polls)
