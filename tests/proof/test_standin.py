"""What stands in for our own package where a figure is made again: reproducible functions run as they ran."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gofigr_jupyter.proof import standin

CALLED = {"name": "curve", "values": {"power": 4, "day": "2026-04-02", "scale": "log", "key": "***", "gone": 1}}
CODE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("standin", sys.argv[1])
standin = importlib.util.module_from_spec(spec)
spec.loader.exec_module(standin)
standin.install(json.loads(sys.argv[2]))

from datetime import date
from enum import Enum
from gofigr_jupyter import SliderParam, reproducible, suppress
from gofigr_jupyter.reproducible import DateParam, reproducible as again
from gofigr.cleanroom import TextParam
from gofigr.jupyter import publish

class Scale(Enum):
    LINEAR = "linear"
    LOG = "log"

@reproducible(interactive=True, packages={"st": "statistics"}, merge_packages=False)
def curve(x, power=SliderParam(2, min=1, max=5), day=date(2026, 3, 1), scale=Scale.LINEAR, key="mine", *, k=1):
    return [x, power, day.isoformat(), scale.name, key, k, st.mean([1, 3])]

@again
def other(power=SliderParam(2), note=TextParam("n")):
    return [power, note]

print(json.dumps([curve(1), other(), other(power=3), suppress(lambda: 5)()]))
"""


def ran(called: object) -> object:
    command = [sys.executable, "-c", CODE, str(Path(standin.__file__)), json.dumps(called)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_with_the_values_of_the_code_or_those_that_were_turned() -> None:
    others = [[2, "n"], [3, "n"], 5]
    assert ran(None) == [[1, 2, "2026-03-01", "LINEAR", "mine", 1, 2], *others]
    assert ran(CALLED) == [[1, 4, "2026-04-02", "LOG", "mine", 1, 2], *others]
