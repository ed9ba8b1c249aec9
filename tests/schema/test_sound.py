"""What people choose freely is mended into what can be kept; what can be kept is left as it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.schema.figures import FigureDraft, RevisionDraft
from gofigr_jupyter.schema.sound import DEEPEST, LONGEST_NAME, LONGEST_PROSE, check, mended, mended_text

texts = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of pairs among them
freely = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


@given(freely)
def test_everything_can_be_mended(value: Any) -> None:
    mended_value = mended(value)
    check(mended_value)
    draft = RevisionDraft(metadata=mended_value)
    assert json.loads(draft.model_dump_json())["metadata"] == ({} if mended_value == [] else mended_value)


@given(freely)
def test_what_can_be_kept_is_not_touched(value: Any) -> None:
    try:
        check(value)
    except ValueError:
        return
    assert mended(value) == value


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_every_text_makes_a_name(text: str) -> None:
    name = mended_text(text)
    assert FigureDraft(name=name).name == name
    assert mended_text(name) == name


def test_endless_things_come_to_an_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    check(mended(endless))
    assert json.dumps(mended(endless)).count("[") <= DEEPEST + 1
    assert len(mended_text("x" * 1_000_000)) == LONGEST_NAME
    assert FigureDraft(description=mended_text("x" * 1_000_000, LONGEST_PROSE)).description == "x" * LONGEST_PROSE
