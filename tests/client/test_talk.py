"""Comments, reactions and notifications."""

from __future__ import annotations

import uuid

import pytest

from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import ConfigurationError, Conflict, Forbidden, StatusError
from gofigr_jupyter.schema.comments import DataAnchor, PictureAnchor
from tests.client.conftest import As


def test_a_conversation(gf: GoFigr, as_user: As, figure: Figure) -> None:
    eve = as_user("eve")
    figure.share("eve")
    said = gf.comments.create(figure, "What is *this*, @eve?", anchor={"axes": 0, "x": 1.5, "y": 2.0})
    assert said.anchor == DataAnchor(x=1.5, y=2.0)
    assert "<em>this</em>" in said.content_html
    assert said.mentions == ["eve"]
    told = eve.notifications.list(unread=True)
    assert [(one.comment, one.is_read) for one in told] == [(said.api_id, False)]
    assert eve.notifications.mark(told[0]).is_read is True
    assert eve.notifications.list(unread=True) == []
    reply = eve.comments.reply(eve.comments.get(said), "Decay")
    assert reply.parent == said.api_id
    assert [one.content for one in gf.comments.list(figure)] == ["What is *this*, @eve?", "Decay"]
    assert eve.comments.change(reply, "Decay!").is_edited
    with pytest.raises(Forbidden):
        gf.comments.change(reply, "Growth!")
    gf.comments.delete(said)
    assert [one.is_deleted for one in gf.comments.list(("figure", figure.api_id))] == [True, False]


def test_points_of_earlier_revisions_are_found(gf: GoFigr, figure: Figure) -> None:
    before, after = (gf.revisions.create(figure=figure) for _ in range(2))
    said = [gf.comments.create(before, f"{x}", anchor={"x": x, "y": 0}) for x in range(3)]
    gf.comments.create(after, "here", anchor={"x": 1, "y": 1})
    assert [one.api_id for one in gf.comments.earlier(after)] == [one.api_id for one in said]
    assert [one.content for one in gf.comments.earlier(after.api_id, most=2)] == ["0", "1"]
    assert gf.comments.earlier(before) == []


def test_a_repeat_is_harmless_and_nothing_is_not_said(gf: GoFigr, figure: Figure) -> None:
    chosen = str(uuid.uuid4())
    revision = gf.revisions.create(figure=figure)
    first = gf.comments.create(revision, "one", client_id=chosen, anchor=PictureAnchor(u=0.5, v=0.25))
    with pytest.raises(Conflict):
        gf.comments.create(revision, "one", client_id=chosen)
    assert [one.api_id for one in gf.comments.list(revision)] == [first.api_id]
    with pytest.raises(ConfigurationError, match="content"):
        gf.comments.create(figure, "")
    with pytest.raises(StatusError):
        gf.comments.create(figure, "   ")


def test_long_conversations_come_in_pages(gf: GoFigr, figure: Figure) -> None:
    for number in range(5):
        gf.comments.create(figure, str(number))
    asked = gf.comments.iter(figure, page=2)
    assert next(asked).content == "0"
    gf.comments.create(figure, "5")
    assert [one.content for one in asked] == ["1", "2", "3", "4", "5"]
    with pytest.raises(StatusError):
        next(gf.comments.iter(figure, page=500))


def test_reactions(gf: GoFigr, figure: Figure) -> None:
    said = gf.comments.create(figure, "Look")
    mine = gf.reactions.create(said, "👍")
    assert gf.reactions.create(said, "👍").api_id == mine.api_id
    counted = gf.comments.get(said).reactions
    assert [(one.emoji, one.count, one.mine) for one in counted] == [("👍", 1, True)]
    with pytest.raises(StatusError):
        gf.reactions.create(said, "no emoji")
    gf.reactions.delete(mine)
    assert gf.comments.get(said).reactions == []


def test_a_machine_may_be_asked(gf: GoFigr, figure: Figure) -> None:
    said = gf.comments.create(figure, "Why?")
    answer = gf.comments.ask_ai(said)
    assert answer.is_ai
    assert answer.parent == said.api_id
