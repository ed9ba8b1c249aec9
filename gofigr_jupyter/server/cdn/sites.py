"""Sites and their keys, as their operator sees them: made, shown and ended on the machine that has the data."""

from __future__ import annotations

from hmac import compare_digest
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import FIG1_KEY, SITE_KEY_PREFIX, kept_fig1_key
from gofigr_jupyter.schema.base import render_time
from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.auth import LOCAL_USER
from gofigr_jupyter.server.cdn import names
from gofigr_jupyter.server.cdn.names import BadName
from gofigr_jupyter.server.store import cdn, people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import workspaces_called
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import SiteKey, Workspace

USUAL = "default"


def add_key(data_dir: Path, site: str, workspace: str | None, *, embedded: bool) -> dict[str, Any]:
    """A new key, shown here and never again; the site is made with its first one. Raises ConfigurationError.

    Without a workspace, and on the `embedded` server, it is the primary one of the local user, who is made if need be.
    """
    try:
        site = names.folder_name(site)
    except BadName as error:
        raise ConfigurationError(f"This cannot be a site's name. {error}.") from error
    if embedded:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # the first key may come before the first start
    with accounts.opened(data_dir, embedded=embedded) as store:
        if embedded:
            accounts.ensure_local_user(store)
        with store.writing() as db:
            place = _workspace(db, workspace)
            row = cdn.site_named(db, place, site)
            made, text = cdn.create_key(db, row)
            return {"id": made.id, "site": row.name, "slug": row.slug, "workspace": place.name, "key": text}


def keys(data_dir: Path, *, embedded: bool) -> list[dict[str, Any]]:
    """All keys, without what is secret of them."""
    with accounts.opened(data_dir, embedded=embedded) as store, store.reading() as db:
        return [
            {
                "id": row.id,
                "key": f"{SITE_KEY_PREFIX}...{row.ending}",
                "site": row.site.name,
                "workspace": row.site.workspace.name,
                "created": render_time(row.created_on),
                "last_used": render_time(row.last_used) if row.last_used else None,
            }
            for row in cdn.keys(db)
        ]


def remove_key(data_dir: Path, key_id: str, *, embedded: bool) -> None:
    """End a key at once, and the upload addresses that it asked for; files stay. Raises ConfigurationError."""
    with accounts.opened(data_dir, embedded=embedded) as store, store.writing() as db:
        known = [row for row in cdn.keys(db) if key_id and row.id.startswith(key_id.lower())]
        if len(known) != 1:
            count = "More than one key" if known else "No key"
            raise ConfigurationError(f"{count} has an id that begins with {key_id}.")
        if embedded and known[0].digest == people.digest(kept_fig1_key(data_dir) or ""):
            (data_dir / FIG1_KEY).unlink(missing_ok=True)  # else it would be taken at sight again; another is drawn
        cdn.remove_key(db, known[0].id)


def local_key(store: Store, data_dir: Path, text: str) -> SiteKey | None:
    """The local user's own key, which is known from its first use on: `text`, if that is what their file says."""
    kept = kept_fig1_key(data_dir)
    if kept is None or not compare_digest(kept.encode(), text.encode("utf-8", "replace")):
        return None
    with store.writing() as db:
        if (row := cdn.key_by_text(db, kept)) is None:  # else somebody was quicker
            cdn.create_key(db, cdn.site_named(db, _workspace(db, None), USUAL), kept)
            row = cdn.key_by_text(db, kept)
    return row


def _workspace(db: Transaction, wanted: str | None) -> Workspace:
    local = people.fact(db, LOCAL_USER)
    if wanted is None and local is None:
        raise ConfigurationError("Say whose files these will be: --workspace, with a workspace's name or id.")
    found = workspaces_called(db, wanted, int(local) if local else None)
    if len(found) != 1:
        raise ConfigurationError(f"{'No' if not found else 'More than one'} workspace is called {wanted}.")
    return found[0]
