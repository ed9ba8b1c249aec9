"""Workspaces, analyses, figures, revisions and their data: made, found, changed, shared, moved and deleted."""

from __future__ import annotations

import copy
import pickle
import uuid
from pathlib import Path

import pytest
from blake3 import blake3

from gofigr_jupyter.client.figures import Figure, Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import code, file, image, table, text
from gofigr_jupyter.errors import ConfigurationError, Conflict, Forbidden, NotFound, StatusError
from gofigr_jupyter.schema.figures import FigureDraft, RevisionDraft
from gofigr_jupyter.schema.workspaces import WorkspaceDraft
from tests.client.conftest import As

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def test_down_the_tree_without_an_id(gf: GoFigr, figure: Figure) -> None:
    revision = gf.revisions.create(
        figure=figure,
        metadata={"title": "Decay", "nothing": None},
        data=[image(PNG, format="png"), text("a note", name="note"), code("x = 1")],
    )
    workspace = gf.find_workspace()
    seen = workspace.analyses[0].figures[0].revisions[0]
    assert seen == gf.figures.get(figure).revisions[0]
    assert [item.name for item in seen.data] == ["image", "note", "code"], "fetched when asked for"
    assert seen.data[0].bytes() == PNG == seen.data[0].data
    assert seen.data[1].text() == "a note"
    assert seen.data[1].size_bytes == 6
    assert seen.data[1].hash == blake3(b"a note").hexdigest()
    assert seen.metadata == {"title": "Decay", "nothing": None}
    assert seen.assets == []
    assert revision.wait().data == gf.revisions.get(revision.api_id).data
    assert gf.page_url(revision).endswith(f"/r/{revision.api_id}")


def test_light_objects_fetch_nothing_by_being_looked_at(gf: GoFigr, figure: Figure) -> None:
    gf.revisions.create(figure=figure, data=[text("a")])
    light = gf.analyses.list()[0]
    before = light.__dict__.copy()
    assert "Notes" in repr(light)
    assert light.to_wire()["name"] == "Notes"
    assert copy.deepcopy(light) == light
    assert light.__dict__ == before
    with pytest.raises(AttributeError, match="colour"):
        _ = light.colour  # type: ignore[attr-defined]
    assert light.figures[0].revisions[0].data[0].name == "text"
    assert "figures" in light.__dict__
    assert copy.deepcopy(light).figures[0].name == "Decay"


def test_objects_of_other_processes_say_that_their_connection_is_lost(gf: GoFigr, figure: Figure) -> None:
    gf.revisions.create(figure=figure, data=[text("a")])
    light = pickle.loads(pickle.dumps(gf.figures.list()[0]))  # noqa: S301 - our own
    assert light.name == "Decay"
    with pytest.raises(ConfigurationError, match="connection"):
        _ = light.revisions


def test_assign_and_save(gf: GoFigr, figure: Figure) -> None:
    figure.name, figure.description = "Decay of C-14", "in wood"
    assert figure.save() is figure
    assert gf.figures.get(figure).name == "Decay of C-14"
    assert figure.updated_on is not None
    revision = gf.revisions.create(figure=figure, metadata={"runs": [1]}, data=[text("kept")])
    light = gf.figures.get(figure).revisions[0]
    light.metadata["runs"].append(2)
    light.save(silent=True)
    read = gf.revisions.get(revision)
    assert read.metadata == {"runs": [1, 2]}
    assert len(read.data) == 1
    figure.name = "not saved"
    assert figure.refresh().name == "Decay of C-14"
    figure.name = None  # type: ignore[assignment]
    figure.save()
    assert figure.name == "Decay of C-14", "null is absent"
    figure.name = "x" * 5000
    with pytest.raises(ConfigurationError, match="name"):
        figure.save()
    figure.delete()
    with pytest.raises(NotFound):
        figure.refresh()


