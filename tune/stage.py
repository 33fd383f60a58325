"""What a sweep needs before its first trial: effects, corpus, render plan. Checked before anything is made."""

from __future__ import annotations

from dataclasses import dataclass

from trainables.corpus import Corpus, load_corpus
from trainables.effects import resolve_backend
from trainables.effects.names import EFFECT_NAMES
from trainables.evaluation_set import evaluation_hash
from trainables.rendering import make_plan
from trainables.takes import RenderPlan
from tune.spec import Sweep
from tune.trials import default_trial_config


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


def prepare_stage(sweep: Sweep) -> Stage:
    """Decodes the corpus and settles the effects.

    Raises:
        InputError: unusable audio, or plugins that are not there.
    """
    backend = resolve_backend(sweep.effects.backend)
    corpus = load_corpus(sweep.audio, sweep.seed)
    plan = make_plan(corpus, sweep.audio, sweep.front_end, sweep.effects.choices(backend), sweep.seed)
    return Stage(backend, corpus, plan, evaluation_hash(plan, default_trial_config(sweep)))


def describe_stage(stage: Stage) -> list[str]:
    """The lines about audio and effects that a run begins with."""
    corpus, audio = stage.corpus, stage.corpus.audio
    parts = ", ".join(f"{len(corpus.partition(p))} {p}" for p in ("train", "validation", "evaluation"))
    minutes = sum(r.length_samples for r in corpus.recordings) / audio.sample_rate / 60
    source = "built-in" if audio.path == "synthetic" else audio.path
    backend = "mda plugins" if stage.backend == "mda" else "pedalboard's own processors"
    names = [effect.choice.name for effect in stage.plan.effects]
    channels = "mono" if audio.channels == 1 else "stereo"
    return [
        f"audio    {source}: {len(corpus.recordings)} recordings, {minutes:.1f} minutes ({parts}), "
        f"{audio.sample_rate} Hz {channels}",
        f"effects  {len(names)} of {backend}: {', '.join(names)}" if tuple(names) != EFFECT_NAMES else f"effects  {backend}",
        f"scores   on the fixed evaluation set {stage.evaluation_hash}: recordings and settings that no trial trains on",
    ]


def describe_skipped(corpus: Corpus) -> list[str]:
    """The files that were not used, each with its reason."""
    if not corpus.skipped:
        return []
    lines = [f"  {skipped.name}: {skipped.reason}" for skipped in corpus.skipped]
    return [f"Skipped {len(lines)} of {len(lines) + len(corpus.recordings)} files:", *lines]
