"""JSON in: what is no JSON, or means two things, is a 400 that names the field; everything else comes back exactly."""

from __future__ import annotations

import base64
import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gofigr_jupyter.server.intake import LONG, Intake
from gofigr_jupyter.server.strict_json import Reader
from tests.server.conftest import API, Client, created, found, make_figure, text

JSON = {"content-type": "application/json"}
DEEPEST = 150

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**60), 10**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4),
    max_leaves=12,
)


def post(client: Client, path: str, body: bytes | str, **headers: str) -> Any:
    """A POST of raw bytes that says it is JSON."""
    raw = body.encode() if isinstance(body, str) else body
    return client.post(f"{API}/{path}/", content=raw, headers=JSON | headers)


def same(one: Any, other: Any) -> bool:
    """Equal, numbers of the same type and sign, keys in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)


@pytest.fixture
def figure(me: Client) -> str:
    """A figure to publish to."""
    api_id: str = make_figure(me)["api_id"]
    return api_id


MALFORMED = {
    "nothing": b"",
    "a space": b" ",
    "cut off": b'{"name": "x"',
    "cut off in a text": b'{"name": "x',
    "cut off in an escape": b'{"name": "\\',
    "two values": b'{"name": "x"} {}',
    "trailing comma": b'{"name": "x",}',
    "single quotes": b"{'name': 'x'}",
    "a comment": b'{"name": "x"} // no',
    "not UTF-8": b'{"name": "\xff"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-32": '{"name": "x"}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "a control character": b'{"name": "a\x01b"}',
    "a list": b"[]",
    "a list of objects": b'[{"name": "x"}]',
    "a text": b'"name"',
    "a number": b"7",
    "null": b"null",
    "NaN": b"NaN",
    "a deep list": b"[" * 100_000,
    "a deep list that ends": b"[" * 100_000 + b"]" * 100_000,
    "a deep object": b'{"name":' * 100_000,
    "a deep value": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a leading zero": b'{"name": 01}',
    "a plus sign": b'{"name": +1}',
    "hexadecimal": b'{"name": 0x1}',
}


def test_what_is_no_json_is_refused(me: Client) -> None:
    for name, body in MALFORMED.items():
        for path in ("workspace", "revision"):  # the one is read at once, the other may wait on the disk
            answer = post(me, path, body)
            assert (answer.status_code, list(answer.json())) == (400, ["detail"]), (name, answer.text)


FLAWS = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "too large": "1e999",
    "too small": "-1e999",
    "too many digits": "9" * 5000,
    "far too many digits": "-" + "9" * 1_000_000,
    "half a pair": '"\\ud800"',
    "the other half": '"x\\udfff"',
    "halves in the wrong order": '"\\udc00\\ud800"',
    "half a pair in a key": '{"\\ud800": 1}',
    "a key twice": '{"a": 1, "b": 2, "a": 1}',
    "a key twice, escaped": '{"a": 1, "\\u0061": 2}',
    "in a list": "[1, [2, {}, NaN]]",
    "in an object": '{"a": {"b": [{"c": 1e400}]}}',
}


def test_what_cannot_be_kept_is_refused_and_the_field_is_named(me: Client, figure: str) -> None:
    for name, flaw in FLAWS.items():
        for field, content in {
            "metadata": flaw,
            "data": f'[{{"type": "text", "metadata": {{"x": {flaw}}}}}]',
            "none of ours": flaw,
        }.items():
            answer = post(me, "revision", f'{{"figure": "{figure}", "{field}": {content}}}')
            assert (answer.status_code, list(answer.json())) == (400, [field]), (name, answer.text)
    assert found(me.get(f"{API}/figure/{figure}/"))["revisions"] == []


def test_a_key_that_stands_twice_is_named(me: Client) -> None:
    answer = post(me, "workspace", '{"name": "x", "name": "x"}')
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


def test_the_field_that_does_not_fit_is_named(me: Client, figure: str) -> None:
    for body, field in (
        ('{"metadata": {}, "data": "x"}', "data"),
        ('{"data": [7]}', "data"),
        ('{"data": [{"type": "nonsense"}]}', "data"),
        ('{"data": [{"data": "eA=="}]}', "data"),
        ('{"data": [{"type": "text", "data": "e"}]}', "data"),
        ('{"data": [{"type": "text", "data": "eA"}]}', "data"),
        ('{"data": [{"type": "text", "data": "e A="}]}', "data"),
        ('{"data": [{"type": "text", "data": "eA==\\n"}]}', "data"),
        ('{"data": [{"type": "text", "data": "-_-_"}]}', "data"),
        ('{"data": [{"type": "text", "data": 7}]}', "data"),
        ('{"data": [{"type": "text", "metadata": 7}]}', "data"),
        ('{"assets": [{"use_type": "direct"}]}', "assets"),
        ('{"figure": 7}', "figure"),
        ('{"is_clean_room": {}}', "is_clean_room"),
    ):
        whole = {"figure": figure, "data": []} | json.loads(body)
        answer = post(me, "revision", json.dumps(whole))
        assert (answer.status_code, list(answer.json())) == (400, [field]), (body, answer.text)


def test_other_encodings_are_refused(me: Client) -> None:
    for headers in (
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-encoding": "gzip"},
        {"content-type": "text/json"},
        {"content-type": ""},
    ):
        assert post(me, "workspace", b'{"name": "x"}', **headers).status_code == 415, headers


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values, st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), values, max_size=5))
def test_metadata_comes_back_exactly(me: Client, figure: str, whole: Any, inner: dict[str, Any]) -> None:
    made = created(
        me.post(f"{API}/revision/", json={"figure": figure, "metadata": whole, "data": [text("x", **inner)]})
    )
    for shape in (made, found(me.get(f"{API}/revision/{made['api_id']}/"))):
        assert same(shape["metadata"], {} if whole == [] else whole)
        assert same(shape["data"][0]["metadata"], inner)
    assert same(found(me.get(f"{API}/data/{made['data'][0]['api_id']}/"))["metadata"], inner)


def test_numbers_come_back_exactly(me: Client, figure: str) -> None:
    for literal in (
        *("1", "1.0", "-0.0", "0.1", "1e300", "5e-324", "1.7976931348623157e308"),
        *("18446744073709551616", "-" + "9" * 4000),
    ):
        for body in (literal, f'{{"n": {literal}}}'):
            made = post(me, "revision", f'{{"figure": "{figure}", "metadata": {body}, "data": []}}')
            assert made.status_code == 201, made.text
            read = found(me.get(f"{API}/revision/{made.json()['api_id']}/"))
            assert same(read["metadata"], json.loads(body)), literal


def test_a_whole_pair_is_a_character(me: Client, figure: str) -> None:
    made = post(me, "revision", f'{{"figure": "{figure}", "metadata": {{"\\ud83d\\ude00": "\\ud83d\\ude00\\u0000"}}}}')
    assert made.json()["metadata"] == {"😀": "😀\0"}


def test_depth_that_is_allowed_comes_back(me: Client, figure: str) -> None:
    deep: Any = "bottom"
    for level in range(DEEPEST):
        deep = [deep] if level % 2 else {"in": deep}
    made = created(me.post(f"{API}/revision/", json={"figure": figure, "metadata": deep, "data": []}))
    assert found(me.get(f"{API}/revision/{made['api_id']}/"))["metadata"] == deep


# ---------------------------------------------------------------- what waits on the disk


def taken_in(raw: bytes, folder: Any, cuts: list[int] | None = None) -> Any:
    """A body that arrived in the pieces between these cuts, with its data left as bytes."""
    intake = Intake(folder)
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts or [])})
    try:
        for begin, end in pairwise(edges):
            intake.feed(raw[begin:end])
        body = intake.body()
        value = Reader(body.long, keeps_data=True).read(body.skeleton)
        for item in value.get("data", []):
            if not isinstance(item["data"], str):
                item["data"] = b"".join(item["data"])
        return value
    finally:
        intake.close()


long_texts = st.text(st.sampled_from('a"\\/\n\té😀 :{}[],'), max_size=40).map(lambda some: some * (LONG // 20))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(long_texts, long_texts, st.binary(max_size=30)), max_size=3),
    st.lists(st.integers(0, 1 << 30), max_size=12),
    st.booleans(),
)
def test_the_pieces_it_comes_in_make_no_difference(tmp_path: Any, parts: Any, cuts: list[int], escapes: bool) -> None:
    contents = [some * (LONG // 10) for _, _, some in parts]
    items = [
        {"type": "file", "name": name, "metadata": {text: [text, {"data": text}]}, "data": base64.b64encode(one).decode()}
        for (name, text, _), one in zip(parts, contents, strict=True)
    ]
    raw = json.dumps({"data": items, "metadata": {"data": [{"data": "x" * LONG * 2}]}}, ensure_ascii=escapes)
    if escapes:
        raw = raw.replace("/", "\\/").replace("+", "\\u002b")
    value = taken_in(raw.encode(), tmp_path, cuts)
    expected = json.loads(raw)
    for item, content, got in zip(expected["data"], contents, value["data"], strict=True):
        assert isinstance(got["data"], bytes) or len(item["data"]) <= LONG
        if isinstance(got["data"], bytes):
            item["data"] = content
    assert value == expected


def test_long_data_that_is_no_base64_is_refused(me: Client, figure: str) -> None:
    good, more = "A" * (3 * LONG), "x" * (1 << 20)
    for bad in ("=AAA", "A=AA", "A\\nAA", "A AA", "é", "-", "\\u0000", "\\\\", "\\ud800"):
        for encoded in (good + bad, bad + good, good + bad + good):
            item = f'{{"type": "file", "data": "{encoded}"}}'
            answer = post(me, "revision", f'{{"figure": "{figure}", "metadata": "{more}", "data": [{item}]}}')
            refusals = [(400, ["data"]), (400, ["detail"])]
            assert (answer.status_code, list(answer.json())) in refusals, (bad, answer.text[:300])
    assert found(me.get(f"{API}/figure/{figure}/"))["revisions"] == []


def test_long_texts_are_held_to_the_same_rules(me: Client, figure: str) -> None:
    for flaw in ("\\ud800", "\x01", "\\x", "\\u12"):
        raw = f'{{"figure": "{figure}", "metadata": {{"log": "{"x" * (1 << 21)}{flaw}"}}, "data": []}}'
        assert post(me, "revision", raw).status_code == 400, flaw


def test_long_texts_outside_of_data_are_texts(me: Client, figure: str) -> None:
    long = 'é"\\\n😀' * (1 << 18)
    metadata = {"log": long, "data": long, "inner": [{"data": long, "type": "file"}]}
    items = [{"type": "file", "data": base64.b64encode(b"x" * (1 << 20)).decode(), "metadata": {"data": long}}]
    made = created(me.post(f"{API}/revision/", json={"figure": figure, "metadata": metadata, "data": items}))
    shape = found(me.get(f"{API}/revision/{made['api_id']}/"))
    assert shape["metadata"] == metadata
    assert shape["data"][0]["metadata"] == {"data": long}
    assert shape["data"][0]["size_bytes"] == 1 << 20


def test_a_body_without_end_outside_of_its_data_is_too_large(me: Client, figure: str) -> None:
    raw = f'{{"figure": "{figure}", "data": [], "metadata": [{",".join(["[]"] * 12_000_000)}]}}'
    assert post(me, "revision", raw).status_code == 413
    texts = f'{{"figure": "{figure}", "data": [], "metadata": {{"a": "{"x" * 34_000_000}"}}}}'
    assert post(me, "revision", texts).status_code == 413
