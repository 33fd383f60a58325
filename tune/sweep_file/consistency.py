"""Rules between the settings of a sweep that no single field can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trainables.effects.names import EFFECT_NAMES
from trainables.errors import nearest
from tune.space.dimensions import EFFECT_SPLIT, SECTION_OF, size
from tune.space.feasibility import infeasibilities
from tune.space.splits import MIN_TRAINED, held_out_effects
from tune.sweep_file.objective_section import MATCH_RATIO, SECONDS
from tune.sweep_file.problems import KeyPath, Problem

if TYPE_CHECKING:
    from tune.sweep_file.spec import Sweep

LATENT_SIZE, TRAINED = "latent_size", "trained"  # of the encoder that a matcher trains along
OTHER = {"vae": "matcher", "matcher": "vae"}
MIN_TOLD_APART = 2  # unseen effects are told apart among themselves
HIGHEST_BAND_SHARE = 0.45  # of the sample rate


def inconsistencies(sweep: Sweep) -> Iterator[Problem]:
    """Every rule between settings that a sweep breaks."""
    yield from _grace(sweep)
    yield from _grace_unit(sweep)
    yield from _front_end(sweep)
    yield from _partitions(sweep)
    yield from _effects(sweep)
    yield from _trainable(sweep)
    yield from _objective(sweep)
    yield from _validation(sweep)
    yield from _grid(sweep)
    yield from _several(sweep)
    yield from infeasibilities(sweep)
    yield from _figure(sweep)


def _grace(sweep: Sweep) -> Iterator[Problem]:
    counted = sweep.scheduler.type != "none" and sweep.scheduler.unit == "epochs"
    if counted and sweep.grace_epochs > sweep.train.max_epochs:
        rule = f"The grace period must not be longer than a trial: train.max_epochs is {sweep.train.max_epochs}."
        yield Problem(("scheduler", "grace_epochs"), str(sweep.grace_epochs), rule, "Lower it, or raise train.max_epochs.")


def _grace_unit(sweep: Sweep) -> Iterator[Problem]:
    scheduler = sweep.scheduler
    if scheduler.type != "none" and scheduler.unit == "seconds" and scheduler.grace_seconds is None:
        rule = "A trial is not stopped before so many seconds of its own work, and there is no default for them."
        yield Problem(("scheduler", "unit"), "seconds", rule, "Set scheduler.grace_seconds.")
    if scheduler.unit == "seconds" and scheduler.grace_epochs is not None:
        rule = "It counts epochs, and scheduler.unit is seconds."
        yield Problem(("scheduler", "grace_epochs"), str(scheduler.grace_epochs), rule, "Set grace_seconds in its place.")
    if scheduler.unit == "epochs" and scheduler.grace_seconds is not None:
        rule = "It counts seconds of work, and scheduler.unit is epochs."
        yield Problem(("scheduler", "grace_seconds"), f"{scheduler.grace_seconds:g}", rule, "Set unit: seconds, or grace_epochs.")


def _front_end(sweep: Sweep) -> Iterator[Problem]:
    front_end = sweep.front_end
    if front_end.hop_samples > front_end.fft_size:
        rule = f"A hop must not be longer than the window: fft_size is {front_end.fft_size}."
        yield Problem(("front_end", "hop_samples"), str(front_end.hop_samples), rule, "Lower it, or raise fft_size.")
    if front_end.fft_size > sweep.audio.clip_samples:
        rule = f"The window must fit into a clip: audio.clip_samples is {sweep.audio.clip_samples}."
        yield Problem(("front_end", "fft_size"), str(front_end.fft_size), rule, "Lower it, or raise audio.clip_samples.")
    highest_hz = min(front_end.high_hz, HIGHEST_BAND_SHARE * sweep.audio.sample_rate)
    if front_end.low_hz >= highest_hz:
        rule = f"The lowest band must begin below high_hz and below 0.45 of the sample rate ({highest_hz:g} Hz)."
        yield Problem(("front_end", "low_hz"), f"{front_end.low_hz:g}", rule, "Lower it, or raise high_hz.")


def _partitions(sweep: Sweep) -> Iterator[Problem]:
    held_back = sweep.audio.validation_share + sweep.audio.evaluation_share + sweep.audio.promotion_share
    if held_back >= 1.0:
        rule = "Validation, evaluation and promotion together must leave recordings to train on."
        yield Problem(("audio", "evaluation_share"), f"{sweep.audio.evaluation_share:g}", rule, "Lower one of the shares.")


def _effects(sweep: Sweep) -> Iterator[Problem]:
    """A VAE needs several to tell apart; a matcher sets them one by one."""
    count = len(sweep.effects.names)
    if sweep.trainable == "vae" and count < MIN_TRAINED:
        rule = f"A sweep needs at least {MIN_TRAINED} effects to train on."
        yield Problem(("effects", "use"), str(count), rule, f"The nine are {', '.join(EFFECT_NAMES)}.")


def _trainable(sweep: Sweep) -> Iterator[Problem]:
    """What belongs to the one trainable is refused for the other."""
    matcher = sweep.trainable == "matcher"
    others = "model" if matcher else "matcher"
    for key in sweep.search:
        if SECTION_OF.get(key) == others and not (key == LATENT_SIZE and sweep.matcher.encoder == TRAINED):
            trained = f", or matcher: {{encoder: {TRAINED}}}" if matcher and key == LATENT_SIZE else ""
            yield Problem(
                ("search", key),
                key,
                f"A {sweep.trainable} has no such setting.",
                f"Leave it out, or set trainable: {OTHER[sweep.trainable]}{trained}.",
            )
    if matcher and sweep.matcher.encoder == TRAINED and (sweep.model.input == "wet" or sweep.audio.channels != 1):
        rule = "An encoder that is trained along hears mono clips before and after an effect."
        yield Problem(("matcher", "encoder"), TRAINED, rule, "Set model: {input: difference} and audio: {channels: 1}.")
    for objective in sweep.objectives:
        fits = objective.metric == SECONDS or (objective.metric == MATCH_RATIO) == matcher
        if not fits:
            wanted = f"{{metric: {MATCH_RATIO}, mode: min}}" if matcher else "{metric: eval/probe_accuracy, mode: max}"
            yield Problem(
                ("objective", "metric"),
                objective.metric,
                f"A {sweep.trainable} has no such score.",
                f"Write objective: {wanted}.",
            )


def _objective(sweep: Sweep) -> Iterator[Problem]:
    for index, objective in enumerate(sweep.objectives):
        place = ("objective", "metric") if len(sweep.objectives) == 1 else ("objective", index, "metric")
        yield from _unseen(sweep, objective.metric, place)


def _unseen(sweep: Sweep, metric: str, place: KeyPath) -> Iterator[Problem]:
    splits = sweep.dimensions[EFFECT_SPLIT]
    if not metric.startswith("eval/unseen_"):
        return
    values = getattr(splits, "values", ())
    short = next((str(split) for split in values if len(held_out_effects(str(split))) < MIN_TOLD_APART), None)
    if short is not None:
        rule = f"It tells the held-out effects apart, so every split must hold out at least two; '{short}' does not."
        yield Problem(place, metric, rule, "Hold more effects out, or use eval/probe_accuracy.")
    if metric == "eval/unseen_accuracy" and (size(splits) or 0) > 1:
        rule = "Some effects are easier to tell apart than others, so this score cannot be compared between effect splits."
        remedy = "Use eval/unseen_gain, which subtracts what an untrained encoder reaches."
        yield Problem(place, metric, rule, remedy)


def _validation(sweep: Sweep) -> Iterator[Problem]:
    searched = sweep.search.get("validate_on")
    wanted = getattr(searched, "values", ()) or (sweep.train.validate_on,)
    if "epoch_effect" in wanted and sweep.train.effect_schedule != "per_epoch":
        place = ("search", "validate_on") if searched else ("train", "validate_on")
        rule = "An epoch has an effect of its own only with the schedule per_epoch."
        yield Problem(place, "epoch_effect", rule, "Set train.effect_schedule: per_epoch, or validate on all_effects.")


def _grid(sweep: Sweep) -> Iterator[Problem]:
    endless = [key for key, dimension in sweep.dimensions.items() if size(dimension) is None]
    if sweep.sampler.type == "grid" and endless:
        rule = f"A grid tries every point, and {endless[0]} has no end of them."
        yield Problem(("sampler", "type"), "grid", rule, f"Give {endless[0]} as a choice, or use the sampler tpe.")


def _several(sweep: Sweep) -> Iterator[Problem]:
    if len(sweep.objectives) > 1 and sweep.scheduler.type != "none":
        rule = "Of several objectives none says alone which trials to stop early."
        yield Problem(("scheduler", "type"), sweep.scheduler.type, rule, "Write scheduler: {type: none}, or give one objective.")


def _figure(sweep: Sweep) -> Iterator[Problem]:
    chosen, known = sweep.figure.effects, sweep.effects.names
    if unknown := next((effect for effect in chosen if effect not in known), None):
        rule = "The figure can only show effects of the sweep."
        yield Problem(("figure", "effects"), unknown, rule, nearest(unknown, known))
    if chosen and len(set(chosen)) < 2:
        rule = "One effect alone has nothing to be told apart from."
        yield Problem(("figure", "effects"), chosen[0], rule, "Name at least two, or none.")
