"""A matcher as a registered model: what is saved of it, its card, and what is loaded again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainables.configs import TrialConfig
from trainables.effects.selection import EffectChoice, load_choice
from trainables.matching.matcher_file import MATCHER_FILE, KeptMatcher, MatchedEffect, kept_weights, read_matcher, write_matcher
from tune.models.card import LICENCE
from tune.models.card_promotion import promotion_section


@dataclass(frozen=True)
class LoadedMatcher:
    """A pulled matcher.

    Attributes:
        kept: the matcher, its config and its effects.
        card: what it was trained on (see `champion.model_card`).
    """

    kept: KeptMatcher
    card: Mapping[str, Any]

    def heard_recordings(self) -> dict[str, str]:
        """Names by content id of the recordings that it was trained or validated on, or the encoder that it hears by."""
        content_ids = dict(self.card.get("audio", {})).get("content_ids", {})
        parts = ("train", "validation")
        own = {identity: name for part in parts for identity, name in dict(content_ids.get(part, {})).items()}
        return own | dict(dict(self.card.get("encoder", {})).get("heard", {}))


def save_matcher(folder: Path, config: TrialConfig, state: Mapping[str, Any], card: Mapping[str, Any]) -> None:
    """Writes the weights of the best epoch; the card tells where the effects come from."""
    folder.mkdir(parents=True)
    effects = {name: matched_effect(choice) for name, choice in choices_of(card).items() if name in config.trained_effects}
    write_matcher(folder / MATCHER_FILE, config, {name: effects[name] for name in config.trained_effects}, kept_weights(state))


def matched_effect(choice: EffectChoice) -> MatchedEffect:
    """The effect with the names of its free knobs, as it is on this machine."""
    return MatchedEffect(choice, tuple(p.name for p in load_choice(choice).parameters if not p.frozen))


def choices_of(card: Mapping[str, Any]) -> dict[str, EffectChoice]:
    """Where a sweep's effects come from, as its card tells."""
    told = [EffectChoice(**{**one, "knobs": _knobs(one["knobs"])}) for one in card["effects"]]
    return {choice.name: choice for choice in told}


def choices_as_data(choices: list[EffectChoice]) -> list[dict[str, Any]]:
    """As a card has them."""
    return [asdict(choice) for choice in choices]


def is_matcher(folder: Path) -> bool:
    """Whether a pulled folder holds a matcher."""
    return (folder / MATCHER_FILE).is_file()


def open_matcher(folder: Path, card: Mapping[str, Any]) -> LoadedMatcher:
    """A pulled matcher, loaded; InputError if it is damaged."""
    return LoadedMatcher(read_matcher(folder / MATCHER_FILE), card)


def matcher_metadata(config: TrialConfig, card: Mapping[str, Any]) -> dict[str, Any]:
    """What a program must know of it."""
    return {
        "kind": "matcher",
        "sample_rate": config.sample_rate,
        "clip_samples": config.clip_samples,
        "effects": list(config.trained_effects),
        "backend": str(card.get("backend", "")),
        "evaluation_hash": str(card.get("evaluation_hash", "")),
    }


def matcher_card(name: str, reference: str, card: Mapping[str, Any], config: TrialConfig) -> str:
    """The card as a page."""
    scores = dict(card.get("scores", {}))
    rows = [f"| {score.removeprefix('eval/')} | {value:.3f} |" for score, value in sorted(scores.items())]
    recordings = dict(card.get("audio", {})).get("recordings", {})
    encoder = dict(card.get("encoder", {})).get("model", "")
    heard = ", ".join(f"{len(names)} {part}" for part, names in recordings.items())
    return "\n".join(
        [
            f"# {name}\n",
            f"A style matcher: it hears a reference and sets the knobs of {', '.join(config.trained_effects)}.\n",
            *([f"It hears by statistics and by the encoder of {encoder}.\n"] if encoder else []),
            f"Trial {card.get('trial', '?')} of the sweep `{card.get('sweep', '?')}`, code `{card.get('code_version', '?')}`.\n",
            "## Scores\n",
            "What its proposals, without any search, leave of the distance to what is right; 1 is as good as doing nothing.\n",
            "| score | value |",
            "| --- | --- |",
            *rows,
            "",
            *promotion_section(card),
            "## Trained on\n",
            f"Recordings: {heard}; evaluation {card.get('evaluation_hash', '?')}.\n",
            "## How to use it\n",
            f"    fxsweep match dry.wav reference.wav --model {reference} --effect {config.trained_effects[0]} -o out.wav\n",
            "## Terms\n",
            LICENCE,
        ]
    ) + "\n"  # fmt: skip


def _knobs(told: Any) -> tuple[Any, ...]:
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in told)
