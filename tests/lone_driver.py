"""A process that holds a sweep's lock, as its driver would."""

from __future__ import annotations

import subprocess
import sys

from tune.ledger.home import SweepFolder

DRIVER = """
import signal, sys, time
from pathlib import Path
from tune.ledger.home import SweepFolder
from tune.driver.liveness import driver_lock
with driver_lock(SweepFolder(Path(sys.argv[1]))):
    if sys.argv[2] == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("locked", flush=True)
    time.sleep(60)
"""


def start_driver(folder: SweepFolder, manner: str = "obedient") -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", DRIVER, str(folder.path), manner], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process
