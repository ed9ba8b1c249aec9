"""Every shape of the contract is read strictly and written back key for key; the check of answers finds what is wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from pydantic import ValidationError

from gofigr_jupyter.schema.base import strict_mode
from tests.schema.golden import NAMES, assert_shape, assert_shapes, golden
from tests.schema.models import ANSWERS

# The child lists of API.md 4.2: there in the full form, empty ones too; null in the nested one.
CHILDREN = {
    "workspace": {"analyses", "assets"},
    "analysis": {"figures"},
    "figure": {"revisions"},
    "revision": {"data", "assets"},
    "asset": {"revisions"},
    "asset_revision": {"data", "figure_revisions"},
    "story": {"slides"},
}


@pytest.mark.parametrize("name", NAMES)
def test_each_shape_is_read_strictly_and_written_back_as_it_was(name: str) -> None:
    wanted = golden(name)
    with strict_mode():
        from_json = wanted.model.model_validate_json(json.dumps(wanted.body))
        from_python = wanted.model.model_validate(copy.deepcopy(wanted.body))
    assert from_json.model_dump(mode="json") == wanted.body
    assert json.loads(from_python.model_dump_json()) == wanted.body


@pytest.mark.parametrize("name", NAMES)
def test_the_check_takes_the_example_and_refuses_it_with_one_key_more_or_less(name: str) -> None:
    body = golden(name).body
    assert_shape(name, body)
    with pytest.raises(AssertionError, match="surprise is not in the contract"):
        assert_shape(name, body | {"surprise": 1})
    for key in body:
        less = {other: value for other, value in body.items() if other != key}
        with pytest.raises(AssertionError, match=f"{key} is missing"):
            assert_shape(name, less)
        assert_shape(name, less, without=frozenset({key})) if _reads_without(name, key) else None


def _reads_without(name: str, key: str) -> bool:
    field = golden(name).model.model_fields.get(key)
    return field is not None and not field.is_required()


@pytest.mark.parametrize("name", NAMES)
def test_what_may_be_null_can_be_read_as_null(name: str) -> None:
    wanted = golden(name)
    for key in wanted.may_be_null & wanted.body.keys():
        with strict_mode():
            read = wanted.model.model_validate(wanted.body | {key: None})
        assert read.model_dump(mode="json")[key] is None
        assert_shape(name, wanted.body | {key: None})


@pytest.mark.parametrize("name", NAMES)
def test_what_may_not_be_null_is_missed(name: str) -> None:
    wanted = golden(name)
    sure = {k for k, v in wanted.body.items() if v is not None} - wanted.may_be_null - wanted.free
    for key in sure:
        with pytest.raises(AssertionError, match=f"{key} is None"):
            assert_shape(name, wanted.body | {key: None})


@pytest.mark.parametrize("kind", CHILDREN)
def test_child_lists_stand_in_full_forms_only(kind: str) -> None:
    full, nested = golden(f"{kind}_full").body, golden(f"{kind}_nested").body
    assert full.keys() == nested.keys()
    for key in CHILDREN[kind]:
        assert isinstance(full[key], list)
        assert nested[key] is None
        assert_shape(f"{kind}_full", full | {key: []})
        with pytest.raises(AssertionError, match=f"{key} is "):
            assert_shape(f"{kind}_full", full | {key: None})
        with pytest.raises(AssertionError, match=f"{key} is "):
            assert_shape(f"{kind}_nested", nested | {key: []})  # a false [] makes clients believe that names are free


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("figure_nested", {"created_on": "2026-11-21T19:51:52+00:00"}, "created_on is a text"),  # seconds only
        ("figure_nested", {"created_on": "2026-11-21T19:51:52.584298"}, "created_on is a text"),  # no offset
        ("figure_nested", {"analysis": {"api_id": "x"}}, "analysis is dict"),  # R needs plain ids
        ("figure_nested", {"size_bytes": "70"}, "size_bytes is a text"),
        ("figure_nested", {"size_bytes": True}, "size_bytes is a truth value"),
        ("data_full", {"hash": "ABC"}, "hash is a text"),
        ("api_key", {"token": "0f0f"}, "token is "),  # shown once only
        ("metadata_proxy_new", {"updated": "2026-11-21T19:51:52.584298+00:00"}, "updated is "),
        ("figure_full", {"revisions": ["an id"]}, "the answer is no object"),
        ("workspace_full", {"analyses": {"a": 1}}, "the answer is no object"),
    ],
)
def test_the_check_says_what_is_wrong(name: str, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        assert_shape(name, golden(name).body | change)


def test_an_empty_list_proves_no_shape() -> None:
    assert_shapes("figure_nested", [golden("figure_nested").body])
    with pytest.raises(AssertionError, match="at least 1"):
        assert_shapes("figure_nested", [])


def test_every_answer_has_a_golden_file() -> None:
    shown = {golden(name).model for name in NAMES}
    inside = {model for model in ANSWERS if model not in shown}
    for name in NAMES:
        with strict_mode():
            inside -= set(_models_in(golden(name).model.model_validate(golden(name).body)))
    assert {model.__name__ for model in inside} == set()


def _models_in(value: Any) -> Any:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _models_in(item)
    elif hasattr(value, "model_fields_set"):
        yield type(value)
        for name in type(value).model_fields:
            yield from _models_in(getattr(value, name))


def test_bytes_that_are_none_are_not_bytes_that_are_empty() -> None:
    model, body = golden("data_full").model, golden("data_full").body
    assert model.model_validate(body | {"data": ""}).model_dump(mode="json")["data"] == ""
    assert model.model_validate(body | {"data": None}).model_dump(mode="json")["data"] is None


def test_a_type_of_data_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="type"):
        golden("data_full").model.model_validate(golden("data_full").body | {"type": "sound"})
