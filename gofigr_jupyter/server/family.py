"""A family of routes. None can be registered without its rule, and none answers whose handler did not ask the gate."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import compile_path

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.auth import actor_of
from gofigr_jupyter.server.policy import Gate, Rule
from gofigr_jupyter.server.refusal import Refusal, forbidden
from gofigr_jupyter.server.web import accepts

Handler = TypeVar("Handler", bound=Callable[..., Any])
RULE = "__rule__"


class Asked(APIRoute):
    """A route that withholds its answer when the gate was not asked about the object."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, and afterwards the check."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refusal as refusal:
                gate: Gate | None = getattr(request.state, "gate", None)
                if refusal.status == 404 and gate is not None and gate.visitor is None and gate.rule.act is not None:
                    raise forbidden() from refusal  # nobody is told which ids there are
                raise
            if not gate_of(request).was_asked:
                raise GoFigrError(f"{self.path} answered without asking who may read the answer")
            return response

        return handle


class Family:
    """Routes under one tag; `answers` is the shape that comes back, `takes` the shape of the JSON body.

    With `forms` the body may be that of an HTML form, too. `router` is what the app includes.
    """

    def __init__(self, tag: str, *, route_class: type[APIRoute] = Asked, in_schema: bool = True) -> None:
        self.router = APIRouter(tags=[tag], route_class=route_class, include_in_schema=in_schema)

    def route(
        self,
        method: str | list[str],
        path: str,
        rule: Rule,
        *,
        answers: Any = None,
        takes: type[BaseModel] | None = None,
        forms: bool = False,
        status: int = 200,
        **options: Any,
    ) -> Callable[[Handler], Handler]:
        """Register a handler for a method (or several)."""

        def enter(request: Request) -> None:
            request.state.gate = Gate(None if rule.site else actor_of(request), rule)

        def register(handler: Handler) -> Handler:
            setattr(handler, RULE, rule)
            self.router.add_api_route(
                path,
                handler,
                methods=[method] if isinstance(method, str) else method,
                response_model=answers,
                status_code=status,
                dependencies=[Depends(enter)],
                **({"openapi_extra": accepts(takes, forms=forms)} if takes else {}) | options,
            )
            return handler

        return register

    def get(self, path: str, rule: Rule, **options: Any) -> Callable[[Handler], Handler]:
        """`route("GET", ...)`."""
        return self.route("GET", path, rule, **options)

    def post(self, path: str, rule: Rule, **options: Any) -> Callable[[Handler], Handler]:
        """`route("POST", ...)`."""
        return self.route("POST", path, rule, **options)

    def put(self, path: str, rule: Rule, **options: Any) -> Callable[[Handler], Handler]:
        """`route("PUT", ...)`."""
        return self.route("PUT", path, rule, **options)

    def patch(self, path: str, rule: Rule, **options: Any) -> Callable[[Handler], Handler]:
        """`route("PATCH", ...)`."""
        return self.route("PATCH", path, rule, **options)

    def delete(self, path: str, rule: Rule, **options: Any) -> Callable[[Handler], Handler]:
        """`route("DELETE", ...)`; answers 204."""
        return self.route("DELETE", path, rule, status=204, **options)


def gate_of(request: Request) -> Gate:
    """The gate of this request."""
    gate: Gate = request.state.gate
    return gate


async def _gate(request: Request) -> Gate:  # `async` only to need no thread
    return gate_of(request)


GateOf = Annotated[Gate, Depends(_gate)]


def require_rules(app: FastAPI, routers: Iterable[APIRouter] = ()) -> None:
    """Refuse to start with a route that names no rule, of the app or of the routers that it includes.

    The app alone does not tell: newer FastAPIs keep included routers as one opaque route each.
    """
    routes = chain(app.routes, *(router.routes for router in routers))
    bare = [route.path for route in routes if isinstance(route, APIRoute) and not hasattr(route.endpoint, RULE)]
    if bare:
        raise GoFigrError(f"Routes without a rule: {', '.join(bare)}")


class Methods:
    """What each path may be asked with; a router by itself names only the methods of one of its routes."""

    def __init__(self, routers: Mapping[str, Sequence[APIRouter]]) -> None:
        self._routers = routers

    def at(self, path: str) -> list[str]:
        """The methods that this path takes, for the header `Allow`."""
        return sorted(set(chain.from_iterable(methods for paths, methods in self._paths if paths.match(path))))

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], set[str]]]:
        found = ((prefix, one) for prefix, some in self._routers.items() for router in some for one in router.routes)
        routes = [(prefix, one) for prefix, one in found if isinstance(one, APIRoute)]
        return [(compile_path(prefix + one.path)[0], one.methods or set()) for prefix, one in routes]
