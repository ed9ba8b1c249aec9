"""What happened in a workspace, an organization or an analysis, line by line."""

from __future__ import annotations

from gofigr_jupyter.client.resource import read_as, step
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema.workspaces import LogEntry


def log(transport: Transport, at: str) -> list[LogEntry]:
    """The whole log of the object at a path; a server that lists ids only is asked for each line."""
    lines = read_as(list[LogEntry], transport.request("GET", f"{at}log/"))
    return [line if line.action else entry(transport, at, line.api_id) for line in lines]


def entry(transport: Transport, at: str, log_id: str) -> LogEntry:
    """One line."""
    return read_as(LogEntry, transport.request("GET", f"{at}log/{step(log_id)}/"))
