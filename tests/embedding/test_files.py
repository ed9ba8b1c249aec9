"""Marks in real files: other programs read them as before, and damage of any kind costs the mark at most."""

from __future__ import annotations

import io
import re
import struct
import zlib
from xml.etree import ElementTree

import pypdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gofigr_jupyter.embedding.files import marked, marks_of
from gofigr_jupyter.embedding.mark import NAMESPACE, Mark, is_link, packet, revision_named

MARK = Mark("https://figures.example/r/aB3dE9x1Z?a=1&b=<2>", "12345678-1234-4234-8234-123456789abc", "Dösé & <b> 😀")
OTHER = Mark("http://127.0.0.1:45123/r/x", "02345678-1234-4234-8234-123456789abc")
RASTERS = ("PNG", "JPEG", "GIF", "WEBP")


def picture(file_format: str, mode: str = "RGB", **options) -> bytes:
    image = Image.linear_gradient("L").resize((60, 40)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def drawn(file_format: str, **metadata: str) -> bytes:
    figure = Figure(figsize=(3, 2))
    FigureCanvasAgg(figure)
    figure.subplots().plot([1, 3, 2])
    stream = io.BytesIO()
    figure.savefig(stream, format=file_format, metadata=metadata or None)
    return stream.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


SVG = drawn("svg")
PDF = drawn("pdf", Title="Decay (a \\ b)", Author="Zoë")
FILES = {name.lower(): picture(name) for name in RASTERS} | {"svg": SVG, "pdf": PDF}


# ---------------------------------------------------------------- every kind of file


@pytest.mark.parametrize("kind", FILES)
def test_a_mark_is_read_back_from_every_kind_of_file(kind):
    made = marked(FILES[kind], MARK)
    assert made != FILES[kind]
    assert marks_of(made) == (MARK,)
    assert marked(made, MARK) is made, "the same again changes nothing"
    assert marked(FILES[kind], MARK) == made, "always the same bytes"


@pytest.mark.parametrize("kind", FILES)
def test_another_mark_counts_before_the_one_that_was_there(kind):
    made = marked(marked(FILES[kind], MARK), OTHER)
    assert marks_of(made)[0] == OTHER
    if kind not in {"pdf", "gif"}:  # these only grow
        assert marks_of(made) == (OTHER,)
        assert made == marked(FILES[kind], OTHER)


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"<html><svg></svg></html>", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", b"RIFF", b"\xff\xd8\xff", b"GIF8"],
)
def test_what_is_no_picture_comes_back_as_it_is(data):
    assert marked(data, MARK) is data
    assert marks_of(data) == ()


@pytest.mark.parametrize("file_format", RASTERS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pixels_are_untouched(file_format, mode):
    plain = picture(file_format, mode)
    made = marked(plain, MARK)
    assert opened(made).tobytes() == opened(plain).tobytes()
    assert opened(made).size == opened(plain).size


# ---------------------------------------------------------------- PNG


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    at, found = 8, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        content = data[at + 4 : at + 8 + size]
        assert zlib.crc32(content).to_bytes(4, "big") == data[at + 8 + size : at + 12 + size]
        found.append((content[:4], content[4:]))
        at += 12 + size
    return found


def test_a_png_gets_two_text_chunks_and_keeps_all_others():
    plain = picture("PNG", pnginfo=_info(Title="Mine", Source="a microscope"))
    made = marked(plain, MARK)
    before, after = chunks(plain), chunks(made)
    assert [one for one in after if one not in before] == after[1:3]
    assert after[:1] + after[3:] == before
    assert opened(made).info["Title"] == "Mine"
    assert opened(marked(FILES["png"], OTHER)).info["Source"] == OTHER.link
    assert "xmp" in opened(made).info or "XML:com.adobe.xmp" in opened(made).info


def _info(**texts: str) -> PngInfo:
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info


def test_xmp_of_others_stays_and_ours_stands_beside_it():
    info = PngInfo()
    theirs = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'
    info.add_itxt("XML:com.adobe.xmp", theirs)
    plain = picture("PNG", pnginfo=info)
    made = marked(plain, MARK)
    assert opened(made).text["XML:com.adobe.xmp"] == theirs
    assert marks_of(made) == (MARK,)


def test_animations_keep_their_frames():
    frames = [Image.new("L", (20, 20), shade) for shade in (0, 90, 250)]
    for file_format in ("GIF", "PNG", "WEBP"):
        stream = io.BytesIO()
        frames[0].save(stream, file_format, save_all=True, append_images=frames[1:], duration=50)
        made = marked(stream.getvalue(), MARK)
        assert marks_of(made) == (MARK,)
        with Image.open(io.BytesIO(made)) as image:
            assert image.n_frames == 3
            shades = []
            for number in range(3):
                image.seek(number)
                shades.append(image.convert("L").getpixel((3, 3)))
        assert shades == sorted(shades)
        assert shades[2] > 240


# ---------------------------------------------------------------- JPEG, WebP


def test_a_photograph_keeps_its_exif_in_the_first_place():
    exif = Image.Exif()
    exif[0x0112] = 6
    plain = picture("JPEG", exif=exif, comment=b"mine")
    made = marked(plain, MARK)
    assert opened(made).getexif()[0x0112] == 6
    assert opened(made).info["comment"] == b"mine"
    assert made.index(b"Exif\0") < made.index(NAMESPACE)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_of_webp(options, mode):
    image = Image.linear_gradient("L").resize((61, 37)).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((61, 37)))
    stream = io.BytesIO()
    image.save(stream, "WEBP", **options)
    made = marked(stream.getvalue(), MARK)
    assert marks_of(made) == (MARK,)
    assert (opened(made).size, opened(made).mode) == ((61, 37), mode)
    assert opened(made).tobytes() == opened(stream.getvalue()).tobytes()
    assert struct.unpack("<I", made[4:8])[0] == len(made) - 8


