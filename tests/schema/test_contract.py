"""What holds for every model: it says where its shape comes from, and drafts refuse what cannot be kept."""

from __future__ import annotations

import json
import re
import types
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gofigr_jupyter.schema.base import Draft, Page, Wire, strict_mode
from gofigr_jupyter.schema.comments import Comment, CommentDraft, DataAnchor, PictureAnchor
from gofigr_jupyter.schema.figures import Analysis, DataDraft, Figure, FigureDraft, Revision, RevisionDraft
from gofigr_jupyter.schema.insight import Compare
from gofigr_jupyter.schema.invitations import WorkspaceInvitationDraft
from gofigr_jupyter.schema.search import Hit
from gofigr_jupyter.schema.sharing import LinkSharing
from gofigr_jupyter.schema.stories import MAX_SLIDES, StoryDraft
from gofigr_jupyter.schema.system import Info
from gofigr_jupyter.schema.workspaces import LogEntry, WorkspaceDraft
from tests.schema.golden import golden
from tests.schema.models import DRAFTS, MODELS, MODULES

COMMENT = {"target_type": "figure", "target_id": "f", "content": "Hm."}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_says_where_its_shape_comes_from(model: type[Wire]) -> None:
    assert "wire_source" in vars(model), "say source= where the class is defined"
    words = {"seen": r"(GoFigr|Fig1)'s \(seen\)", "ours": r"\b[Oo]urs\b"}[model.wire_source]
    assert re.search(words, model.__doc__ or "")


def test_a_page_says_it_whatever_is_on_it() -> None:
    assert Page[Figure].wire_source == "ours"


def test_names_are_used_once() -> None:
    names = [model.__name__ for model in MODELS]
    assert len(names) == len(set(names))  # the OpenAPI document knows them by these


def test_modules_keep_to_the_contract() -> None:
    assert {name for module in MODULES for name in vars(module)} & {
        "httpx",
        "requests",
        "sqlalchemy",
        "Path",
        "open",
    } == set()


# ---------------------------------------------------------------- what drafts refuse


def _of_type(model: type[Wire], wanted: type) -> list[str]:
    """The fields of a model that take exactly this type, or it and null."""
    found = []
    for name, field in model.model_fields.items():
        is_union = typing.get_origin(field.annotation) in {types.UnionType, typing.Union}
        options = typing.get_args(field.annotation) if is_union else [field.annotation]
        plain = {typing.get_args(one)[0] if typing.get_origin(one) is typing.Annotated else one for one in options}
        if plain - {type(None)} == {wanted}:
            found.append(name)
    return found


def _on_the_wire(model: type[Wire], field: str) -> str:
    return str(model.model_fields[field].validation_alias or field)


TEXTS = [(model, field) for model in DRAFTS for field in _of_type(model, str)]


@pytest.mark.parametrize(("model", "field"), TEXTS, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("bad", ["half \ud800", "\udfff", "\0"], ids=["high", "low", "nul"])
def test_a_text_that_cannot_be_kept_is_refused_by_its_field(model: type[Draft], field: str, bad: str) -> None:
    name = _on_the_wire(model, field)
    with pytest.raises(ValidationError) as caught:
        model.model_validate({name: bad})
    assert name in {error["loc"][0] for error in caught.value.errors()}


@pytest.mark.parametrize(("model", "field"), TEXTS, ids=lambda value: getattr(value, "__name__", value))
def test_no_text_is_endless(model: type[Draft], field: str) -> None:
    name = _on_the_wire(model, field)
    with pytest.raises(ValidationError) as caught:
        model.model_validate({name: "x" * 200_000})
    assert "string_too_long" in {error["type"] for error in caught.value.errors() if error["loc"][0] == name}


def test_the_texts_are_many() -> None:
    assert len(TEXTS) > 60


@pytest.mark.parametrize(
    "text", [r'{"name": "\ud800"}', r'{"name": "\udc00 x"}', r'{"unknown": "\ud800"}', r'{"\ud800": 1}']
)
def test_halves_of_pairs_are_refused_in_json(text: str) -> None:
    with pytest.raises(ValidationError):
        FigureDraft.model_validate_json(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("place", ['{"metadata": %s}', '{"metadata": {"a": [{"b": %s}]}}'])
def test_numbers_that_json_lacks_are_refused(place: str, number: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RevisionDraft.model_validate_json(place % number)
    assert caught.value.errors()[0]["loc"] == ("metadata",)
    with pytest.raises(ValidationError):
        RevisionDraft.model_validate(json.loads(place % number))


@pytest.mark.parametrize("metadata", [{"\ud800": 1}, [{"a": "\udfff"}], "\ud800", float("nan"), [float("inf")]])
def test_metadata_that_json_lacks_is_refused(metadata: Any) -> None:
    with pytest.raises(ValidationError, match="metadata"):
        RevisionDraft.model_validate({"metadata": metadata})
    if isinstance(metadata, dict):
        with pytest.raises(ValidationError, match="metadata"):
            DataDraft.model_validate({"type": "code", "metadata": metadata})


def test_metadata_without_an_end_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(ValidationError, match="nested deeper"):
        RevisionDraft.model_validate({"metadata": endless})
    with pytest.raises(ValidationError, match="recursion"):
        RevisionDraft.model_validate_json('{"metadata": ' + "[" * 100_000 + "]" * 100_000 + "}")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    ).filter(lambda one: not (isinstance(one, str) and "\0" in one))  # as a text of its own it is refused
)
def test_any_json_comes_back_as_it_went(value: Any) -> None:
    draft = RevisionDraft.model_validate_json(json.dumps({"metadata": value}))
    stored = json.loads(draft.model_dump_json())["metadata"]
    wanted = {} if value == [] else value  # R's empty list
    assert stored == wanted
    assert json.dumps(stored) == json.dumps(wanted)  # True is not 1, and 1 is not 1.0
    assert Revision.model_validate({"metadata": stored}).metadata == wanted


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50))
def test_any_text_comes_back_as_it_went(text: str) -> None:
    draft = FigureDraft.model_validate_json(json.dumps({"name": text}))
    assert draft.name == text
    assert json.loads(draft.model_dump_json())["name"] == text


