"""The chain of hints, and a real HTTP server in the place of Jupyter's."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from gofigr_jupyter.provenance import jupyter_servers, notebook
from gofigr_jupyter.records import Notebook

KERNEL = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("hints", "told"),
    [
        ({"__vsc_ipynb_file__": "/home/me/a.ipynb"}, Notebook("a.ipynb", "/home/me/a.ipynb", "__vsc_ipynb_file__")),
        ({"__vsc_ipynb_file__": "c:\\me\\a.ipynb"}, Notebook("a.ipynb", "c:\\me\\a.ipynb", "__vsc_ipynb_file__")),
        (
            {"vscode-notebook-cell": "vscode-notebook-cell:/home/me/b%20c.ipynb#W0sZmlsZQ%3D%3D"},
            Notebook("b c.ipynb", "/home/me/b c.ipynb", "vscode-notebook-cell"),
        ),
        (
            {"vscode-notebook-cell": "vscode-notebook-cell://ssh-remote%2Bhost/home/me/b.ipynb#X"},
            Notebook("b.ipynb", "/home/me/b.ipynb", "vscode-notebook-cell"),
        ),
        (
            {"vscode-notebook-cell": "vscode-notebook-cell:/c%3A/me/b.ipynb#X"},
            Notebook("b.ipynb", "c:\\me\\b.ipynb", "vscode-notebook-cell"),
        ),
        ({"JPY_SESSION_NAME": "c.ipynb"}, Notebook("c.ipynb", None, "JPY_SESSION_NAME")),
        ({"JPY_SESSION_NAME": "/no/such/c.ipynb"}, None),
        ({"JPY_SESSION_NAME": KERNEL}, None),
        ({}, None),
    ],
)
def test_hints(hints, told):
    assert notebook.from_hints(hints) == told


def test_a_notebook_that_is_there_is_believed_and_one_renamed_since_is_not(tmp_path):
    path = tmp_path / "d.ipynb"
    path.write_text("{}")
    assert notebook.from_hints({"JPY_SESSION_NAME": str(path)}) == Notebook("d.ipynb", str(path), "JPY_SESSION_NAME")
    path.rename(tmp_path / "e.ipynb")
    assert notebook.from_hints({"JPY_SESSION_NAME": str(path)}) is None
    assert notebook.last_resort({"JPY_SESSION_NAME": str(path)}, "s").name == "d.ipynb"


def test_there_is_always_a_name():
    assert notebook.last_resort({}, "0123456789") == Notebook("Session 01234567", None, "session")
    assert notebook.last_resort({"KAGGLE_KERNEL_RUN_TYPE": "Batch"}, "0").told_by == "Kaggle"
    assert notebook.last_resort({"front_end": "work/f.ipynb"}, "0").name == "f.ipynb"


# ---------------------------------------------------------------- Jupyter's own word


class Jupyter(BaseHTTPRequestHandler):
    answer = b"[]"
    status = 200
    seen: ClassVar[list] = []

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("Authorization")))
        if self.status == 0:
            threading.Event().wait(1.5)
            return
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/stolen")
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def jupyter(tmp_path):
    class Mine(Jupyter):
        seen: ClassVar[list] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    note(runtime, server.server_port)
    yield Mine, runtime
    server.shutdown()
    thread.join()
    server.server_close()


def note(runtime, port, pid=None, **more):
    content = {
        "url": f"http://127.0.0.1:{port}/lab/",
        "token": "hush",
        "pid": pid or os.getpid(),
        "root_dir": "/home/me",
    }
    (runtime / f"jpserver-{pid or os.getpid()}.json").write_text(json.dumps(content | more))


def session(path="work/g.ipynb", kernel=KERNEL, **more):
    return {"path": path, "type": "notebook", "kernel": {"id": kernel}, **more}


def ask(runtime, **more):
    return jupyter_servers.ask({"JUPYTER_RUNTIME_DIR": str(runtime), "kernel_id": KERNEL, **more})


def test_the_server_knows_the_notebook_and_gets_its_token_in_the_header_only(jupyter):
    server, runtime = jupyter
    server.answer = json.dumps([session("other.ipynb", "x"), session()]).encode()
    assert ask(runtime) == Notebook("g.ipynb", "/home/me/work/g.ipynb", "Jupyter server")
    assert server.seen == [("/lab/api/sessions", "token hush")]


def test_the_kernels_id_is_read_from_its_connection_file(jupyter):
    server, runtime = jupyter
    server.answer = json.dumps([session("RTC:h.ipynb")]).encode()
    hints = {"connection_file": f"{runtime}/kernel-{KERNEL}.json"}
    assert jupyter_servers.ask(hints).name == "h.ipynb"


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"{}", b"[1, null]", b'[{"kernel": null}]', json.dumps([session("")]).encode(), b"\xff",
     json.dumps([session(type="console")]).encode()],
)  # fmt: skip
def test_any_other_answer_tells_nothing(jupyter, answer):
    server, runtime = jupyter
    server.answer = answer
    assert ask(runtime) is None


@pytest.mark.parametrize("status", [302, 403, 500])
def test_redirects_and_refusals_tell_nothing(jupyter, status):
    server, runtime = jupyter
    server.status = status
    assert ask(runtime) is None
    assert len(server.seen) == 1


def test_a_server_that_hangs_costs_half_a_second(jupyter):
    server, runtime = jupyter
    server.status = 0
    assert ask(runtime) is None


def test_a_dead_servers_port_is_not_told_the_token(jupyter):
    server, runtime = jupyter
    for path in runtime.iterdir():
        path.unlink()
    note(runtime, 1, pid=2**22 + 1)
    (runtime / "jpserver-x.json").write_text("broken")
    (runtime / "jpserver-y.json").write_text("[]")
    assert ask(runtime) is None
    assert server.seen == []


def test_nothing_is_asked_without_a_kernel_or_a_folder(tmp_path):
    assert jupyter_servers.ask({}) is None
    assert ask(tmp_path / "gone") is None


def test_colab_is_asked_in_its_own_way(jupyter):
    server, _ = jupyter
    server.answer = b'[{"name": "Colab one.ipynb", "path": "fileId=1"}]'
    port = json.loads(next(iter(jupyter[1].iterdir())).read_text())["url"].split(":")[2].split("/")[0]
    told = jupyter_servers.ask({"COLAB_JUPYTER_IP": "127.0.0.1", "KMP_TARGET_PORT": port})
    assert told == Notebook("Colab one.ipynb", None, "Colab")
