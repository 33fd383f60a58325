"""How metrics and settings are told to people: a name, a unit, and as many digits as mean something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

from trainables.diagnosis.check import listed
from tune.space.dimensions import EFFECT_SPLIT
from tune.space.splits import held_out_effects
from tune.sweep_file.objective_section import MATCH_RATIO


@dataclass(frozen=True)
class Measure:
    """A metric.

    Attributes:
        name: in words.
        unit: "%", "points" (of a hundred), "s", or "" for a bare number.
        factor: from what is logged to the unit.
    """

    name: str
    unit: str = ""
    factor: float = 1.0
    digits: int = 3
    short_name: str = ""

    @property
    def label(self) -> str:
        """For an axis: name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def short(self) -> str:
        """For a table: `retrieval (%)`."""
        name = self.short_name or self.name
        return f"{name} ({self.unit})" if self.unit else name

    def text(self, value: float) -> str:
        """Without the unit."""
        places = self.digits + round(log10(self.factor))  # rounded as tables round the bare number
        return f"{self.factor * float(f'{value:.{places}f}'):.{self.digits}f}".replace("-", "−")

    def told(self, value: float) -> str:
        """With the unit."""
        return f"{self.text(value)} {self.unit}".rstrip()


KNOWN = {
    "eval/probe_accuracy": Measure("probe accuracy", "%", 100.0, 1),
    "eval/unseen_gain": Measure("unseen gain over the untrained encoder", "points", 100.0, 1, "unseen gain"),
    "eval/unseen_accuracy": Measure("accuracy among effects never heard", "%", 100.0, 1, "unseen accuracy"),
    "eval/seen_accuracy": Measure("accuracy among effects heard", "%", 100.0, 1, "seen accuracy"),
    "eval/knn_accuracy": Measure("nearest-neighbour accuracy", "%", 100.0, 1),
    "eval/retrieval": Measure("same settings found again", "%", 100.0, 1, "retrieval"),
    "eval/settings_r2": Measure("settings explained, R² (1 is all)", short_name="settings R²"),
    "eval/skill/mean": Measure("skill over copying the dry clip (1 is perfect)", short_name="skill"),
    "eval/recording_leakage": Measure("recording told from the embedding, less is better", "%", 100.0, 1, "recording leakage"),
    MATCH_RATIO: Measure("share of the distance left", "%", 100.0, 1, "left of nothing"),
    "trial/seconds": Measure("time of a trial", "s", 1.0, 0),
}
SETTINGS = {
    "latent_size": "latent size (dimensions)",
    "patience": "patience (effect cycles without improvement)",
    "beta": "beta (weight of the KL term)",
    "contrastive_weight": "weight of the contrastive term",
    "reconstruction_weight": "weight of the reconstruction",
    "perceptual_weight": "weight of the perceptual term",
    "temperature": "temperature of the contrastive term",
    "learning_rate": "learning rate (per step)",
    "batch_size": "batch size (clips)",
    "input": "input of the encoder",
    "validate_on": "effects that are validated on",
    EFFECT_SPLIT: "effects held out",
}
SHORT = {
    "latent_size": "latent size",
    "contrastive_weight": "contrastive weight",
    "reconstruction_weight": "reconstruction weight",
    "perceptual_weight": "perceptual weight",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "validate_on": "validated on",
    EFFECT_SPLIT: "effect split",
}


def measure_of(metric: str) -> Measure:
    """Of a logged metric; one that is not known by its own name."""
    return KNOWN.get(metric, Measure(metric.removeprefix("eval/").replace("_", " ")))


def setting_label(name: str) -> str:
    """For an axis."""
    return SETTINGS.get(name, name.replace("_", " "))


def setting_name(name: str) -> str:
    """In a sentence."""
    return SHORT.get(name, name.replace("_", " "))


def value_text(value: Any) -> str:
    """A setting's value."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def settings_text(params: Mapping[str, Any]) -> str:
    """`latent size 32, patience 2, leslie and combo held out`."""
    told = [_setting_text(name, value) for name, value in params.items()]
    return ", ".join(told) or "the sweep's own settings"


def _setting_text(name: str, value: Any) -> str:
    if name == EFFECT_SPLIT:
        held_out = held_out_effects(str(value))
        return f"{listed(list(held_out))} held out" if held_out else "no effect held out"
    return f"{setting_name(name)} {value_text(value)}"
