"""Family imports, third part: whether a repository can be read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from gofigr_jupyter.schema.imports import GitAccess, GitCheck
from gofigr_jupyter.server import keyring
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.git.repository import Remote
from gofigr_jupyter.server.policy import SIGNED_IN
from gofigr_jupyter.server.web import answer, body_of

family = Family("imports")
Body = Annotated[GitCheck, Depends(body_of(GitCheck))]


def remote_of(request: Request) -> Remote:
    """What asks other people's servers."""
    remote: Remote = request.app.state.remote
    return remote


RemoteOf = Annotated[Remote, Depends(remote_of)]


@family.post("/git/check", SIGNED_IN, answers=GitAccess, takes=GitCheck)
def check(gate: GateOf, store: StoreOf, config: ConfigOf, remote: RemoteOf, body: Body) -> Response:
    """Whether a repository, and its branch if one is named, can be read with this key, or why not."""
    key = None
    if body.ssh_key:
        with store.reading() as db:
            key = keyring.unlocked(config.data_dir, keyring.admitted(db, gate, body.ssh_key))
    return answer(remote.look(body.url, body.branch, key))
