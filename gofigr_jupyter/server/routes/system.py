"""Family system: what this server says of itself, short ids, and the proof that it is the one a client means."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from gofigr_jupyter.local import LocalServer
from gofigr_jupyter.schema.system import Hello, Info, ShortIdPrefix
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.config import API_VERSION, KNOWN_VERSIONS, package_version
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import PUBLIC, SIGNED_IN
from gofigr_jupyter.server.refusal import Refusal, not_found
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.web import answer

family = Family("system")
unversioned = Family("system")


def known_version(version: Annotated[str, Path(description="v1 to v1.4.1")]) -> str:
    """The version of the API that the path names; any `v1` or `v1.x` will do."""
    if re.fullmatch(r"v1(\.[0-9]+)*", version):
        return version
    raise Refusal(404, {"detail": f"Unknown version; known are {', '.join(KNOWN_VERSIONS)}."})


def lists_are_full(version: str) -> bool:
    """Up to v1.3 `GET workspace/` gives full workspaces; from v1.4 on without their content."""
    minor = [int(part) for part in version.removeprefix("v").split(".") if part][1:2]
    return minor < [4]


@family.get("/info", PUBLIC, answers=Info)
def info(_gate: GateOf) -> Response:
    """What this server can do; needs no credentials, and says 401 to ones that are no good."""
    return answer(Info(ai_enabled=False, api_version=API_VERSION, server="gofigr_jupyter", version=package_version()))


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
