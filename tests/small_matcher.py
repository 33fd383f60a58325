"""A matcher's trial that is small enough for a test: two effects, short clips, few takes, rendered in this process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from trainables.configs import (
    AudioConfig,
    EvaluationConfig,
    FrontEndConfig,
    MatcherConfig,
    TrainConfig,
    TrialConfig,
    VaeConfig,
)
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.effects import Effect
from trainables.effects.selection import nine
from trainables.matching.fitting import fit_matcher
from trainables.matching.matcher_file import MATCHER_FILE, write_matcher
from trainables.rendering.blocks import InlineSource
from trainables.rendering.rendering import make_plan, planned_effects
from trainables.training.fit import Epoch
from tune.models.matcher_model import matched_effect

EFFECTS = ("overdrive", "limiter")
AUDIO = AudioConfig(sample_rate=16_000, clip_samples=8192)
CHOICES = tuple(choice for choice in nine("mda") if choice.name in EFFECTS)
CORPUS: Corpus = load_corpus(AUDIO, 0)
PLAN = make_plan(CORPUS, AUDIO, FrontEndConfig(), CHOICES, 0)


def matcher_config(epochs: int = 2, **matcher: Any) -> TrialConfig:
    """The config of a trial; `matcher` in the place of its settings."""
    return TrialConfig(
        model=VaeConfig(),
        train=TrainConfig(
            items_per_epoch=32, validation_items=32, max_epochs=epochs, batch_size=8, patience=5, learning_rate=3e-3
        ),
        evaluation=EvaluationConfig(settings_per_effect=4),
        front_end=FrontEndConfig(),
        sample_rate=AUDIO.sample_rate,
        clip_samples=AUDIO.clip_samples,
        channels=1,
        trained_effects=EFFECTS,
        held_out_effects=(),
        matcher=MatcherConfig(width=16, components=2, passes=2, **matcher),
        effects=EFFECTS,
    )


@cache
def source() -> InlineSource:
    """Blocks of the built-in corpus."""
    return InlineSource(CORPUS, PLAN)


@cache
def effects() -> dict[str, Effect]:
    """Those of the plan, by name."""
    return planned_effects(PLAN)


@cache
def trained() -> tuple[Epoch, ...]:
    """The epochs of one trial."""
    return tuple(fit_matcher(matcher_config(), source(), effects()))


def matcher_folder(folder: Path) -> Path:
    """A folder as `fxsweep pull` makes it, without a card."""
    known = {choice.name: matched_effect(choice) for choice in CHOICES}
    write_matcher(folder / MATCHER_FILE, matcher_config(), {name: known[name] for name in EFFECTS}, trained()[-1].state()["best"])
    return folder
