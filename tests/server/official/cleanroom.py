"""Publishing without a notebook: short ids, files, clean-room revisions, and revisions derived from them."""

import base64
import io
import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import matplotlib as mpl

mpl.use("agg")

import pandas
import requests
from common import Tree, World, forbidden, picture, refused, run, seen_by
from gofigr.publisher import Publisher
from gofigr.reproducible import reproducible
from matplotlib import pyplot as plt
from PIL import Image


def publisher(world: World, name: str) -> Publisher:
    """What scripts publish with."""
    return Publisher(gf=world.ada, workspace=name, analysis="scripts")


def published(world: World) -> None:
    """A figure goes out in all formats with files, frames and synced assets, under the ids that its client drew."""
    gf, out = world.ada, publisher(world, "published")
    figure, axes = plt.subplots()
    axes.plot([1, 4, 2])
    axes.set_title("A title")
    frame = pandas.DataFrame({"a": [1, 2]})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data of published.csv"
        path.write_text("a\n1\n2\n")
        gf.sync.sync_revision(path)
        rev = out.publish(figure, dataframes={"frame": frame}, files=[str(path)], metadata={"run": 1})
    got = gf.Revision(api_id=rev._client_id).fetch()
    assert got.api_id == rev.api_id
    assert seen_by(gf, got.figure).name == "A title"
    assert got.metadata["run"] == 1
    assert {(one.format, one.is_watermarked) for one in got.image_data} >= {
        ("png", True),
        ("png", False),
        ("svg", False),
    }
    assert got.table_data[0].dataframe.equals(frame)
    assert [one.data for one in got.file_data] == [b"a\n1\n2\n"]
    assert [one.use_type for one in got.assets] == ["indirect"] * len(got.assets)
    assert next(iter(gf.sync.revisions)).api_id in {one.asset_revision.api_id for one in got.assets}
    assert rev._short_id.startswith(out._short_id_prefix)
    raw = gf._get(f"revision/{rev.api_id}/").json()
    assert (raw["short_id"], raw["api_id"], raw["revision_index"]) == (rev._short_id, rev.api_id, 0)
    again = out.publish(figure, target=rev.figure)
    assert again._short_id != rev._short_id
    assert seen_by(gf, again).revision_index == 1
    assert len(seen_by(gf, out.analysis).figures) == 1
    assert requests.get(rev.revision_url, timeout=30).status_code in {401, 403}
    rev.set_link_sharing(True)
    assert rev.revision_url == f"{world.url}/r/{rev._short_id}"
    for address in (rev.revision_url, got.revision_url):
        page = requests.get(address, timeout=30)
        assert (page.status_code, "A title" in page.text) == (200, True)
    gf.sync.clear_revisions()
    plt.close(figure)


def ids_once(world: World) -> None:
    """An id of a revision or a short id that is taken is not given again."""
    gf, tree = world.ada, Tree(world.ada, "ids")
    prefix = gf.reserve_short_id_prefix()

    def body(**more):
        return {"figure": tree.figure.api_id, "metadata": {}, "data": [], **more}

    mine, short = str(uuid4()), prefix + "0"
    made = gf._post("revision/", json=body(client_id=mine, api_id=mine, short_id=short), expected_status=201).json()
    assert (made["api_id"], made["short_id"]) == (mine, short)
    assert gf._post("revision/", json=body(client_id=mine), throw_exception=False).status_code == 409
    assert gf._post("revision/", json=body(short_id=short), throw_exception=False).status_code >= 400
    assert len(seen_by(gf, tree.figure).revisions) == 2
    own = str(uuid4())
    link = [{"figure_revision": own, "asset_revision": tree.asset_revision.api_id, "use_type": "direct"}]
    made = gf._post("revision/", json=body(client_id=own, assets=link), expected_status=201).json()
    assert made["assets"][0]["figure_revision"] == own


