"""py3Dmol views: their commands without the number of the display, and pages with whichever 3Dmol.js is installed."""

from __future__ import annotations

import json
import sys

import py3Dmol
import pytest

from gofigr_jupyter.capture import libraries
from gofigr_jupyter.capture import py3dmol as capture
from gofigr_jupyter.records import Missing, Source

WATER = "3\n\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n"


def view():
    made = py3Dmol.view(width=300, height=200)
    made.addModel(WATER, "xyz")
    made.setStyle({"stick": {}})
    return made


def bundle(text):
    return {capture.LOAD: text, "text/html": text}


@pytest.fixture
def installed_script(tmp_path, monkeypatch):
    """A package that brings 3Dmol.js along."""
    (tmp_path / "mol_assets").mkdir()
    (tmp_path / "mol_assets" / "3Dmol-min.js").write_text("var $3Dmol = 'the library </script>';")
    about = tmp_path / "mol_assets-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mol-assets\nVersion: 1\n")
    (about / "RECORD").write_text("mol_assets/3Dmol-min.js,,\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    capture._script.cache_clear()
    yield
    capture._script.cache_clear()


def test_a_displayed_view_is_known_by_its_script():
    made = view()
    assert libraries.of_object(made).kind == "py3dmol"
    seen = capture.see(made, bundle(made._make_html()), {})
    assert (seen.kind, seen.title, seen.displayed) == ("py3dmol", None, ())
    assert seen.reference() is made
    assert "addModel" in json.loads(seen.source.data)["html"]


def test_each_display_of_the_same_view_gives_the_same_bytes():
    first, second = view(), view()
    sources = [capture.see(None, bundle(one._make_html()), {}).source for one in (first, second)]
    assert sources[0] == sources[1] == capture.asked(first).source


def test_a_script_that_shows_no_view_of_its_own_is_no_figure():
    update = "<script>$3Dmolpromise.then(function() { viewer_1.render(); });</script>"
    assert capture.see(None, bundle(update), {}) is None
    assert capture.see(None, {"text/plain": "<py3Dmol.view>"}, {}) is None


def test_a_page_holds_the_script_that_a_package_brings(installed_script):
    page, text = capture.render(capture.asked(view()).source, ["html", "json"])
    assert b"the library <\\/script>" in page.data
    assert page.data.index(b"the library") < page.data.index(b"addModel")
    assert json.loads(text.data)["library"] == "3Dmol.js"


def test_without_it_the_commands_are_kept_and_the_page_is_missing(monkeypatch):
    monkeypatch.setattr(capture, "_script", lambda: None)
    page, text, picture = capture.render(capture.asked(view()).source, ["html", "json", "png"])
    assert isinstance(page.data, Missing)
    assert "3Dmol-min.js" in page.data.reason
    assert picture.data == page.data
    assert isinstance(text.data, bytes)


def test_a_molecule_from_the_network_makes_no_page(installed_script):
    (page,) = capture.render(capture.asked(py3Dmol.view(query="pdb:1ubq")).source, ["html"])
    assert "from the network" in page.data.reason
    (broken,) = capture.render(Source("py3dmol", b"{"), ["html"])
    assert isinstance(broken.data, Missing)
