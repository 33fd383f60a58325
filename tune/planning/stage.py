"""What a sweep needs before its first trial: effects, corpus, render plan. Checked before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.decoding import Opening, Progress
from trainables.effects import resolve_backend
from trainables.effects.names import EFFECT_NAMES
from trainables.evaluation.evaluation_set import evaluation_hash
from trainables.rendering.rendering import make_plan
from trainables.rendering.takes import Partition, RenderPlan
from tune.space.trials import default_trial_config
from tune.sweep_file.spec import Sweep


@dataclass(frozen=True)
class Stage:
    """Everything that the trials of a sweep share, as values.

    Attributes:
        evaluation_hash: names the fixed evaluation set; scores with different hashes are not comparable.
    """

    backend: str
    corpus: Corpus
    plan: RenderPlan
    evaluation_hash: str


def prepare_stage(sweep: Sweep, store: Path | None = None, progress: Progress | None = None) -> Stage:
    """Decodes the corpus and settles the effects.

    Args:
        store: where decoded recordings are kept for the next time, and taken from.
        progress: is told how many recordings are ready, and of how many.

    Raises:
        InputError: unusable audio, or plugins that are not there.
    """
    backend = resolve_backend(sweep.effects.backend)
    corpus = load_corpus(sweep.audio, sweep.seed, store, progress)
    plan = make_plan(corpus, sweep.audio, sweep.front_end, sweep.effects.choices(backend), sweep.seed)
    return Stage(backend, corpus, plan, evaluation_hash(plan, default_trial_config(sweep)))


def describe_stage(stage: Stage) -> list[str]:
    """The lines about audio and effects that a run begins with."""
    corpus, audio = stage.corpus, stage.corpus.audio
    counts = {p: len(corpus.partition(p)) for p in get_args(Partition)}
    parts = ", ".join(f"{count} {p}" for p, count in counts.items() if count)
    minutes = sum(r.length_samples for r in corpus.recordings) / audio.sample_rate / 60
    source = "built-in" if audio.path == "synthetic" else audio.path
    backend = "mda plugins" if stage.backend == "mda" else "pedalboard's own processors"
    names = tuple(effect.choice.name for effect in stage.plan.effects)
    channels = "mono" if audio.channels == 1 else "stereo"
    return [
        f"audio    {source}: {len(corpus.recordings)} recordings, {minutes:.1f} minutes ({parts}), "
        f"{audio.sample_rate} Hz {channels}",
        *([] if audio.path == "synthetic" else [f"opened   {_describe_opening(corpus.opening)}"]),
        f"effects  {backend}" if names == EFFECT_NAMES else f"effects  {', '.join(names)} (those of the nine: {backend})",
        f"scores   on the fixed evaluation set {stage.evaluation_hash}: recordings and settings that no trial trains on",
    ]


def _describe_opening(opening: Opening) -> str:
    numbers = f"{opening.decoded} decoded, {opening.from_store} from the store"
    in_memory, reason = opening.in_memory
    return f"{numbers}; {in_memory} not stored ({reason}), so they stay in memory" if in_memory else numbers


def describe_skipped(corpus: Corpus) -> list[str]:
    """The files that were not used, each with its reason."""
    if not corpus.skipped:
        return []
    lines = [f"  {skipped.name}: {skipped.reason}" for skipped in corpus.skipped]
    return [f"Skipped {len(lines)} of {len(lines) + len(corpus.recordings)} files:", *lines]
