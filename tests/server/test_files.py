"""Raw bytes: downloads, sandboxed figures, small pictures; nothing of people's ever becomes part of our origin."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from tests.server.conftest import API, Client, found, image, make_figure, make_revision, text

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def png(width: int, height: int, color: str = "teal") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def item(client: Client, data: dict[str, object]) -> str:
    """The id of a new data object."""
    api_id: str = make_revision(client, data)["data"][0]["api_id"]
    return api_id


def test_downloads_are_attachments_with_conditions(me: Client) -> None:
    content = bytes(range(256)) * 5000
    api_id = item(me, text(content))
    answer = me.get(f"/file/{api_id}/My%20f%C3%ADgure.csv")
    assert answer.content == content
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''My%20f%C3%ADgure.csv"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == str(len(content))
    again = me.get(f"/file/{api_id}/x", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "a%0d%0ab", "%22;x=y", ".hidden", "%00", "con.html"])
def test_names_are_labels(me: Client, name: str) -> None:
    answer = me.get(f"/file/{item(me, text('x'))}/{name}")
    if answer.status_code == 200:  # a slash, even an escaped one, makes it another path
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''")
        assert not set(disposition.split("''")[1]) & set('/\\"\r\n;')
    else:
        assert answer.status_code == 404


def test_only_four_kinds_of_pictures_are_shown_inline(me: Client) -> None:
    shown = me.get(f"/file/{item(me, image(png(3, 2)))}/x.png?inline=1")
    assert (shown.headers["content-disposition"], shown.headers["content-type"]) == ("inline", "image/png")
    for content, fmt in (
        (SVG, "svg"),
        (b"<script>1</script>", "html"),
        (b"<script>1</script>", "png"),
        (b"%PDF-1.4", "pdf"),
    ):
        answer = me.get(f"/file/{item(me, image(content, fmt))}/x.{fmt}?inline=1")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-type"] in {"application/octet-stream", "image/svg+xml"}


def test_interactive_figures_have_no_origin_and_no_network(me: Client) -> None:
    api_id = item(me, image(b"<script>document.title = 1</script>", "html"))
    answer = me.get(f"/view/{api_id}")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert me.get(f"/view/{item(me, image(SVG, 'svg'))}").status_code == 404
    assert me.get(f"/view/{item(me, text('<b>'))}").status_code == 404


class TestThumbnails:
    """Small pictures of whatever has one."""

    def test_fit_into_the_square_at_every_level(self, me: Client) -> None:
        figure = make_figure(me)
        make_revision(me, image(png(400, 100, "red")), figure=figure["api_id"])
        newest = make_revision(me, image(png(100, 400, "blue")), text("no picture"), figure=figure["api_id"])
        make_revision(me, text("nothing to see"), figure=figure["api_id"])
        for path in (f"analysis/{figure['analysis']}", f"figure/{figure['api_id']}", f"revision/{newest['api_id']}"):
            small = found(me.get(f"{API}/{path}/thumbnail/64"))["thumbnail"]
            import base64

            with Image.open(io.BytesIO(base64.b64decode(small))) as picture:
                assert picture.size == (16, 64)
                assert picture.convert("RGB").getpixel((1, 1)) == (0, 0, 255)
        raw = me.get(f"/thumb/figure/{figure['api_id']}/64")
        assert raw.headers["content-type"] == "image/png"
        assert me.get(f"/thumb/user/{figure['api_id']}/64").status_code == 400

    def test_prefer_what_was_made_as_one_and_has_no_watermark(self, me: Client) -> None:
        made = make_revision(
            me,
            image(png(90, 90, "red"), is_watermarked=True),
            image(png(80, 80, "white")),
            image(png(70, 70, "blue"), role="thumbnail"),
        )
        with Image.open(io.BytesIO(me.get(f"/thumb/revision/{made['api_id']}/512").content)) as picture:
            assert picture.size == (70, 70)

    def test_are_null_without_a_picture(self, me: Client) -> None:
        made = make_revision(me, text("x"), image(SVG, "svg"))
        assert found(me.get(f"{API}/revision/{made['api_id']}/thumbnail/64"))["thumbnail"] is None
        assert me.get(f"/thumb/revision/{made['api_id']}/64").status_code == 404
        assert me.get(f"{API}/revision/{made['api_id']}/thumbnail/99999").status_code == 400

    @pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, SVG])
    def test_survive_what_is_no_picture_and_take_the_next(self, me: Client, content: bytes) -> None:
        made = make_revision(me, image(content, role="thumbnail"), image(png(20, 10)))
        assert found(me.get(f"{API}/revision/{made['api_id']}/thumbnail/64"))["thumbnail"]

    def test_do_not_decode_bombs(self, me: Client) -> None:
        made = make_revision(me, image(bomb(30_000, 30_000)))
        assert found(me.get(f"{API}/revision/{made['api_id']}/thumbnail/64"))["thumbnail"] is None


def bomb(width: int, height: int) -> bytes:
    """A PNG of many pixels in few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * ((width // 8 + 1) * 1000), 9)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    packed = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
