"""One session of the official client against a server; run by its own Python, which has `gofigr` and none of ours.

Arguments: base URL, local token. Prints `ok` when every step did what a user of that client expects.
"""

import io
import sys
import tempfile
from pathlib import Path

import pandas
from gofigr import CodeLanguage, GoFigr, UnauthorizedError, WorkspaceType
from PIL import Image


def main(url: str, token: str) -> None:
    """Walk through everything that the embedded server offers."""
    local = GoFigr(url=url, api_key=token)
    assert local.heartbeat()
    assert local.username
    keys(local)
    primary = local.primary_workspace
    assert primary.workspace_type == WorkspaceType.PRIMARY, primary
    assert [one.api_id for one in local.workspaces] == [primary.api_id]
    workspace = local.Workspace(name="official", description="made by the official client").create()
    assert {one.api_id for one in local.workspaces} == {primary.api_id, workspace.api_id}
    analysis = workspace.get_analysis("analysis", create=True)
    assert workspace.fetch().get_analysis("analysis", create=False).api_id == analysis.api_id
    figure = analysis.get_figure("figure", create=True)
    assert analysis.fetch().get_figure("figure", create=False).api_id == figure.api_id
    revision = revisions(local, figure)
    changes(local, workspace, analysis, figure, revision)
    removal(local, workspace, analysis, figure, revision)
    print("ok")


def keys(local: GoFigr) -> None:
    """Make a key? Not with a key; the local token is a person's."""
    key = local.create_api_key("official")
    assert key.token
    assert key.token not in {one.token for one in local.list_api_keys()}
    with_key = GoFigr(url=url_of(local), api_key=key.token)
    assert with_key.username == local.username
    try:
        with_key.create_api_key("another")
    except RuntimeError:
        pass
    else:
        raise AssertionError("a key made a key")
    local.revoke_api_key(key.api_id)
    try:
        with_key.heartbeat()
        raise AssertionError("a revoked key works")
    except RuntimeError:
        pass


def url_of(gf: GoFigr) -> str:
    """The server's address."""
    return gf.service_url


def revisions(gf: GoFigr, figure):
    """A revision with every type of data, and what comes back of it."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.bin"
        path.write_bytes(bytes(range(256)))
        data = [
            gf.ImageData(name="figure", format="png", data=picture.getvalue(), is_watermarked=False),
            gf.CodeData(name="cell", language=CodeLanguage.PYTHON, contents="plt.plot([1, 2])"),
            gf.TableData(name="frame", dataframe=frame),
            gf.TextData(name="note", contents="1234567"),
            gf.FileData.read(str(path)),
        ]
    revision = gf.Revision(figure=figure, metadata={"a": {"b": None}}, data=data)
    figure.revisions.create(revision)
    server = gf.Revision(api_id=revision.api_id).fetch()
    assert server == gf.Revision(api_id=revision.api_id).fetch()
    assert [one.local_id for one in server.data] == [one.local_id for one in data]
    assert [one.type for one in server.data] == [one.type for one in data]
    assert server.image_data[0].data == picture.getvalue()
    assert server.image_data[0].image.size == (40, 30)
    assert server.code_data[0].contents == "plt.plot([1, 2])"
    assert server.text_data[0].contents == "1234567"
    assert server.table_data[0].dataframe.equals(frame)
    assert server.file_data[0].data == bytes(range(256))
    assert server.revision_index == 0
    return revision


def changes(gf: GoFigr, workspace, analysis, figure, revision) -> None:
    """Saving, partial updates, what propagates, log, recents, thumbnails."""
    figure.description = "described"
    figure.save()
    assert gf.Figure(api_id=figure.api_id).fetch() == figure
    revision.metadata = {"changed": True}
    revision.save()
    assert gf.Revision(api_id=revision.api_id).fetch().metadata == {"changed": True}
    revision.text_data = [gf.TextData(name="note", contents="other")]
    revision.save(silent=True)
    again = gf.Revision(api_id=revision.api_id).fetch()
    assert [one.contents for one in again.text_data] == ["other"]
    assert len(again.image_data) == 1
    assert gf.Workspace(api_id=workspace.api_id).fetch().size_bytes == again.size_bytes > 0
    assert [one.action for one in workspace.get_logs()].count("create") == 4
    assert len(workspace.get_recents().figures) == 1
    for one in (analysis, figure, revision):
        assert max(one.get_thumbnail(16).size) == 16


def removal(gf: GoFigr, workspace, analysis, figure, revision) -> None:
    """Deleting from the bottom up; what is gone is gone."""
    revision.delete(delete=True)
    assert list(gf.Figure(api_id=figure.api_id).fetch().revisions) == []
    analysis.delete(delete=True)
    workspace.delete(delete=True)
    for one in (gf.Revision(api_id=revision.api_id), gf.Workspace(api_id=workspace.api_id)):
        try:
            one.fetch()
        except (RuntimeError, UnauthorizedError):
            continue
        raise AssertionError("deleted and still there")


if __name__ == "__main__":
    main(*sys.argv[1:])
