"""Tables on their way from the drawing process: all arrive, and what is damaged says so."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.capture.series.bundle import Bundle, Packed, pack, unpack
from gofigr_jupyter.errors import CaptureError

packed = st.builds(
    Packed,
    st.text(max_size=20).map(lambda one: one.encode("utf-8", "replace").decode()),
    st.integers(0, 10**6),
    st.lists(st.dictionaries(st.sampled_from(["name", "label", "unit"]), st.text("abc°", max_size=5)), max_size=3).map(
        tuple
    ),
    st.binary(max_size=50),
)

names = st.lists(st.text("abc", max_size=9), max_size=4)
axis = st.builds(
    Axis, st.text("abc", max_size=5), st.integers(0, 9), st.sampled_from(["x", "colour"]), low=st.none() | st.just(0.5)
)


@given(st.lists(packed, max_size=5), names, st.lists(axis, max_size=3).map(tuple))
def test_what_is_packed_is_unpacked(tables, left_out, axes):
    bundle = Bundle(tuple(tables), tuple(left_out), axes)
    assert unpack(pack(bundle)) == bundle


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    with pytest.raises(CaptureError):
        unpack(noise)


@given(st.lists(packed, min_size=1, max_size=3), st.data())
def test_what_was_cut_is_refused(tables, data):
    whole = pack(Bundle(tuple(tables)))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(CaptureError):
        unpack(cut)


def test_a_reason_is_short():
    assert Bundle().reason() == ""
    assert Bundle(left_out=("a", "b")).reason() == "a; b"
    assert Bundle(left_out=tuple("abcde")).reason() == "a; b; c; and 2 more"


def test_bundles_from_before_there_were_axes_and_axes_that_are_none():
    header = b'{"tables": [], "left_out": ["a"]}'
    assert unpack(struct.pack(">I", len(header)) + header) == Bundle(left_out=("a",))
    assert pack(Bundle(left_out=("a",))) == struct.pack(">I", len(header)) + header
    other = b'{"tables": [], "left_out": [], "axes": [{"panel": 3}, null]}'
    assert unpack(struct.pack(">I", len(other)) + other) == Bundle()
