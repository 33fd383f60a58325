"""What in a sweep is allowed but likely not meant."""

from __future__ import annotations

from collections.abc import Iterator

from trainables.corpus.corpus import Corpus
from trainables.rendering.schedule import BLOCK_ITEMS, cycle_epochs
from tune.planning.capacity import Cluster, that_fit, why_none_fits
from tune.planning.rendering_cost import splits, timbre_blocks
from tune.space.conditions import space_size
from tune.space.extremes import highest_setting
from tune.space.trials import fixed_trial_config
from tune.sweep_file.spec import Sweep

TIMBRE_SECONDS = 0.1  # of one core for brightness and depth of a clip, measured with 65,536 samples at 44.1 kHz
STARTUP_TRIALS = 10  # TPE and the Gaussian process propose by chance until so many points have ended
SIZES = ("latent_size", "width")  # of a VAE, of a matcher
FEW_RECORDINGS = 6  # of an evaluation set: its intervals are over recordings
LEARNING = ("tpe", "gp", "nsga2")
COMPLETE_ONLY = ("gp", "nsga2")  # pass over trials that were stopped, and settings that not every trial has


def plan_warnings(sweep: Sweep, cluster: Cluster) -> Iterator[str]:
    """A sentence for each: the value, what comes of it, what to do."""
    points, trials = space_size(sweep.dimensions), sweep.budget.trials
    yield from room_warnings(sweep, cluster)
    if points is not None and points * sweep.repeat < trials:
        seeds = f" with {sweep.repeat} seeds each" if sweep.repeat > 1 else ""
        yield f"budget.trials {trials}: the space has {points} different trials{seeds}, so some are run again. Lower it."
    if sweep.sampler.type != "tpe" and (count := len(splits(sweep))) > trials:
        yield (
            f"search.effect_split: {count} splits, budget.trials {trials}, and {sweep.sampler.type} does not know which are "
            "alike: most are never tried. Name a few splits, raise it, or use tpe."
        )
    if points != 1:
        yield from sampler_warnings(sweep)
    yield from early_stopping_warnings(sweep)
    if (epochs := longest_patience(sweep)) >= sweep.train.max_epochs:
        yield f"patience of {epochs} epochs never ends a trial of train.max_epochs {sweep.train.max_epochs}. Lower it."
    if clips := timbre_blocks(sweep) * BLOCK_ITEMS:
        yield (
            f"model.perceptual_weight above 0: brightness and depth of up to {clips} clips take about "
            f"{clips * TIMBRE_SECONDS / 3600:.1f} CPU hours beside rendering. Lower train.max_epochs, or set it to 0."
        )
    if sweep.budget.hours is None and sweep.budget.compute_hours is None:
        yield "budget.hours is not set: the sweep ends with its last trial, however long that takes."


def room_warnings(sweep: Sweep, cluster: Cluster) -> Iterator[str]:
    """Whether the cluster has room for a trial, and for as many as were asked for."""
    fits = that_fit(sweep, cluster)
    if why := why_none_fits(sweep, cluster):
        yield why
    elif sweep.concurrency is not None and sweep.concurrency > fits:
        gpus = f" and {cluster.gpus} GPUs" if sweep.train.gpus else ""
        yield f"concurrency {sweep.concurrency}: {fits} trials fit on {cluster.cpus} CPUs{gpus}; the others wait."


def corpus_warnings(corpus: Corpus) -> Iterator[str]:
    """What the recordings are too few for; they must be opened to know it."""
    count = len(corpus.partition("evaluation"))
    if count < FEW_RECORDINGS:
        yield (
            f"audio: {count} of {len(corpus.recordings)} recordings are evaluated on, half to fit probes and half to ask them, "
            "so intervals are wide and say little. Add recordings, or raise audio.evaluation_share."
        )


def sampler_warnings(sweep: Sweep) -> Iterator[str]:
    """What the sampler cannot learn in this sweep."""
    trials, kind = sweep.budget.trials, sweep.sampler.type
    name, startup = {"nsga2": ("NSGA-II", sweep.sampler.population), "gp": ("the Gaussian process", STARTUP_TRIALS)}.get(
        kind, ("TPE", STARTUP_TRIALS)
    )
    if kind in LEARNING and -(-trials // sweep.repeat) <= startup and not sweep.learn_from:
        yield f"budget.trials {trials}: {name} draws its first {startup} proposals by chance, so it never begins to learn."
    if trials % sweep.repeat:
        yield f"budget.trials {trials}: no multiple of repeat {sweep.repeat}, so the last point lacks seeds. Make it one."
    if kind in COMPLETE_ONLY and sweep.scheduler.type != "none":
        yield f"sampler.type {kind}: learns from trials that end by themselves, and {sweep.scheduler.type} stops most. Use tpe."
    conditional = [key for key, dimension in sweep.dimensions.items() if dimension.when]
    if kind in COMPLETE_ONLY and conditional:
        yield f"sampler.type {kind}: {', '.join(conditional)} under a condition is proposed by chance, never learned. Use tpe."


def early_stopping_warnings(sweep: Sweep) -> Iterator[str]:
    """Whether trials may be stopped before they could show what the sweep asks about; `fxsweep run` tells it, too."""
    epochs, scheduler = longest_patience(sweep), sweep.scheduler
    if scheduler.type == "none":
        return
    if scheduler.unit == "epochs" and sweep.grace_epochs < epochs:
        yield (
            f"scheduler.grace_epochs {sweep.grace_epochs}: the longest patience is {epochs} epochs, so trials may be stopped "
            f"before their patience could end them{_not_learned(sweep)}. Raise it."
        )
    if scheduler.unit == "seconds" and any(key in sweep.search for key in ("patience", *SIZES)):
        yield (
            f"scheduler.grace_seconds {sweep.grace:g}: patience counts epochs, up to {epochs} here, and cannot be compared with "
            f"seconds, so nobody knows whether trials are stopped before their patience could end them{_not_learned(sweep)}. "
            "Use unit: epochs, or make it longer than so many epochs of the largest model take."
        )


def longest_patience(sweep: Sweep) -> int:
    """Epochs without a better validation loss after which every trial of the sweep has ended."""
    cycles = int(highest_setting(sweep, "patience"))
    return cycles * max(cycle_epochs(fixed_trial_config(sweep, split)) for split in splits(sweep))


def _not_learned(sweep: Sweep) -> str:
    """What a search that stops trials too early cannot find out."""
    patience = ", and the search cannot learn what patience is worth" if "patience" in sweep.search else ""
    sizes = any(size in sweep.search for size in SIZES)
    return patience + (", and large models, which may learn more slowly, look worse than they are" if sizes else "")
