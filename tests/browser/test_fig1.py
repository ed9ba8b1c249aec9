"""Fig1's own browser code on a page of another origin, against the embedded server: only the host is changed."""

from __future__ import annotations

import base64
import re

import pytest

from gofigr_jupyter.server.cdn import sites
from tests.browser.receiver import receiver
from tests.server.cdn.files import FILES, picture
from tests.server.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# As it stands in the reference, but for the types, the host and the key.
SCRIPT = """
async function uploadFile(file, folder) {
  // 1. Get upload URL
  const response = await fetch('https://app.fig1.ai/api/sdk/assets/upload', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Fig1-API-Key': 'fig1_sdk_abc123'
    },
    body: JSON.stringify({
      filename: file.name,
      contentType: file.type,
      folder
    })
  });

  const { data } = await response.json();

  // 2. Upload to pre-signed URL
  window.put = await fetch(data.uploadUrl, {
    method: 'PUT',
    body: file,
    headers: { 'Content-Type': file.type }
  });

  // 3. Return CDN URL
  return data.cdnUrl;
}
"""
CHOSEN = """async ([name, type, content, folder]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const url = await uploadFile(new File([bytes], name, { type }), folder);
  return { url, status: put.status, answer: await put.json() };
}"""
SHOWN = """async (url) => {
  const shown = new Image();
  shown.src = url;
  await shown.decode();
  return [shown.naturalWidth, shown.naturalHeight];
}"""
READ = """async (url) => {
  const answer = await fetch(url, { headers: { Range: 'bytes=0-3' } });
  return [answer.status, answer.headers.get('Content-Range'), answer.headers.get('ETag') !== null];
}"""
PLAYED = "(url) => fetch(url, { credentials: 'include' }).then(() => 'let in', () => 'refused')"


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path) as running:
        yield running.wait()


@pytest.fixture
def foreign(page, server):
    """A page of another site, with the reference's function for this server."""
    key = sites.add_key(server.home / "server", "default", None, embedded=True)["key"]
    with receiver() as other:
        page.goto(other.url.replace("127.0.0.1", "localhost"))
        script = SCRIPT.replace("https://app.fig1.ai", server.local.url).replace("fig1_sdk_abc123", key)
        page.add_script_tag(content=script)
        yield page


def chosen(page, name, kind, content, folder=None):
    """What comes of a file that somebody chose."""
    return page.evaluate(CHOSEN, [name, kind, base64.b64encode(content).decode(), folder])


def test_a_page_of_another_origin_uploads_and_shows(foreign):
    content = picture("PNG", (40, 30))
    made = chosen(foreign, "product image.png", "image/png", content, "products")
    assert (made["status"], made["answer"]["success"]) == (200, True)
    assert made["url"].endswith("/products/product-image.png")
    assert foreign.evaluate(SHOWN, made["url"]) == [40, 30]
    assert foreign.evaluate(READ, made["url"]) == [206, f"bytes 0-3/{len(content)}", True]
    assert foreign.evaluate(PLAYED, made["url"]) == "refused", "nothing crosses over with cookies"


def test_a_file_that_is_too_large_is_told_so(foreign):
    made = chosen(foreign, "a.png", "image/png", picture("PNG") + bytes(10 << 20))
    assert made["status"] == 413
    assert made["answer"] == {"success": False, "error": "File exceeds maximum size of 10MB"}


def test_files_that_are_opened_run_nothing(foreign, server):
    svg = b"""<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="90" height="90" fill="teal"/>
    <script>document.documentElement.setAttribute("data-ran", "yes")</script></svg>"""
    made = chosen(foreign, "a.svg", "image/svg+xml", svg)
    page = foreign.context.new_page()
    page.goto(made["url"])
    assert page.locator("rect").count() == 1
    assert page.locator("svg").get_attribute("data-ran") is None
    text = chosen(foreign, "a.txt", "text/plain", b"<script>document.title = 'ran'</script> plain")
    page.goto(text["url"])
    assert "<script>" in page.locator("pre").inner_text()
    assert page.title() == ""
    document = chosen(foreign, "a.pdf", *FILES["pdf"])
    with page.expect_download() as waited, pytest.raises(Exception, match=re.compile("download", re.IGNORECASE)):
        page.goto(document["url"])
    assert waited.value.suggested_filename == "a.pdf"
