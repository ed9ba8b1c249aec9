"""One's own record: what can be changed, what is ignored, and that nobody else's is seen."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from gofigr_jupyter.server.avatars import MOST_BYTES
from tests.schema.golden import assert_shape
from tests.server.conftest import API, Client, found
from tests.server.people import People


@pytest.fixture
def ada(people: People) -> Client:
    return people("ada")


def picture(fmt: str = "PNG", size: tuple[int, int] = (64, 64)) -> str:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, fmt)
    return base64.b64encode(stream.getvalue()).decode()


def put(client: Client, **changes: Any) -> dict[str, Any]:
    """Change one's record as the official client does: the whole of it, nulls included."""
    user = found(client.get(f"{API}/user"))[0]
    body: dict[str, Any] = found(client.put(f"{API}/user/{user['username']}/", json=user | changes))
    return body


def test_a_user_has_the_contracts_shape(ada: Client) -> None:
    (user,) = found(ada.get(f"{API}/user"))
    assert_shape("user", user)
    assert found(ada.get(f"{API}/user/ada")) == found(ada.get(f"{API}/user/ada/")) == user


def test_names_profile_and_avatar_can_be_changed(ada: Client) -> None:
    profile = {"ui_data": {"theme": "dark", "recent": [1, None, {"x": "ü"}]}}
    changed = put(ada, first_name="Ada", last_name="Lovelace", user_profile=profile, avatar=picture())
    assert (changed["first_name"], changed["last_name"]) == ("Ada", "Lovelace")
    assert (changed["user_profile"], changed["avatar"]) == (profile, picture())
    assert found(ada.get(f"{API}/user"))[0] == changed
    replaced = put(ada, user_profile={"other": 1})  # as a whole, not merged
    assert replaced["user_profile"] == {"other": 1}
    emptied = put(ada, avatar=None, first_name=None, user_profile=None)
    assert (emptied["avatar"], emptied["first_name"], emptied["user_profile"]) == (None, "", {})
    assert emptied["last_name"] == "Lovelace"


def test_a_part_may_be_sent(ada: Client) -> None:
    put(ada, first_name="Ada", avatar=picture())
    for method in ("PUT", "PATCH"):
        changed = found(ada.request(method, f"{API}/user/ada/", json={"last_name": method}))
        assert (changed["first_name"], changed["last_name"]) == ("Ada", method)
        assert changed["avatar"] is not None


def test_what_is_not_ones_own_to_change_is_ignored(ada: Client) -> None:
    before = found(ada.get(f"{API}/user"))[0]
    after = put(
        ada,
        is_staff=True,
        is_active=False,
        date_joined="2001-01-01 00:00:00",
        email="other@example.org",
        extra={"x": 1},
    )
    assert after == before
    assert put(ada, date_joined="nonsense", is_staff="perhaps", email=7) == before


def test_others_are_refused_and_a_name_stays(ada: Client, people: People) -> None:
    people("eve")
    user = found(ada.get(f"{API}/user"))[0]
    assert ada.put(f"{API}/user/ada/", json=user | {"username": "root"}).status_code == 403
    answers = [ada.get(f"{API}/user/{name}") for name in ("eve", "nobody", "root", "Ada")]
    answers += [ada.put(f"{API}/user/{name}/", json=user) for name in ("eve", "nobody")]
    assert {(one.status_code, one.text) for one in answers} == {(403, answers[0].text)}  # nor who there is


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "WEBP", "GIF"])
def test_avatars_are_pictures(ada: Client, fmt: str) -> None:
    assert put(ada, avatar=picture(fmt))["avatar"] == picture(fmt)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", SVG, base64.b64decode(picture())[:60], b"\x89PNG" + bytes(MOST_BYTES)],
    ids=["nothing", "text", "SVG", "half of one", "too large"],
)
def test_what_is_no_small_picture_is_refused(ada: Client, content: bytes) -> None:
    answer = ada.patch(f"{API}/user/ada/", json={"avatar": base64.b64encode(content).decode()})
    assert (answer.status_code, list(answer.json())) == (400, ["avatar"])
    assert found(ada.get(f"{API}/user"))[0]["avatar"] is None


def test_a_small_file_may_not_be_a_vast_picture(ada: Client) -> None:
    vast = picture(size=(9000, 9000))
    assert len(vast) < MOST_BYTES
    assert ada.patch(f"{API}/user/ada/", json={"avatar": vast}).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_profile", {"x": "y" * 70_000}),
        ("user_profile", [1]),
        ("user_profile", "text"),
        ("first_name", "x" * 5000),
        ("first_name", 7),
        ("last_name", "a\0b"),
        ("avatar", "no base64!"),
        ("avatar", 7),
    ],
)
def test_what_cannot_be_names_its_field(ada: Client, field: str, value: Any) -> None:
    answer = ada.patch(
        f"{API}/user/ada/", content=json.dumps({field: value}), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, list(answer.json())) == (400, [field])