# ---------------------------------------------------------------- what drafts let through


@pytest.mark.parametrize(
    ("draft", "form"),
    [
        ("workspaces.WorkspaceDraft", "workspace_full"),
        ("organizations.OrganizationDraft", "organization"),
        ("figures.AnalysisDraft", "analysis_full"),
        ("figures.FigureDraft", "figure_full"),
        ("figures.RevisionDraft", "revision_full"),
        ("assets.AssetDraft", "asset_full"),
        ("assets.AssetRevisionDraft", "asset_revision_full"),
        ("figures.DataDraft", "data_shallow"),
        ("accounts.UserDraft", "user"),
        ("stories.StoryDraft", "story_full"),
        ("comments.CommentChange", "comment"),
        ("comments.NotificationChange", "notification"),
    ],
)
def test_clients_may_write_back_all_that_they_read(draft: str, form: str) -> None:
    module, name = draft.split(".")
    model = next(m for m in DRAFTS if m.__name__ == name and m.__module__.endswith(module))
    body = golden(form).body
    model.model_validate_json(json.dumps(body | {"_shallow": False}))
    nonsense = {key: "nonsense" for key in body if key not in model.model_fields}
    model.model_validate_json(json.dumps(body | nonsense))  # read-only fields are not even looked at


@pytest.mark.parametrize("model", DRAFTS, ids=lambda model: model.__name__)
def test_null_is_absent(model: type[Draft]) -> None:
    nulls = {name: None for name, field in model.model_fields.items() if _is_off(field)}
    needed = {_on_the_wire(model, name) for name, field in model.model_fields.items() if field.is_required()}
    if not needed:
        assert model.model_validate(nulls).to_wire() == model().to_wire()
        return
    with pytest.raises(ValidationError) as caught:
        model.model_validate(nulls)
    assert {problem["loc"][0] for problem in caught.value.errors()} == needed


def _is_off(field: FieldInfo) -> bool:
    """Whether it is off, empty or nothing when absent; the few with another default know no null."""
    default = field.get_default(call_default_factory=True)
    return not field.is_required() and (default is None or default is False or default == {})


@pytest.mark.parametrize(
    "body", ['{"enabled": "yes"}', '{"enabled": 1}', '{"enabled": null}', "{}", "[]", "null", "true"]
)
def test_truth_is_true_or_false(body: str) -> None:
    with pytest.raises(ValidationError):
        LinkSharing.model_validate_json(body)


def test_null_takes_a_workspace_out_of_its_organization() -> None:
    assert "organization" in WorkspaceDraft.model_validate_json('{"organization": null}').model_fields_set
    assert "organization" not in WorkspaceDraft.model_validate_json("{}").model_fields_set


# ---------------------------------------------------------------- limits of the families


@pytest.mark.parametrize("content", ["", "x" * 20_001])
def test_a_comment_has_1_to_20000_characters(content: str) -> None:
    with pytest.raises(ValidationError, match="content"):
        CommentDraft.model_validate(COMMENT | {"content": content})


