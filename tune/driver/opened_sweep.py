"""A sweep when everything of it is open: what its driver begins with."""

from __future__ import annotations

from dataclasses import dataclass

from tune.driver.console import SweepConsole
from tune.driver.notices import Notices
from tune.ledger.home import SweepFolder
from tune.ledger.identity import Identity
from tune.planning.stage import Stage
from tune.search.scheduler import StoppingScheduler
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import Sweep
from tune.tracking.stores import Tracking
from tune.tracking.sweep_tracker import SweepTracker


@dataclass(frozen=True)
class Told:
    """Who hears of a sweep."""

    tracking: Tracking
    tracker: SweepTracker
    identity: Identity
    console: SweepConsole
    notices: Notices


@dataclass(frozen=True)
class Opened:
    """A sweep whose parts are there: its settings, folder, corpus and effects, who decides and who hears of it."""

    sweep: Sweep
    folder: SweepFolder
    stage: Stage
    searcher: OptunaSearcher
    scheduler: StoppingScheduler
    trials_at_once: int
    told: Told
