"""A sweep from its file to its registered model: check -> Ray -> folder -> driver."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from rich.text import Text

from tune.driver.cluster import quiet_logging, ray_cluster
from tune.driver.console import SweepConsole
from tune.driver.driver import Driver
from tune.driver.earlier import Earlier
from tune.driver.full_disk import full_disk_told
from tune.driver.interrupt import Interrupted, stoppable
from tune.driver.ledger_copies import ledgers_copied
from tune.driver.liveness import driver_lock
from tune.driver.notices import notices_of, unkept
from tune.driver.opened_sweep import Opened, Told
from tune.driver.opening import first_status, open_tracker, refuse_wrong, sweep_tags, sweep_tracking, unanswered
from tune.evaluation.decoding_progress import decoding_shown
from tune.ledger.home import SweepFolder, decoded_store, new_folder
from tune.ledger.identity import Identity, begin
from tune.ledger.status import SweepStatus, write_status
from tune.ledger.storage import begin_storage, check_storage
from tune.ledger.study import StudyPlace
from tune.ledger.study_database import check_free, study_place
from tune.models.pinned_encoder import pin_encoder
from tune.planning.capacity import concurrency_that_fits
from tune.planning.plan_warnings import early_stopping_warnings
from tune.planning.stage import Stage, describe_stage, prepare_stage
from tune.search.scheduler import make_scheduler
from tune.search.searcher import OptunaSearcher
from tune.search.warm_start import earlier_points
from tune.sweep_file.spec import Sweep
from tune.sweep_file.yaml_text import write_document
from tune.tracking.stores import Tracking
from tune.tracking.sweep_tracker import SweepTracker


@dataclass(frozen=True)
class RunRequest:
    """What to run and where it keeps its files."""

    sweep: Sweep
    home: Path
    name: str | None = None  # exactly this name; else the sweep's own, numbered if taken


def run_sweep(request: RunRequest, console: SweepConsole) -> SweepStatus:
    """Runs a whole sweep.

    Raises:
        InputError, InvalidInput, InfrastructureLost: before anything was made.
        NoTrialSucceeded, Stopped, BudgetSpent: everything is put away in order first.
    """
    tracking = sweep_tracking(request.sweep, request.home)
    refuse_wrong(tracking)
    check_storage(request.sweep.storage)
    pinned = pin_encoder(request.sweep, tracking)
    sweep = pinned.sweep
    notices = notices_of(sweep.notify)
    with decoding_shown(console) as progress:
        stage = prepare_stage(sweep, decoded_store(request.home), progress)
    learned = earlier_points(sweep, request.home, stage.evaluation_hash)
    with ray_cluster() as (cpus, gpus):
        trials_at_once = concurrency_that_fits(sweep, cpus, gpus)
        folder = new_folder(request.home, request.name or sweep.name, exact=request.name is not None)
        place = study_place(sweep.study.storage, folder.journal)
        write_document(folder.spec, sweep.kept())
        pinned.keep(folder)
        introduce(sweep, folder, stage, trials_at_once, console)
        with full_disk_told(folder.name), driver_lock(folder), stoppable(folder.name), ExitStack() as opening:
            tracker, identity = _open_or_leave_nothing(sweep, folder, stage, tracking, place, console)
            opening.enter_context(ledgers_copied(folder))
            scheduler = make_scheduler(sweep)
            searcher = OptunaSearcher(sweep, place, folder.name, scheduler.why_stopped, learned)
            told = Told(tracking, tracker, identity, console, notices)
            return drive(Opened(sweep, folder, stage, searcher, scheduler, trials_at_once, told), Earlier())


def introduce(sweep: Sweep, folder: SweepFolder, stage: Stage, trials_at_once: int, console: SweepConsole) -> None:
    """The first lines of a run; from here on everything that is said is kept in its log, too."""
    quiet_logging(folder.log)
    console.log = folder.log
    console.say(Text.assemble((f"fxsweep {folder.name}", "bold"), f"  {folder.path}"), *describe_stage(stage))
    console.say(f"search   {sweep.budget.trials} trials, {trials_at_once} at once, over {', '.join(sweep.search)}")
    console.say(*unkept(sweep.notify))
    console.say(*(f"warning  {warning}" for warning in early_stopping_warnings(sweep)), "")


def drive(opened: Opened, earlier: Earlier) -> SweepStatus:
    """Drives a sweep that is open; its run is closed even if the driver cannot begin."""
    told = opened.told
    if not told.tracker.is_open:
        told.console.say(unanswered(opened.folder, told.tracking))
    try:
        driver = Driver(opened, earlier)
    except BaseException as error:
        told.tracker.close("stopped" if isinstance(error, Interrupted) else "failed", {}, {})
        raise
    return driver.execute()


def _open_or_leave_nothing(
    sweep: Sweep, folder: SweepFolder, stage: Stage, tracking: Tracking, place: StudyPlace, console: SweepConsole
) -> tuple[SweepTracker, Identity]:
    try:
        check_free(place, folder.name)
        begin_storage(folder, sweep.storage)
        identity = begin(folder, sweep_tags(sweep, stage))
        status = first_status(sweep, identity, folder.name, stage, tracking, None)
        write_status(folder.status, status)  # before there is a run in MLflow: whatever kills the driver now can be mended
        console.machine_status(status)
        return open_tracker(sweep, folder, identity, tracking), identity
    except BaseException:
        rmtree(folder.path, ignore_errors=True)
        raise