# ---------------------------------------------------------------- SVG


def test_all_else_of_an_svg_is_byte_equal():
    made = marked(SVG, MARK)
    start, end = made.index(b'<metadata id="gofigr-jupyter">'), made.index(b"</metadata>") + len(b"</metadata>")
    assert made[:start] + made[end:] == SVG
    root = ElementTree.fromstring(made)  # noqa: S314 - our own
    assert root[0].tag == "{http://www.w3.org/2000/svg}metadata"
    [told] = root[0].iter("{http://purl.org/dc/elements/1.1/}source")
    assert told.text == MARK.link
    assert [one.text for one in root[0].iter(f"{{{NAMESPACE.decode()}}}figure")] == [MARK.figure]


@pytest.mark.parametrize(
    "text",
    [
        "<svg xmlns='http://www.w3.org/2000/svg' data-x='a>b'><g/></svg>",
        '\ufeff<?xml version="1.0" encoding="utf-8"?><!-- <svg> --><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd" [<!ENTITY a "]>">]>\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>',
        '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>',
        "<svg><text>é</text></svg>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_every_beginning_of_an_svg(text, encoding):
    if encoding != "utf-8":
        text = text.lstrip("\ufeff").replace('"utf-8"', '"iso-8859-1"')
        if "<?xml" not in text:
            text = f'<?xml version="1.0" encoding="iso-8859-1"?>{text}'
    made = marked(text.encode(encoding), MARK)
    assert marks_of(made) == (MARK,)
    ElementTree.fromstring(made)  # noqa: S314 - our own


@pytest.mark.parametrize("text", ["<svg/>", "<html><svg></svg></html>", "<svg", "<!-- <svg>", "<!DOCTYPE svg ["])
def test_what_is_no_whole_svg_is_left_alone(text):
    assert marked(text.encode(), MARK) == text.encode()
    utf16 = "<svg></svg>".encode("utf-16")
    assert marked(utf16, MARK) == utf16


# ---------------------------------------------------------------- PDF


def test_a_pdf_is_only_added_to():
    made = marked(PDF, MARK)
    assert made.startswith(PDF.rstrip(b"\n"))
    assert b"/Title (Decay \\(a \\\\ b\\))" in made[len(PDF) - 1 :], "what stood in its information stays"
    assert made.count(b"startxref") == 2
    at = int(re.findall(rb"startxref\n(\d+)\n%%EOF", made)[-1])
    assert made.startswith(b"xref\n", at)
    for number, place in re.findall(rb"(\d+) 1\n(\d{10}) 00000 n ", made[at:]):
        assert made.startswith(number + b" 0 obj", int(place))


def test_a_pdf_without_information_gets_some():
    plain = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    at = len(plain)
    rows = [
        b"0000000000 65535 f \n",
        b"%010d 00000 n \n" % plain.index(b"1 0 obj"),
        b"%010d 00000 n \n" % plain.index(b"2 0 obj"),
    ]
    plain += b"xref\n0 3\n" + b"".join(rows) + b"trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % at
    made = marked(plain, MARK)
    assert b"/Info 3 0 R" in made
    assert b"/Metadata 4 0 R" in made
    assert b"/Size 5" in made
    assert marks_of(made) == (MARK,)
    assert pypdf.PdfReader(io.BytesIO(made), strict=True).metadata["/GofigrLink"] == MARK.link


def test_a_pdf_whose_references_are_a_stream_keeps_that_manner():
    plain = b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    at = len(plain)
    rows = b"".join(
        struct.pack(">BHB", *row)
        for row in [(0, 0, 255), (1, plain.index(b"1 0 obj"), 0), (1, plain.index(b"2 0 obj"), 0), (1, at, 0)]
    )
    plain += (
        b"3 0 obj\n<< /Type /XRef /Size 4 /W [1 2 1] /Root 1 0 R /Length %d >>\nstream\n%b\nendstream\nendobj\n"
        % (len(rows), rows)
    )
    plain += b"startxref\n%d\n%%%%EOF\n" % at
    made = marked(plain, MARK)
    last = int(re.findall(rb"startxref\n(\d+)\n%%EOF", made)[-1])
    assert pypdf.PdfReader(io.BytesIO(made), strict=True).metadata["/GofigrLink"] == MARK.link
    assert re.match(rb"\d+ 0 obj\n<< /Root 1 0 R .*?/Prev %d .*?/Type /XRef" % at, made[last:], re.DOTALL)
    assert marks_of(made) == (MARK,)


def test_other_readers_of_pdf_see_the_link_and_the_same_page():
    made = marked(marked(PDF, OTHER), MARK)
    reader = pypdf.PdfReader(io.BytesIO(made), strict=True)
    assert reader.metadata["/GofigrLink"] == MARK.link
    assert (reader.metadata.title, reader.metadata.author) == ("Decay (a \\ b)", "Zoë")
    assert NAMESPACE in reader.xmp_metadata.stream.get_data()
    pages = []
    for data in (PDF, made):
        document = pypdfium2.PdfDocument(data)
        pages.append(document[0].render(scale=1).to_pil().tobytes())
        document.close()
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "spoilt", [(b"/Info", b"/Inf0"), (b"trailer", b"trail3r"), (b"/Size", b"/Siz3"), (b"/Catalog", b"/Catal0g")]
)
def test_an_odd_pdf_gets_the_mark_as_a_comment_at_least(spoilt):
    odd = PDF.replace(*spoilt)
    made = marked(odd, MARK)
    assert made.startswith(odd.rstrip(b"\n"))
    assert marks_of(made) == (MARK,)
    assert made.rstrip().endswith(b"%%EOF")


def test_an_encrypted_pdf_is_not_changed_inside():
    made = marked(PDF.replace(b"/Size", b"/Encrypt 9 0 R /Size"), MARK)
    assert b"/GofigrLink" not in made
    assert marks_of(made) == (MARK,)


def test_a_document_tells_the_marks_of_the_pictures_in_it():
    document = b"%PDF-1.4\n" + marked(FILES["jpeg"], MARK) + b"\n" + marked(FILES["png"], OTHER)
    assert {mark.revision for mark in marks_of(document)} == {MARK.revision, OTHER.revision}


# ---------------------------------------------------------------- reading what others have written


def test_other_programs_may_write_it_in_another_way():
    for text in (
        b'<x xmlns:q="%b" q:link="https://a.b/r/c" q:revision=\'%b\'/>',
        b'<svg xmlns:ns2="%b"><ns2:link> https://a.b/r/c </ns2:link><b/><ns2:revision>%b</ns2:revision></svg>',
    ):
        found = marks_of(text.replace(b"q:", b"q:") % (NAMESPACE, MARK.revision.upper().encode()))
        assert found == (Mark("https://a.b/r/c", MARK.revision),)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://",
        "file:///etc/passwd",
        "https://a b",
        "x" * 600,
        "https://a/\x1b[31m",
        "https://a/\u202e",
    ],
)
def test_only_ordinary_links_are_believed(link):
    assert not is_link(link)
    made = packet(MARK).replace(b"https://figures.example/r/aB3dE9x1Z", link.encode())
    assert all(is_link(mark.link) for mark in marks_of(made))


