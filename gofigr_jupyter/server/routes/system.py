"""Family system: what this server says of itself, short ids, and all at once for a front end; and the proof that it is
the one a client means.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from gofigr_jupyter.local import LocalServer
from gofigr_jupyter.schema.system import Bootstrap, Hello, Info, ShortIdPrefix
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.config import API_VERSION, package_version
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import PUBLIC, SIGNED_IN, visible_workspaces
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store import people, portraits, shapes
from gofigr_jupyter.server.web import answer

family = Family("system")
unversioned = Family("system")


@family.get("/info", PUBLIC, answers=Info)
def info(_gate: GateOf) -> Response:
    """What this server can do; needs no credentials, and says 401 to ones that are no good."""
    return answer(_info())


def _info() -> Info:
    return Info(ai_enabled=False, api_version=API_VERSION, server="gofigr_jupyter", version=package_version())


@family.get("/bootstrap", SIGNED_IN, answers=Bootstrap)
def bootstrap(gate: GateOf, store: StoreOf, config: ConfigOf) -> Response:
    """All that a front end needs at first: who is asking, which workspaces they see, what this server can do."""
    with store.reading() as db:
        person = people.user(db, gate.actor.user_id)
        if person is None:
            raise not_found()
        return answer(
            Bootstrap(
                user=portraits.user(person),
                workspaces=shapes.workspaces(db, visible_workspaces(db, gate.actor)),
                settings={"embedded": config.embedded, "max_body_bytes": config.max_body},
                info=_info(),
            )
        )


@family.post("/short_id_prefix/reserve", SIGNED_IN, answers=ShortIdPrefix, status=201)
def reserve_prefix(gate: GateOf, store: StoreOf) -> Response:
    """Reserve the first eight characters of short ids; nobody else is ever given them."""
    with store.writing() as db:
        return answer(ShortIdPrefix(prefix=people.reserve_prefix(db, gate.actor.user_id)), 201)


@unversioned.get("/.gofigr/hello", PUBLIC, answers=Hello)
def hello(config: ConfigOf, nonce: Annotated[str, Query(min_length=8, max_length=200)]) -> Response:
    """Prove to a client on this machine that its own embedded server answers; needs no credentials."""
    if config.local_token is None:
        raise not_found()
    proof = LocalServer(config.data_dir, config.port, config.local_token).proof(nonce)
    return answer(Hello(proof=proof, version=package_version()))
