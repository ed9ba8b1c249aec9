"""The API's documentation as one plain page that works offline; FastAPI's own would load scripts from a CDN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse

from gofigr_jupyter.server import described
from gofigr_jupyter.server.web import ACCEPTED

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
STYLE = """
:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
padding: 0 1rem; } code { font-family: ui-monospace, monospace; } dt { margin-top: .6rem; } dd { margin: 0 0 0 1rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
"""


def install(app: FastAPI, routers: Mapping[str, Sequence[APIRouter]]) -> None:
    """Serve the page at /docs, and complete the document that it is made from; `routers` are the app's, by prefix."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = _with_bodies(get_openapi(title=app.title, version=app.version, routes=app.routes))
            app.openapi_schema = described.complete(document, routers)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way
    app.add_api_route("/docs", page, include_in_schema=False)


def page(request: Request) -> HTMLResponse:
    """The document, for people. No closure over an app: FastAPI remembers endpoints, and would keep every app alive."""
    return HTMLResponse(_page(request.app.openapi()), headers={"content-security-policy": POLICY})


def _with_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """Add the shapes of the bodies that we read ourselves."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in ACCEPTED:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="validation")
        for name, inner in schema.pop("$defs", {}).items():
            schemas.setdefault(name, inner)
        schemas.setdefault(model.__name__, schema)
    return document


def _page(schema: dict[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(_entry(method, path, operation))
    body = "".join(f"<h2>{escape(tag)}</h2><dl>{''.join(rows)}</dl>" for tag, rows in groups.items())
    title = f"{escape(schema['info']['title'])} {escape(schema['info']['version'])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style><h1>{title}</h1>'
        '<p>Machine-readable: <a href="openapi.json">openapi.json</a>. Each path is served with and without a '
        f"trailing slash.</p>{body}</html>"
    )


def _entry(method: str, path: str, operation: dict[str, Any]) -> str:
    what = escape(operation.get("description") or operation.get("summary") or "")
    return f'<dt><code><span class="method">{method.upper()}</span> {escape(path)}</code></dt><dd>{what}</dd>'
