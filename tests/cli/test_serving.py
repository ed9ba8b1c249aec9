"""A team server in a process of its own, and the door to the embedded one."""

import json
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.settings import Settings
from tests.cli.conftest import command_env

pytestmark = pytest.mark.slow


def test_a_team_server_serves_its_accounts(command, home, tmp_path):
    folder = str(tmp_path / "team")
    command("user", "add", "ada", "--password-stdin", "--data-dir", folder, stdin="correct horse\n")
    serve = [sys.executable, "-m", "gofigr_jupyter", "serve", "--port", "0", "--data-dir", folder]
    with subprocess.Popen(
        serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=command_env(home)
    ) as process:
        watch = threading.Timer(100, process.kill)
        watch.start()
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)[0]
            with GoFigr(settings=Settings(home=home, url=address, username="ada", password="correct horse")) as gf:
                assert gf.user().username == "ada"
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{address}/api/v1.4.1/user/")
            second = command("serve", "--port", "0", "--data-dir", folder, check=False)
            assert second.code == 2
            assert "Another server" in second.err
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            watch.cancel()


def test_a_port_that_cannot_be_had(command, tmp_path):
    done = command("serve", "--port", "8000", "--data-dir", str(tmp_path / "team"), check=False)
    assert done.code == 2
    assert "8000" in done.err


def test_open_starts_the_server_and_prints_a_link_that_signs_in_once(command):
    link = command("open", "abcdefgh1").out.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\.gofigr/enter\?ticket=[\w-]+&next=%2Fr%2Fabcdefgh1", link)
    state = json.loads(command("status", "--json").out)
    assert state["server_running"] is True
    address = urlsplit(command("open").out.strip())
    base = f"{address.scheme}://{address.netloc}"

    def enter():  # what the page at the link does
        form = urllib.request.Request(f"{base}{address.path}", address.query.encode(), {"Origin": base})
        return urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(form)

    assert enter().status == 200
    with pytest.raises(urllib.error.HTTPError):
        enter()


def test_open_takes_a_link_and_refuses_what_is_no_id(command, tmp_path):
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    browser.chmod(0o755)
    command("open", "http://127.0.0.1:1/r/abcdefgh2", BROWSER=f"{browser} %s")
    assert "next=%2Fr%2Fabcdefgh2" in told.read_text()
    assert command("open", "../../etc", check=False).code in {0, 2}
    assert command("open", "a b", check=False).code == 2
