"""A sweep that goes on: after the death of its driver, after a stop, or with a larger budget than it had."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tune.driver.budget import Spent, more_of, spent_up
from tune.driver.cluster import ray_cluster
from tune.driver.console import SweepConsole
from tune.driver.earlier import Earlier, read_earlier
from tune.driver.full_disk import full_disk_told
from tune.driver.interrupt import stoppable
from tune.driver.ledger_copies import ledgers_copied
from tune.driver.liveness import driver_lock
from tune.driver.notices import notices_of
from tune.driver.opened_sweep import Opened, Told
from tune.driver.opening import open_tracker, refuse_wrong, sweep_tags, sweep_tracking
from tune.driver.runner import drive, introduce
from tune.errors import InvalidInput
from tune.evaluation.decoding_progress import decoding_shown
from tune.ledger.history import read_curves
from tune.ledger.home import SweepFolder, decoded_store, find_folder
from tune.ledger.identity import adopt
from tune.ledger.pulse import check_own
from tune.ledger.status import SweepStatus, read_status
from tune.ledger.storage import check_storage, storage_of
from tune.ledger.study_database import study_place
from tune.ledger.sweep_study import catch_up_study, known_trials
from tune.planning.capacity import concurrency_that_fits
from tune.planning.stage import Stage, prepare_stage
from tune.search.scheduler import make_scheduler
from tune.search.searcher import OptunaSearcher
from tune.search.warm_start import earlier_points
from tune.sweep_file.spec import Sweep, load_sweep, parse_sweep
from tune.sweep_file.yaml_text import write_document


@dataclass(frozen=True)
class Extension:
    """What is added to the budget."""

    trials: int = 0
    hours: float = 0.0
    compute_hours: float = 0.0

    def of(self, sweep: Sweep) -> Sweep:
        """The sweep with the larger budget; one without a limit stays without it."""
        budget = sweep.budget
        larger = {
            "trials": budget.trials + self.trials,
            "hours": budget.hours and budget.hours + self.hours,
            "compute_hours": budget.compute_hours and budget.compute_hours + self.compute_hours,
        }
        values = sweep.canonical()
        return parse_sweep({**values, "budget": {**values["budget"], **larger}})


NO_EXTENSION = Extension()


@dataclass(frozen=True)
class ResumeRequest:
    """Which sweep is to go on, and with how much more."""

    name: str
    home: Path
    extension: Extension = NO_EXTENSION


def resume_sweep(request: ResumeRequest, console: SweepConsole) -> SweepStatus:
    """Goes on with a sweep: trials that had not ended continue from their last checkpoints, none that has ended runs again.

    Raises:
        InvalidInput: its driver lives, it has nothing left to do, or its recordings or effects are not what they were.
        NoTrialSucceeded, Stopped, BudgetSpent, InfrastructureLost: as `run_sweep`.
    """
    folder = find_folder(request.home, request.name)
    with full_disk_told(folder.name), driver_lock(folder):
        status = read_status(folder.status)
        before = load_sweep(str(folder.spec))
        _check_extension(before, folder.name, request.extension)
        sweep = request.extension.of(before)
        _check_work_left(sweep, folder, status, request.extension)
        tracking = sweep_tracking(sweep, request.home)
        refuse_wrong(tracking)
        check_storage(storage_of(folder))
        check_own(folder)
        notices = notices_of(sweep.notify)
        with decoding_shown(console) as progress:
            stage = prepare_stage(sweep, decoded_store(request.home), progress)
        _check_same(stage, status)
        with ray_cluster() as (cpus, gpus), ExitStack() as opening:
            trials_at_once = concurrency_that_fits(sweep, cpus, gpus)
            write_document(folder.spec, sweep.kept())
            introduce(sweep, folder, stage, trials_at_once, console)
            catch_up_study(sweep, folder)
            trials = known_trials(sweep, folder)
            earlier = read_earlier(folder, status, trials)
            console.say(describe(earlier), "")
            scheduler = make_scheduler(sweep, read_curves(trials, folder, sweep.scheduler.unit))
            place = study_place(sweep.study.storage, folder.journal)
            learned = () if trials else earlier_points(sweep, request.home, stage.evaluation_hash)
            searcher = OptunaSearcher(sweep, place, folder.name, scheduler.why_stopped, learned)
            opening.enter_context(stoppable(folder.name))
            opening.enter_context(ledgers_copied(folder))
            identity = adopt(folder, status.started, sweep_tags(sweep, stage))
            tracker = open_tracker(sweep, folder, identity, tracking, status.mlflow.get("run_id"))
            told = Told(tracking, tracker, identity, console, notices)
            return drive(Opened(sweep, folder, stage, searcher, scheduler, trials_at_once, told), earlier)


def describe(earlier: Earlier) -> str:
    """What is there already, in a line."""
    begun = sum(bool(paths) for paths in earlier.left_over.values())
    return (
        f"resume   {len(earlier.ended())} trials have ended; {begun} go on from their last checkpoints, "
        f"{len(earlier.left_over) - begun} from their beginning"
    )


def _check_extension(sweep: Sweep, name: str, extension: Extension) -> None:
    """Refuses more of what is not limited, which would change nothing."""
    for option in ("hours", "compute_hours"):
        more = getattr(extension, option)
        if more and getattr(sweep.budget, option) is None:
            flag, rule = f"--{option.replace('_', '-')}", f"has no limit of {option.replace('_', ' ')} that could be raised"
            remedy = f"Leave {flag} out; more trials are --trials {sweep.budget.trials}."
            raise InvalidInput(f"sweep '{name}': {flag} {more:g}: {rule}. {remedy}")


def _check_work_left(sweep: Sweep, folder: SweepFolder, status: SweepStatus, extension: Extension) -> None:
    ended = sum(trial.state in ("complete", "pruned", "failed") for trial in known_trials(sweep, folder))
    more = f"fxsweep extend {folder.name} --trials {sweep.budget.trials}"
    if ended >= sweep.budget.trials and status.state == "complete":
        raise InvalidInput(f"sweep '{folder.name}': all of its {ended} trials have ended. Give it more: {more}")
    spent = spent_up(sweep.budget, Spent(status.spent_seconds, status.compute_seconds))
    if spent and status.state != "running":  # else its driver died before it could say its last word
        raise InvalidInput(f"sweep '{folder.name}': {spent}. Give it more: {more_of(spent, folder.name)}")


def _check_same(stage: Stage, status: SweepStatus) -> None:
    """Scores from before and after must be comparable."""
    if stage.evaluation_hash != status.evaluation_hash:
        raise InvalidInput(
            f"sweep '{status.name}': was scored on the evaluation set {status.evaluation_hash}, which is {stage.evaluation_hash} "
            "now: its recordings or the effects' builds have changed. Bring them back, or start a sweep of its own."
        )
    if status.corpus_id and stage.corpus.identity != status.corpus_id:
        raise InvalidInput(
            f"sweep '{status.name}': its recordings have changed since it began. Bring them back, or start a sweep of its own."
        )
