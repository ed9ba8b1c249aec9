"""What the OpenAPI document says beyond the routes' own words: refusals and credentials, by their rules and bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from fastapi.routing import APIRoute, APIRouter

from gofigr_jupyter.schema.fig1 import KEY_HEADER, Failure
from gofigr_jupyter.server.family import RULE
from gofigr_jupyter.server.policy import Rule
from gofigr_jupyter.server.views import VERSION

JSON = "application/json"
PROBLEM = "Problem"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MINTED = frozenset({"client_id", "short_id"})  # ids that may be taken already
API_ID, TOKEN = "$response.body#/api_id", "$response.body#/token"
WORDS = {
    400: "a field cannot be, and is named; or the request makes no sense",
    401: "the credentials are no good (any more)",
    403: "not allowed",
    404: "there is no such thing, or no such version",
    409: "the id is taken",
    413: "too large",
    415: "another content type is wanted",
    503: "out of reach just now: storage, or somebody to check a password",
    507: "the disk is full",
}
REFUSAL: dict[str, Any] = {
    "title": PROBLEM,
    "type": "object",
    "description": "`detail` says what is wrong, or each field that cannot be has a list of what is wrong with it.",
    "minProperties": 1,
    "properties": {"detail": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
    "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
}
FAILURE = Failure.__name__
SCHEMES: dict[str, Any] = {
    "Bearer": {"type": "http", "scheme": "bearer", "description": "the access token of somebody who signed in"},
    "Token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token ` and an API key",
    },
    "SiteKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": "a site's key"},
}


def complete(document: dict[str, Any], routers: Mapping[str, Sequence[APIRouter]]) -> dict[str, Any]:
    """The document with every refusal, every operation's credentials, and ids and versions as they are told apart."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components.setdefault("schemas", {})[PROBLEM] = REFUSAL
    components["schemas"][FAILURE] = Failure.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's words for what is a 400 here
        components["schemas"].pop(unused, None)
    for prefix, those in routers.items():
        for route in chain.from_iterable(router.routes for router in those):
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in route.methods or ():
                    operation = document["paths"][prefix + route.path_format][method.lower()]
                    _complete(operation, method, getattr(route.endpoint, RULE), components["schemas"])
    _link(document["paths"])
    return document


def _link(paths: dict[str, Any]) -> None:
    """Say of each request that makes something which requests can be made about it."""
    for path, methods in paths.items():
        made = methods.get("post", {}).get("responses", {}).get("201")
        if made is None:
            continue
        for other, operations in paths.items():
            if not other.startswith(f"{path}/{{"):
                continue
            gap = other.removeprefix(f"{path}/{{").partition("}")[0]
            found = {"version": "$request.path.version", gap: TOKEN if gap == "token" else API_ID}
            for operation in operations.values():
                name = operation["operationId"]
                made.setdefault("links", {})[name] = {"operationId": name, "parameters": found}


def _complete(operation: dict[str, Any], method: str, rule: Rule, schemas: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status in _refusals(operation, method, schemas):
        responses.setdefault(str(status), {"description": WORDS[status]})
    problem = FAILURE if rule.site else PROBLEM
    for status, said in responses.items():
        if int(status) >= 400:
            said.setdefault("content", {JSON: {"schema": {"$ref": f"#/components/schemas/{problem}"}}})
    operation["security"] = [{"Bearer": []}] if rule.person else [{"Bearer": []}, {"Token": []}]
    if rule.site:
        operation["security"] = [{"SiteKey": []}]
    elif rule.open:
        operation["security"].append({})
    for one in operation.get("parameters", []):
        if one["name"] == "version":
            one["schema"] |= {"pattern": f"^{VERSION.pattern.replace('?P<minor>', '')}$", "examples": ["v1.4.1"]}


def _refusals(operation: dict[str, Any], method: str, schemas: dict[str, Any]) -> Iterator[int]:
    yield from (400, 401, 403, 404, 503)
    bodies = operation.get("requestBody", {}).get("content", {})
    if bodies:
        yield from (413, 415)
    for body in bodies.values():
        model = schemas.get(body.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        fields = model.get("properties", {}).keys()
        if fields & (MINTED if method == "POST" else {"short_id"}):
            yield 409
    if method not in SAFE:
        yield 507
