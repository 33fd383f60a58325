"""A process that writes the pages of a sweep that runs, from its files: `python -m tune.driver.draw_pages FOLDER`.

Started by the driver now and then (page_keeper.py), with the lowest priority; prints the files that it wrote, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tune.analysis.sweep_pages import write_sweep_pages
from tune.ledger.home import SweepFolder
from tune.ledger.status import read_status
from tune.sweep_file.spec import load_sweep

LOWEST = 19  # of priorities


def main(folder: Path) -> None:
    """Writes the leaderboard and all pages but the large ones, and no pictures."""
    os.nice(LOWEST)
    sweep = SweepFolder(folder)
    files = write_sweep_pages(load_sweep(sweep.spec), sweep, read_status(sweep.status), final=False)
    print(json.dumps([str(file) for file in files]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
