"""The official client reads a clean room that we have published, runs it, and publishes another state of it.

Run by its own Python, which has `gofigr` and none of ours. Arguments: base URL, local token, the revision. Prints the id
of the revision that it derived, then `ok`.
"""

import contextlib
import importlib
import json
import sys
import textwrap

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from gofigr import GoFigr
from gofigr.cleanroom import deserialize_params
from gofigr.pyodide import PyodidePublisher


def main(url: str, token: str, api_id: str) -> None:
    """Read, run, derive."""
    gf = GoFigr(url=url, api_key=token)
    revision = gf.Revision(api_id=api_id).fetch()
    assert revision.is_clean_room is True
    pieces = {one.name: one for one in revision.data if gf.Data(api_id=one.api_id).fetch().is_clean_room}
    assert set(pieces) == {"Clean Room Source", "Clean Room Manifest", "table", "heights"}
    source = pieces["Clean Room Source"].contents
    manifest = json.loads(pieces["Clean Room Manifest"].contents)
    values = arguments(manifest, pieces)
    drawn(source, manifest, values | {"power": 4})
    figure = revision.figure.fetch()
    publisher = PyodidePublisher(
        gf,
        figure.analysis.fetch(),
        api_id,
        source_manifest=manifest,
        current_params={"power": 4, "scale": "log", "measured": "2026-04-02"},
        current_code=source,
    )
    derived = publisher.publish(plt.gcf())
    assert gf.Revision(api_id=derived["api_id"]).fetch().figure.api_id == figure.api_id  # found by its title
    print(derived["api_id"])
    print("ok")


def arguments(manifest, pieces):
    """The arguments as that client reads them: what it has no words for is plain."""
    frames = {name: pieces[name].data for name, entry in manifest["parameters"].items() if entry["type"] == "dataframe"}
    values = deserialize_params(manifest["parameters"], frames)
    assert values["table"].equals(pieces["table"].dataframe)
    assert values["table"]["dose"].tolist() == [1, 2, 4]
    assert values["heights"]["heights"].tolist() == [0.1, 0.5, 0.9]
    assert (values["power"], values["scale"], values["measured"]) == (3, "linear", "2026-03-01")
    assert values["limits"] == [0, 1]
    assert manifest["parameters"]["power"] == {
        "type": "integer", "widget": "slider", "value": 3, "min": 1, "max": 5, "step": 1,
    }  # fmt: skip
    assert manifest["packages"]["matplotlib"]
    assert (manifest["language"], manifest["function_name"]) == ("python", "curve")
    return values


def drawn(source, manifest, values) -> None:
    """Run the body as GoFigr's pages do: a function of that name, with the imports of the manifest."""
    room = {"publish": lambda *_args, **_more: None, "FindByName": None, "ApiId": None}
    for alias, module in manifest["imports"].items():
        with contextlib.suppress(ImportError):
            room[alias] = importlib.import_module(module)
    text = f"def {manifest['function_name']}({', '.join(values)}):\n{textwrap.indent(source, '    ')}"
    exec(compile(text, "<clean room>", "exec"), room)  # noqa: S102 - that is what it is for
    room[manifest["function_name"]](**values)


if __name__ == "__main__":
    main(*sys.argv[1:])