def test_put_patch_and_moves(gf: GoFigr, figure: Figure) -> None:
    other = gf.analyses.create(name="Other", workspace=gf.primary_workspace, description="d")
    assert gf.figures.update(figure, FigureDraft(name="By PUT")).name == "By PUT"
    assert gf.figures.change(figure.api_id, FigureDraft(description="both"), name="By PATCH").description == "both"
    gf.figures.change(figure, analysis=other)
    assert [one.name for one in gf.analyses.get(other).figures] == ["By PATCH"]
    gf.analyses.change(other, name="Renamed", silent=True)
    line = next(line for line in gf.analyses.log(other) if line.target_id == other.api_id)
    assert (line.action, line.target_type, line.username) == ("create", "analysis", gf.user().username)
    assert gf.analyses.log_entry(other, line.api_id) == line
    gf.analyses.delete(other)
    with pytest.raises(NotFound):
        gf.figures.get(figure)


def test_names_are_found_and_made_once(gf: GoFigr) -> None:
    with pytest.raises(NotFound, match="'Notes'"):
        gf.find_analysis("Notes")
    figure = gf.find_figure("Decay", "Notes", create=True)
    assert gf.find_figure("Decay", "Notes") == gf.analyses.get(figure.analysis).figures[0]
    analysis = gf.find_analysis("Notes")
    stale = gf.analyses.get(analysis)
    _ = stale.figures
    made = gf.figures.create(name="Growth", analysis=analysis)
    assert stale.find_figure("Growth", create=True).api_id == made.api_id, "an old list makes no double"
    with pytest.raises(NotFound, match="'Rise'"):
        analysis.find_figure("Rise")
    assert gf.find_figure(figure.api_id.upper(), "whatever").name == "Decay"
    assert gf.find_analysis(analysis.api_id).name == "Notes"
    lab = gf.find_workspace("Lab", create=True)
    assert gf.find_workspace("Lab").api_id == lab.api_id == gf.find_workspace(lab.api_id).api_id
    with pytest.raises(NotFound, match="'Lab'"):
        gf.find_workspace("Labor")
    assert gf.find_analysis("Notes", lab, create=True).workspace == lab.api_id
    gf.settings = gf.settings.with_(workspace="Lab")
    assert gf.find_workspace().api_id == lab.api_id
    assert lab.find_analysis("Notes").figures == []


def test_ids_are_the_callers_where_they_wish(gf: GoFigr, figure: Figure) -> None:
    chosen = str(uuid.uuid4())
    prefix = gf.reserve_prefix()
    made = gf.revisions.create(figure=figure, client_id=chosen, short_id=f"{prefix}0")
    assert (made.api_id, made.short_id) == (chosen, f"{prefix}0")
    with pytest.raises(Conflict):
        gf.revisions.create(figure=figure, client_id=chosen)
    assert gf.page_url(made).endswith(f"/r/{prefix}0")
    drawn = gf.revisions.create(RevisionDraft(figure=figure.api_id))
    assert uuid.UUID(drawn.api_id).version == 4
    with pytest.raises(ConfigurationError, match="id"):
        gf.figures.get("")
    with pytest.raises(NotFound):
        gf.figures.get("../user")


def test_data_from_files(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    contents = {"plot.png": PNG, "t.csv": b"a,b\n1,2\n", "run.R": b"1", "a.txt": b"t", "odd.bin": b"\0\xff"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in contents]
    revision = gf.revisions.create(figure=figure, data=[*paths, file(paths[0], name="again")])
    kinds = {item.name: item.type for item in revision.data}
    assert kinds == {
        "plot.png": "image",
        "t.csv": "dataframe",
        "run.R": "code",
        "a.txt": "text",
        "odd.bin": "file",
        "again": "file",
    }
    facts = {item.name: item.metadata for item in revision.data}
    assert facts["run.R"]["language"] == "R"
    assert facts["plot.png"]["format"] == "png"
    assert facts["odd.bin"]["path"].endswith("odd.bin")
    saved = revision.data[4].save(tmp_path / "copy.bin")
    assert saved.read_bytes() == b"\0\xff"
    with pytest.raises(ValueError, match="format"):
        image(b"raw")
    with pytest.raises(FileNotFoundError):
        file("absent")


def test_tables_from_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2]})
    assert table(frame).data == b"a\n1\n2\n"
    assert table(frame.set_index("a").assign(b=3), name="kept").data == b"a,b\n1,3\n2,3\n"


