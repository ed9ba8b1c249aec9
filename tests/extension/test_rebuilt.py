"""A clean room out of a revision's data objects: the same values, other values, and whose code runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gofigr_jupyter.cleanroom import manifest
from gofigr_jupyter.cleanroom.params import infer_param
from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.source import source_of
from gofigr_jupyter.errors import CleanRoomError, NotTrusted
from gofigr_jupyter.extension.rebuilt import clean_room
from gofigr_jupyter.records import Attachment


class Colour(Enum):
    RED = "r"
    BLUE = "b"


def kept(table, array, when, pair, colour, scalar):
    text = """two
lines"""
    return table, array, when, pair, colour.name, scalar, text


VALUES: dict[str, Any] = {
    "table": pd.DataFrame({"x": [1.5, 2.5], "y": ["a", None]}),
    "array": np.array([[1.0, np.nan], [np.inf, 2]], dtype="float32"),
    "when": date(2026, 3, 1),
    "pair": (1, {"a": [1, (2, 3)]}, {4: 5}),
    "colour": Colour.BLUE,
    "scalar": np.int64(7),
}


@dataclass
class Piece:
    """An attachment as the server gives it back."""

    sent: Attachment

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sent, name)

    def bytes(self) -> bytes:
        return self.sent.data


@dataclass
class Revision:
    data: list[Any] = field(default_factory=list)
    mine: bool = True

    def is_mine(self) -> bool:
        return self.mine


def revision(mine: bool = True) -> Revision:
    params = {name: infer_param(name, value) for name, value in VALUES.items()}
    room = CleanRoom.of(source_of(kept), {}, VALUES, params)
    return Revision([Piece(one) for one in manifest.attachments(room)], mine)


def test_arguments_come_back_as_they_were() -> None:
    table, array, when, pair, colour, scalar, text = clean_room(revision())()
    pd.testing.assert_frame_equal(table, VALUES["table"])
    np.testing.assert_array_equal(array, VALUES["array"])
    assert array.dtype == np.float32
    assert (when, pair, colour, scalar, text) == (VALUES["when"], VALUES["pair"], "BLUE", 7, "two\nlines")
    assert type(scalar) is np.int64


def test_other_values_and_unknown_names() -> None:
    rebuilt = clean_room(revision())
    assert rebuilt(scalar=9)[5] == 9
    with pytest.raises(CleanRoomError, match="no argument size"):
        rebuilt(size=1)


def test_code_of_others_runs_only_when_trusted() -> None:
    with pytest.raises(NotTrusted, match="somebody else"):
        clean_room(revision(mine=False))()
    assert clean_room(Revision(revision().data, mine=False), trust=True)()[5] == 7


def test_a_revision_without_clean_room_says_so() -> None:
    with pytest.raises(CleanRoomError, match="no reproducible function"):
        clean_room(Revision())


def test_controls_need_a_notebook() -> None:
    with pytest.raises(CleanRoomError, match="need a notebook"):
        clean_room(revision()).explore(scalar=8)
    with pytest.raises(NotTrusted):
        clean_room(revision(mine=False)).explore()
