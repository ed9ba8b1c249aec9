"""The interactive page of a plotly figure draws without a network, and asks for none."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from gofigr_jupyter.capture import plotly

pytestmark = pytest.mark.browser


def figures() -> dict[str, go.Figure]:
    walk = go.Figure(go.Scatter(x=list(range(50)), y=[n * n % 17 for n in range(50)]))
    walk.update_layout(title="<b>Steps</b> $x^2$ </script><script>document.title = 'owned'</script>")
    surface = go.Figure(go.Surface(z=[[1, 2], [3, 4]]))
    moving = go.Figure(go.Scatter(y=[1, 2]), frames=[go.Frame(data=[go.Scatter(y=[2, 1])], name="second")])
    return {"walk": walk, "surface": surface, "moving": moving}


@pytest.mark.parametrize("name", ["walk", "surface", "moving"])
def test_the_page_draws_offline(page, tmp_path, name):
    data = plotly.page(json.loads(figures()[name].to_json()))
    path = tmp_path / "figure.html"
    path.write_bytes(data)
    asked, errors = [], []
    page.context.set_offline(True)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("#figure .trace, #figure .gl-container canvas", state="attached")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []
    if name == "walk":
        assert page.title().startswith("Steps")
    if name == "moving":
        assert page.evaluate("document.getElementById('figure')._transitionData._frames.length") == 1


def test_the_figure_fills_the_page_and_follows_it(page, tmp_path):
    path = tmp_path / "figure.html"
    path.write_bytes(plotly.page({"data": [{"y": [1, 3, 2]}], "layout": {}}))
    page.goto(path.as_uri())
    page.wait_for_selector("#figure .main-svg")
    width = "document.querySelector('#figure .main-svg').getBoundingClientRect().width"
    assert page.evaluate(width) == 1100
    page.set_viewport_size({"width": 390, "height": 700})
    page.wait_for_function(f"{width} === 390")
