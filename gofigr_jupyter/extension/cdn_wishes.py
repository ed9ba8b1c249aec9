"""`publish(fig, cdn=True)`: the wish that travels with a figure, and what has become of it.

In: settings, and what the author wrote. Out: a CdnWish for the parcel; later, the asset. The picture itself is taken to
the CDN by the worker, so nothing here uploads, delays or hurts publishing.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.extension.hooks import tell
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.errands import errands, wish_id
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import CdnWish, Missing, OnCdn, State
from gofigr_jupyter.settings import Settings, store_cdn_account, with_cdn_of_now

if TYPE_CHECKING:
    from gofigr_jupyter.client.cdn_asset import CdnAsset


def wish_of(settings: Settings, cdn: bool | str, title: str) -> CdnWish | Missing | None:
    """What `cdn=` asks for; Missing where there is no key for it, and the author is told so once."""
    if not cdn:
        return None
    try:
        return CdnWish(store_cdn_account(with_cdn_of_now(settings)), cdn if isinstance(cdn, str) else "", title)
    except (GoFigrError, OSError) as error:
        tell(f"cdn:{error}", f"a picture is published, but not put on the CDN: {error}")
        return Missing(str(error))


def granted(home: Path, client_id: str, wish: CdnWish | Missing) -> tuple[CdnAsset | Missing, bool]:
    """Where a revision's picture is on the CDN, or why it is not; and whether that is the last word."""
    if isinstance(wish, Missing):
        return wish, True
    # In the order in which a wish travels, so that none is overlooked that moves on meanwhile.
    entry = Outbox(home).find(client_id)
    is_on_the_way = entry is not None and entry.folder in {"new", "taken"}
    waiting = {wish_id(errand.wish) for errand in errands(home, client_id).values()}
    receipt = read_receipt(home, client_id)
    if receipt is not None and receipt.cdn is not None and receipt.cdn.wish == wish_id(wish):
        return _asset(receipt.cdn), True
    if is_on_the_way or wish_id(wish) in waiting:
        waits = (receipt.cdn_waits or receipt.problem) if receipt is not None else None
        return Missing(waits or "it is on its way"), False
    if receipt is not None and receipt.state is State.FAILED:
        return Missing(receipt.problem or "the figure could not be published"), True
    reason = receipt.missing.get("cdn") if receipt is not None else None
    return Missing(reason or "nothing is known of it any more; publish it again"), True


def _asset(there: OnCdn) -> CdnAsset:
    asset: type[CdnAsset] = import_module("gofigr_jupyter.client.cdn_asset").CdnAsset  # the client, only when asked for
    return asset(**{name: value for name, value in asdict(there).items() if name != "wish"})
