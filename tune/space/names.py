"""How runs are called: `z32 p2 -leslie-combo-loudness`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHORT = {"latent_size": "z", "patience": "p", "beta": "beta ", "contrastive_weight": "con ", "learning_rate": "lr "}


def run_name(params: Mapping[str, Any]) -> str:
    """A trial's name: latent size and patience first, the effect split last, other dimensions between."""
    first = [f"{SHORT[key]}{params[key]}" for key in ("latent_size", "patience") if key in params]
    split = [str(params["effect_split"])] if "effect_split" in params else []
    done = {"latent_size", "patience", "effect_split"}
    others = [f"{SHORT.get(key, key + ' ')}{_short(value)}" for key, value in params.items() if key not in done]
    return " ".join([*first, *others, *split]) or "defaults"


def _short(value: Any) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)
