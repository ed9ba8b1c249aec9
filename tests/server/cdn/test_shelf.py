"""What was asked for lately is answered from memory, word for word as it was; and never what has gone."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from gofigr_jupyter.server import chores
from gofigr_jupyter.server.cdn import shelf
from gofigr_jupyter.server.cdn.serving import Asked, Copy
from gofigr_jupyter.server.cdn.shelf import Shelf
from gofigr_jupyter.server.config import ServerConfig
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, picture
from tests.server.conftest import API, Client, found
from tests.server.counting import statements

ASKED = (
    {},
    {"accept": "image/avif,image/webp"},
    {"range": "bytes=2-5"},
    {"range": "bytes=99999999-"},
    {"if-none-match": "*"},
    {"if-none-match": '"x"'},
    {"origin": "https://app.example"},
)


@pytest.mark.parametrize("query", ["", "?w=4", "?w=4&f=webp", "?f=auto&dpr=2", "?w=9999&h=0", "?other=1"])
def test_answers_are_the_same_word_for_word(
    app: FastAPI, program: Program, anonymous: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program.upload("a.png", "image/png", picture("PNG", (40, 30))) + query

    def answers() -> list[tuple[int, dict[str, str], bytes]]:
        made = [getattr(anonymous, method)(path, headers=one) for one in ASKED for method in ("get", "head")]
        return [(one.status_code, dict(one.headers), one.content) for one in made]

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "MOMENT", -1.0)  # nothing comes from there
        slow = answers()
    monkeypatch.setattr(shelf, "MOMENT", 1e9)
    anonymous.get(path)
    anonymous.get(path, headers=ASKED[1])
    with statements(app) as seen:
        assert answers() == slow
    assert bool(seen) == (slow[0][0] != 200)


def test_what_is_deleted_is_gone_at_once(program: Program, me: Client, anonymous: Client) -> None:
    path = program.upload("a.png", "image/png", picture("PNG", (40, 30)))
    both = [path, f"{path}?w=4"]
    for _ in range(3):
        assert [anonymous.get(one).status_code for one in both] == [200, 200]
    (asset,) = found(me.get(f"{API}/asset/"))
    assert me.delete(f"{API}/asset/{asset['api_id']}/").status_code == 204
    for one in both:
        refused(anonymous.get(one), 404)
        refused(anonymous.get(one, headers={"if-none-match": "*"}), 404)


def test_what_was_made_of_it_is_forgotten_when_it_is_quiet(app: FastAPI, program: Program, me: Client) -> None:
    path = program.upload("a.png", "image/png", picture("PNG", (40, 30)))
    assert me.get(f"{path}?w=4").status_code == 200
    assert chores.weed(app.state.store, app.state.darkroom) == 0
    (asset,) = found(me.get(f"{API}/asset/"))
    me.delete(f"{API}/asset/{asset['api_id']}/")
    assert chores.weed(app.state.store, app.state.darkroom) == 1


def test_what_another_process_deletes_is_gone_in_a_moment(
    program: Program, config: ServerConfig, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program.upload("a.png", *FILES["png"])
    assert anonymous.get(path).status_code == 200
    with create_engine(f"sqlite:///{config.data_dir}/gofigr.sqlite").begin() as connection:
        connection.execute(text("UPDATE cdn_files SET data_id = NULL"))
    monkeypatch.setattr(shelf, "MOMENT", 0.0)
    refused(anonymous.get(path), 404)


def test_it_has_room_for_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST_BYTES", 3 * (1000 + shelf.HEADERS))
    kept, version = Shelf(lambda: 1), 1

    def copy(size: int) -> Copy:
        return Copy('"x"', size, {}, lambda _start, _end: iter(()), bytes(size))

    names = [Asked(str(number), None) for number in range(4)]
    for name in names[:3]:
        kept.put(name, copy(1000), version)
        kept.put(name, copy(1000), version)
    assert kept.get(names[0]) is not None
    kept.put(names[3], copy(1000), version)
    assert [kept.get(name) is not None for name in names] == [True, False, True, True]
    kept.put(names[1], copy(shelf.LARGEST + 1), version)
    assert kept.get(names[1]) is None
    kept.put(names[2], copy(1000), version - 1)
    assert kept.get(names[2]) is None, "it was there before something changed"
