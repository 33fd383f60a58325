"""Following a job of a real head over a link that is cut and comes back."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_heads import free_port, running_head
from relays import relay
from small_sweep import environment

from tune.tracking.stores import Tracking

pytestmark = pytest.mark.slow

LINES = 40
PROGRAM = """
import sys, time
from pathlib import Path
for number in range(40):
    print("line", number, flush=True)
    time.sleep(0.5)
    while number == 20 and not Path(sys.argv[1]).exists():
        time.sleep(0.1)
"""
SEND = """
import sys
from tune.service.submit import JobServer
JobServer(sys.argv[1]).client.submit_job(entrypoint=sys.argv[2], submission_id="fxsweep-lines")
"""
FOLLOW = """
import sys
from tune.service.submit import JobServer
from tune.service.watching import follow
sys.exit(follow(JobServer(sys.argv[1]), "lines"))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_head() as head:
        yield head.address


def told(output: Path) -> list[int]:
    return [int(number) for number in re.findall(r"^line (\d+)$", output.read_text(), re.MULTILINE)]


def wait_for(count: int, output: Path) -> None:
    end = time.monotonic() + 240
    while len(told(output)) < count:
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.1)


def test_a_link_that_is_cut_twice_loses_no_line_and_tells_none_twice(address: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    go_on, output, port = tmp_path / "go-on", tmp_path / "output", free_port()
    job = f"{sys.executable} {tmp_path / 'program.py'} {go_on}"
    subprocess.run([sys.executable, "-c", SEND, address, job], env=environment(), check=True, timeout=240)
    with relay(Tracking(address, None), port) as relayed:
        with output.open("w") as file:
            watcher = subprocess.Popen([sys.executable, "-c", FOLLOW, relayed.uri], env=environment(), stdout=file, stderr=file)
        wait_for(5, output)
    time.sleep(3)  # nobody is there
    with relay(Tracking(address, None), port):
        wait_for(21, output)
    go_on.touch()
    with relay(Tracking(address, None), port):
        assert watcher.wait(240) == 0, output.read_text()
    assert told(output) == list(range(LINES)) and "Traceback" not in output.read_text()
