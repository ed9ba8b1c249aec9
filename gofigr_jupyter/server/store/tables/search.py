"""What is kept for searching: words of objects, and looks of pictures. All of it can be made again from the rest.

Rows are named by what they speak of, not bound to it: what they outlive is swept in quiet hours, like chunks.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from gofigr_jupyter.server.store.tables.base import Base


class Indexed(Base):
    """The words of one object (`key` is its id), or of the bytes of data objects (`data`; `key` is their hash).

    `parts` are those of names in camel case. `document` is PostgreSQL's own form of it all.
    """

    __tablename__ = "texts"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    parts: Mapped[str] = mapped_column(default="")
    document: Mapped[Any] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), nullable=True)


class Seen(Base):
    """What the picture with this hash looks like, once it `is_read`: None where it shows nothing, or is damaged."""

    __tablename__ = "looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    bits: Mapped[bytes | None] = mapped_column(LargeBinary)
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_read: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)
