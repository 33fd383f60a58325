"""What a sweep as a whole leaves beside its parent run: leaderboard, and pages that answer its question."""

from __future__ import annotations

from pathlib import Path

from tune.home import SweepFolder
from tune.report import write_leaderboard
from tune.spec import Sweep
from tune.split_study import split_study
from tune.status import SweepStatus


def write_sweep_pages(sweep: Sweep, folder: SweepFolder, status: SweepStatus) -> list[Path]:
    """Written into the sweep's folder, from its ledgers alone."""
    files = write_leaderboard(status, folder.path)
    if "validate_on" in sweep.search:
        from tune.seed_page import write_seed_page  # draws: not before there is something to draw
        from tune.seed_study import seed_trials

        if trials := seed_trials(sweep, folder, status):
            files.append(write_seed_page(trials, folder))
    if study := split_study(status):
        from tune.split_page import write_split_page

        files.append(write_split_page(study, folder))
    return files
