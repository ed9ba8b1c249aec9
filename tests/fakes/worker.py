"""A worker process with the fake renderer: `python -m tests.fakes.worker`, the state folder in the environment.

`GOFIGR_TEST_MUTANT` breaks one promise on purpose, so that the tests can show that they would notice.
"""

from __future__ import annotations

import os

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.records import Parcel
from gofigr_jupyter.schema.figures import Revision
from gofigr_jupyter.settings import state_home
from gofigr_jupyter.worker import lane, publish
from gofigr_jupyter.worker.loop import Worker, idle_seconds
from tests.fakes.draws import FakeDraws


def acknowledge_before_commit() -> None:
    """The receipt says complete before the server has it."""
    honest = lane.publish

    def early(gf: GoFigr, places: lane.Places, parcel: Parcel) -> Revision:
        lane.report(state_home(), parcel.client_id, lane.State.COMPLETE)
        return honest(gf, places, parcel)

    lane.publish = early


def no_idempotency() -> None:
    """Each try makes another revision."""
    honest = publish.revision_draft

    def anonymous(parcel: Parcel, figure_id: str) -> object:
        made = honest(parcel, figure_id)
        return made.model_copy(update={"client_id": None, "api_id": None})

    publish.revision_draft = anonymous


def done_without_read_back() -> None:
    """What the server answered at first is believed for ever."""

    def believing(gf: GoFigr, parcel: Parcel, renditions: object) -> tuple[Revision, dict[str, str]]:
        return Revision(api_id=parcel.client_id, figure=""), {}

    lane.complete = believing
    lane.is_shown = lambda *_: True


def main() -> None:
    mutant = os.environ.get("GOFIGR_TEST_MUTANT")
    if mutant:
        globals()[mutant]()
    draws = FakeDraws(float(os.environ.get("GOFIGR_TEST_DRAWING", "0")))
    Worker(state_home(), draws, idle=idle_seconds(), poll=0.02).run()


if __name__ == "__main__":
    main()
