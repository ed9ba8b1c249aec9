"""Family stories: slides about figures."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator

from gofigr_jupyter.client.resource import Ident, Resource, drafted, id_of, items, maybe_id, read_as, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema.stories import ExportFormat, Slide, SlideOrder, Story, StoryDraft, StoryOrder, StoryStarted


class Stories(Resource[Story, StoryDraft]):
    """Slides about figures."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "story", Story)

    def iter(self, workspace: Ident | None = None) -> Iterator[Story]:
        """All stories, or those of a workspace, without their slides; fetched as they are used."""
        return items(self.transport, self.path, Story, {"workspace": maybe_id(workspace)})

    def list(self, workspace: Ident | None = None) -> builtins.list[Story]:
        """All stories, or those of a workspace, without their slides."""
        return [*self.iter(workspace)]

    def create(
        self,
        draft: StoryDraft | None = None,
        *,
        workspace: Ident | None = None,
        title: str | None = None,
        slides: Iterable[Slide] | None = None,
        audience: str | None = None,
        description: str | None = None,
    ) -> Story:
        """Make one in a workspace; `slides` are at most 200."""
        pages = None if slides is None else [*slides]
        fields = {"workspace": maybe_id(workspace), "title": title, "audience": audience, "description": description}
        return super().create(drafted(StoryDraft, draft, **fields, slides=pages))

    def change(
        self,
        api_id: Ident,
        draft: StoryDraft | None = None,
        *,
        title: str | None = None,
        slides: Iterable[Slide] | None = None,
        audience: str | None = None,
        description: str | None = None,
        workspace: Ident | None = None,
        silent: bool = False,
    ) -> Story:
        """Set what is named, leave the rest; `slides` replace all that were there, another `workspace` moves it."""
        pages = None if slides is None else [*slides]
        fields = {"workspace": maybe_id(workspace), "title": title, "audience": audience, "description": description}
        return super().change(api_id, drafted(StoryDraft, draft, **fields, slides=pages), silent=silent)

    def generate(
        self,
        workspace: Ident,
        figures: Iterable[Ident],
        *,
        audience: str | None = None,
        instructions: str | None = None,
        agreed: bool = False,
    ) -> StoryStarted:
        """Let a machine write one about some figures: the task at work, and the story that it fills.

        Where that is a machine of somebody else's, it fails unless it is `agreed` that all goes there.
        """
        chosen = [id_of(figure) for figure in figures]
        fields = {"workspace": id_of(workspace), "figures": chosen, "audience": audience, "instructions": instructions}
        body = to_wire(drafted(StoryOrder, None, **fields, agreed=agreed or None))
        return read_as(StoryStarted, self.transport.request("POST", f"{self.path}generate/", body=body))

    def generate_slide(self, api_id: Ident, revision: Ident, *, agreed: bool = False) -> Slide:
        """Let a machine write one slide about a figure revision; `agreed` as for `generate`."""
        body = to_wire(drafted(SlideOrder, None, figure_revision=id_of(revision), agreed=agreed or None))
        return read_as(Slide, self.transport.request("POST", f"{self.at(api_id)}generate_slide/", body=body))

    def export(self, api_id: Ident, format: ExportFormat = "html") -> bytes:  # noqa: A002 - the contract's word
        """The story as a file."""
        with self.transport.stream("GET", f"{self.at(api_id)}export/", params={"format": format}) as response:
            return b"".join(response.iter_bytes())