def test_names_are_one_visible_line():
    [mark] = marks_of(packet(Mark(MARK.link, MARK.revision, "a\x1b[31m\nb\u202e" + "c" * 900)))
    assert mark.figure.startswith("a[31mb")
    assert len(mark.figure) <= 300


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://a.b/r/aB3dE9x1Z", "aB3dE9x1Z"),
        ("http://127.0.0.1:5/user/ada/proxy/5/r/aB3/?x=1#y", "aB3"),
        (f"https://a.b/revision/{MARK.revision}", MARK.revision),
        ("https://a.b/figure/aB3", None),
        ("https://a.b/r/a/b", None),
    ],
)
def test_links_name_a_revision(link, name):
    assert revision_named(link) == name


# ---------------------------------------------------------------- damage


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_no_damage_raises_anything_or_grows_without_end(kind, data):
    spoilt = bytearray(marked(FILES[kind], MARK) if data.draw(st.booleans()) else FILES[kind])
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                spoilt[at] = data.draw(st.integers(0, 255))
            case 1:
                del spoilt[at : at + data.draw(st.integers(1, 400))]
            case _:
                spoilt[at:at] = data.draw(st.binary(max_size=40))
        if not spoilt:
            return
    made = marked(bytes(spoilt), OTHER)
    assert len(made) <= len(spoilt) + 4000
    marks_of(made)


def test_thousands_of_packets_cost_little():
    assert len(marks_of(packet(MARK) * 5000)) == 1
    many = b"".join(packet(Mark(MARK.link, f"{number:08x}-1234-4234-8234-123456789abc")) for number in range(3000))
    assert len(marks_of(many)) == 50
