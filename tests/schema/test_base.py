"""The wire's small rules: times, binary, unknown keys, R's empty lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gofigr_jupyter.schema.accounts import ApiKeyDraft
from gofigr_jupyter.schema.base import render_time, strict_mode
from gofigr_jupyter.schema.figures import DataDraft, DataObject, Revision, RevisionDraft
from gofigr_jupyter.schema.workspaces import Workspace


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 19:51:52.584298+00:00",
        "2026-11-21T19:51:52.584298Z",
        "2026-11-21T20:51:52.584298+01:00",
        "2026-11-21 19:51:52.584298",
    ],
)
def test_times_of_all_clients_are_the_same_instant(text: str) -> None:
    workspace = Workspace.model_validate({"name": "w", "created_on": text})
    assert workspace.created_on == datetime(2026, 11, 21, 19, 51, 52, 584298, UTC)


def test_times_out_have_offset_and_microseconds() -> None:
    assert render_time(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == "2025-12-31T23:00:00.000000+00:00"


@given(st.datetimes(timezones=st.timezones()))
def test_every_time_comes_back_as_the_same_instant(value: datetime) -> None:
    """Except where UTC would leave the years 1 to 9999: that is refused, here and not later."""
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        with pytest.raises(ValidationError, match="outside the years"):
            ApiKeyDraft(name="k", expiry=value)
        return
    draft = ApiKeyDraft(name="k", expiry=value)
    again = ApiKeyDraft.model_validate_json(draft.model_dump_json())
    assert draft.expiry == again.expiry == instant
    assert again.to_wire()["expiry"] == draft.to_wire()["expiry"] == render_time(instant)


@given(st.datetimes())
def test_times_as_python_prints_them_are_read(naive: datetime) -> None:
    aware = naive.replace(tzinfo=UTC)
    for text in (str(naive), str(aware), aware.isoformat(), naive.isoformat() + "Z"):
        assert ApiKeyDraft.model_validate({"name": "k", "expiry": text}).expiry == aware


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-11-21T25:00:00Z", "0001-01-01T00:00:00+14:00", "\ud800"]
)
def test_what_is_no_time_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ApiKeyDraft.model_validate({"name": "k", "expiry": text})
    assert [error["loc"] for error in caught.value.errors()] == [("expiry",)]


@given(st.binary(max_size=200))
def test_bytes_travel_as_base64(data: bytes) -> None:
    item = DataDraft(type="image", data=data)
    assert DataObject.model_validate(item.to_wire()).data == data


@pytest.mark.parametrize("text", ["a\nb", "YQ", "YQ==\n", "Y-_=", "é", "\ud800", "====", "YQ==YQ=="])
def test_broken_base64_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="base64"):
        DataDraft.model_validate({"type": "image", "data": text})


def test_unknown_keys_are_kept_and_strict_mode_sees_them() -> None:
    body = {"name": "w", "from_the_future": 1}
    assert Workspace.model_validate(body).model_extra == {"from_the_future": 1}
    with strict_mode(), pytest.raises(ValidationError, match="from_the_future"):
        Workspace.model_validate(body)


def test_r_writes_empty_lists_for_objects() -> None:
    assert RevisionDraft.model_validate({"metadata": []}).metadata == {}
    assert DataDraft.model_validate({"type": "code", "metadata": []}).metadata == {}


@pytest.mark.parametrize("metadata", ["a", 1, None, {"b": None}, [1]])
def test_any_json_is_metadata(metadata: object) -> None:
    assert Revision.model_validate({"metadata": metadata}).metadata == metadata


def test_requests_carry_no_nulls() -> None:
    assert RevisionDraft(figure="f").to_wire() == {"figure": "f"}