def clean_room(world: World) -> None:
    """A reproducible function's source, manifest and frames arrive marked as such, and can be run again from there."""
    gf, out = world.ada, publisher(world, "clean room")
    frame = pandas.DataFrame({"x": [1, 2, 3], "y": [3.5, 1, 2]})

    @reproducible(packages={"plt": "matplotlib.pyplot"}, merge_packages=False, publisher=out)
    def drawn(data, factor: int = 2):
        fig = plt.figure()
        plt.plot(data["x"], data["y"] * factor)
        plt.title("Clean")
        publish(fig)  # noqa: F821 - the clean room has it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn(frame, factor=3)
    figure = seen_by(gf, out.analysis).figures[0].fetch()
    got = gf.Revision(api_id=figure.revisions[0].api_id).fetch()
    assert got.is_clean_room is True
    by_name = {one.name: gf.Data(api_id=one.api_id).fetch() for one in got.data}
    clean = {name for name, one in by_name.items() if one.is_clean_room}
    assert clean == {"Clean Room Source", "Clean Room Manifest", "data"}
    manifest = json.loads(by_name["Clean Room Manifest"].data)
    assert manifest["function_name"] == "drawn"
    assert set(manifest["parameters"]) == {"data", "factor"}
    assert by_name["Clean Room Manifest"].metadata["role"] == "manifest"
    assert by_name["Clean Room Source"].metadata["function_name"] == "drawn"
    assert b"plt.plot" in by_name["Clean Room Source"].data
    assert pandas.read_parquet(io.BytesIO(by_name["data"].data)).equals(frame)
    got.save()
    assert gf.Data(api_id=seen_by(gf, got).data[0].api_id).fetch().hash
    assert seen_by(gf, got).is_clean_room is True
    plt.close("all")


def derived(world: World) -> None:
    """The frames of a revision go into a new one without travelling; what is appended stands beside them."""
    gf, tree = world.ada, Tree(world.ada, "derived")
    frame = pandas.DataFrame({"x": [1, 2]})
    source = gf.Revision(figure=tree.figure, metadata={"of": "source"}, is_clean_room=True)
    source.data = [
        gf.TableData(name="data", dataframe=frame, is_clean_room=True),
        gf.ImageData(name="figure", format="png", data=picture()),
    ]
    source.create()
    body = {"figure": tree.figure.api_id, "metadata": {"derived": True}}
    answer = gf._post(f"revision/{source.api_id}/derive/", json=body, expected_status=(200, 201)).json()
    got = gf.Revision(api_id=answer["api_id"]).fetch()
    assert [(one.name, one.data) for one in got.table_data] == [("data", source.table_data[0].data)]
    assert got.metadata == {"derived": True}
    assert got.image_data == []
    image = {
        "name": "figure",
        "type": "image",
        "metadata": {"format": "png", "is_watermarked": True},
        "data": base64.b64encode(picture(color="red")).decode(),
    }
    gf._post(f"revision/{got.api_id}/append_data/", json={"data": [image]}, expected_status=200)
    got.fetch()
    assert [len(got.table_data), len(got.image_data)] == [1, 1]
    assert Image.open(io.BytesIO(got.image_data[0].data)).getpixel((1, 1)) == (255, 0, 0)
    assert got.size_bytes == sum(len(one.data) for one in got.data)
    for gf in (world.bob, world.nobody):
        for path, sent in (("derive", body), ("append_data", {"data": [image]})):
            with forbidden():
                gf._post(f"revision/{source.api_id}/{path}/", json=sent, expected_status=(200, 201))
    foreign = Tree(world.bob, "derived away")
    with forbidden():
        away = body | {"figure": foreign.figure.api_id}
        world.ada._post(f"revision/{source.api_id}/derive/", json=away, expected_status=(200, 201))
    with refused():
        world.ada._post(f"revision/{uuid4()}/derive/", json=body, expected_status=(200, 201))


def assigned(world: World) -> None:
    """Where the figure is to be found by the server, revisions of one title come together, silently for the client."""
    gf, tree = world.ada, Tree(world.ada, "assigned")
    revision = gf.Revision(metadata={"title": "Rain"}, data=[gf.TextData(name="t", contents="x")])
    revision._create_auto_assign(tree.analysis)
    revision.wait_for_processing(timeout=10)
    assert revision.figure.api_id in {one.api_id for one in seen_by(gf, tree.analysis).figures}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        out = Publisher(gf=gf, workspace=tree.workspace, analysis=tree.analysis, auto_assign=True)
        assert out.auto_assign is False
        assert any("AI is disabled" in str(one.message) for one in said)


run(published, ids_once, clean_room, derived, assigned)