def test_a_comment_may_be_as_long_as_it_may_be() -> None:
    assert len(CommentDraft.model_validate(COMMENT | {"content": "👍" * 20_000}).content) == 20_000


@pytest.mark.parametrize(
    ("anchor", "kind"),
    [
        ({"axes": 0, "x": 1.5, "y": 2.0, "series": "name"}, DataAnchor),
        ({"x": -1, "y": 0}, DataAnchor),
        ({"u": 0.25, "v": 1}, PictureAnchor),
    ],
)
def test_an_anchor_is_a_point_of_the_data_or_of_the_picture(anchor: dict[str, Any], kind: type) -> None:
    assert type(CommentDraft.model_validate(COMMENT | {"anchor": anchor}).anchor) is kind
    read = Comment.model_validate(golden("comment").body | {"anchor": anchor})
    assert type(read.anchor) is kind


@pytest.mark.parametrize(
    "anchor",
    [
        {},
        {"x": 1},
        {"u": 1.01, "v": 0},
        {"u": -0.01, "v": 0},
        {"u": 0.5, "v": float("nan")},
        {"x": float("inf"), "y": 0},
        {"axes": -1, "x": 0, "y": 0},
        {"x": 0, "y": 0, "u": 0, "v": 0},
        {"x": 0, "y": 0, "anything": "else"},
    ],
)
def test_other_anchors_are_refused(anchor: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        CommentDraft.model_validate(COMMENT | {"anchor": anchor})
    assert {error["loc"][0] for error in caught.value.errors()} == {"anchor"}


def test_a_comparison_is_of_two() -> None:
    for ids in ([], ["a"], ["a", "b", "c"]):
        with pytest.raises(ValidationError, match="revisions"):
            Compare.model_validate({"revisions": ids})


def test_a_story_has_200_slides_at_most() -> None:
    assert len(StoryDraft.model_validate({"slides": [{}] * MAX_SLIDES}).slides or []) == MAX_SLIDES
    with pytest.raises(ValidationError, match="slides"):
        StoryDraft.model_validate({"slides": [{}] * (MAX_SLIDES + 1)})


@pytest.mark.parametrize("email", ["", "ada", "@example.org", "ada@", "a da@example.org", "ada@example.org\n"])
def test_what_is_no_mail_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError, match="email"):
        WorkspaceInvitationDraft.model_validate({"email": email, "workspace": "w", "membership_type": "viewer"})


# ---------------------------------------------------------------- tolerant reading


def test_values_of_later_servers_are_read() -> None:
    assert LogEntry.model_validate({"api_id": "x"}).username is None  # lists may hold stubs
    assert LogEntry.model_validate({"api_id": "x", "action": "archive"}).action == "archive"
    later = golden("comment").body | {"anchor": {"polygon": [1, 2]}, "ai_status": "thinking"}
    assert Comment.model_validate(later).anchor == {"polygon": [1, 2]}
    assert Info.model_validate({"ai_enabled": True, "more": 1}).model_extra == {"more": 1}


def test_the_flag_of_light_forms_is_no_surprise() -> None:
    with strict_mode():
        assert Analysis.model_validate({"name": "a", "_shallow": True}).name == "a"


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("figure", "figure_nested"),
        ("analysis", "analysis_nested"),
        ("asset", "asset_nested"),
        ("story", "story_nested"),
        ("comment", "comment"),
    ],
)
def test_a_hit_is_read_as_what_it_is(kind: str, form: str) -> None:
    hit = Hit.model_validate(golden("hit").body | {"type": kind, "object": golden(form).body})
    assert type(hit.object) is golden(form).model
    assert json.loads(hit.model_dump_json())["object"] == golden(form).body


def test_a_hit_of_a_later_kind_is_kept() -> None:
    hit = Hit.model_validate({"type": "film", "object": {"title": "Waves"}})
    assert json.loads(hit.model_dump_json())["object"] == {"title": "Waves"}


def test_reading_keeps_what_a_draft_would_refuse() -> None:
    odd = Revision.model_validate({"metadata": {"x": float("inf"), "y": "\ud800"}})
    assert odd.metadata == {"x": float("inf"), "y": "\ud800"}


def test_secrets_are_not_shown() -> None:
    for name, secret in [
        ("api_key_created", "0f0f"),
        ("token_pair", "eyJ"),
        ("invitation_to_workspace_created", "c29t"),
        ("metadata_proxy_new", "c29t"),
    ]:
        assert secret not in repr(golden(name).model.model_validate(golden(name).body))