def test_more_data_and_other_data(gf: GoFigr, figure: Figure) -> None:
    revision = gf.revisions.create(figure=figure, data=[text("one")])
    revision.append_data(text("two", name="second"))
    assert [item.text() for item in revision.data] == ["one", "two"]
    gf.revisions.append_data(revision, [text("three")])
    assert len(gf.revisions.get(revision).data) == 3
    assert len(gf.revisions.change(revision, data=[]).data) == 3
    assert [item.text() for item in gf.revisions.change(revision, data=[text("new")]).data] == ["new"]
    assert gf.data.storage(gf.revisions.get(revision).data[0]).path is None
    derived = gf.revisions.derive(revision, figure, {"from": revision.api_id})
    assert gf.revisions.get(derived).metadata == {"from": revision.api_id}
    assert [one.revision_index for one in gf.figures.get(figure).revisions] == [0, 1]


def test_the_server_finds_the_figure(gf: GoFigr, figure: Figure) -> None:
    made = gf.revisions.auto_assign(analysis=figure.analysis, data=[image(PNG, format="png")], metadata={"title": "Decay"})
    assert isinstance(made, Revision)
    assert [item.type for item in made.data] == ["image"]


def test_pictures_and_shares(gf: GoFigr, as_user: As, figure: Figure) -> None:
    revision = gf.revisions.create(figure=figure, data=[image(PNG, format="png")])
    assert revision.thumbnail(64) is not None
    eve, nobody = as_user("eve"), as_user("mallory")
    with pytest.raises(Forbidden):
        eve.figures.get(figure)
    figure.share("eve")
    figure.share("eve")
    assert figure.shared_with() == ["eve"]
    assert eve.figures.get(figure).revisions[0].data[0].bytes() == PNG
    assert eve.figures.thumbnail(figure) is not None
    with pytest.raises(Forbidden):
        eve.figures.change(figure, name="mine")
    with pytest.raises(Forbidden):
        eve.figures.shared_with(figure)
    figure.unshare("eve")
    assert figure.shared_with() == []
    with pytest.raises(StatusError):
        gf.figures.share(figure, "unknown to all")
    assert revision.link_sharing() is False
    assert revision.link_sharing(True) is True
    assert nobody.revisions.get(revision).api_id == revision.api_id
    assert revision.link_sharing(False) is False
    with pytest.raises(Forbidden):
        nobody.revisions.get(revision)


def test_link_visitors_need_no_account(gf: GoFigr, connect: As, figure: Figure) -> None:
    visitor = connect(anonymous=True)
    with pytest.raises(Forbidden):
        visitor.figures.get(figure)
    figure.link_sharing(True)
    assert visitor.figures.get(figure).name == "Decay"
    assert visitor.info().ai_enabled is False


def test_workspaces(gf: GoFigr, figure: Figure) -> None:
    lab = gf.workspaces.create(name="Lab", description="ours")
    assert [one.name for one in gf.workspaces.iter() if one.workspace_type == "secondary"] == ["Lab"]
    assert gf.workspaces.update(lab, WorkspaceDraft(name="Labor")).description == "ours"
    assert gf.workspaces.change(lab, description="yours").name == "Labor"
    assert lab.refresh().description == "yours"
    actions = [line.action for line in gf.workspaces.log(lab)]
    assert sorted(actions) == ["create", "update", "update"]
    assert gf.workspaces.log_entry(lab, gf.workspaces.log(lab)[0].api_id).target_name == "Labor"
    recent = gf.workspaces.recent(gf.primary_workspace, limit=5)
    assert [one.name for one in recent.figures] == ["Decay"]
    assert recent.analyses[0].figures[0].revisions == []
    lab.delete()
    assert len(gf.workspaces.list()) == 1
