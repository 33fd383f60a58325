"""A model's card: what it was trained on, how well it does beside the controls, how to load it, under which terms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from trainables.configs import TrialConfig
from trainables.diagnosis.check import Check
from tune.models.card_effects import effects_section
from tune.models.card_promotion import promotion_section
from tune.pages.should_i_worry import QUESTIONS, verdict

LICENCE = (
    "The training audio was rendered with effects that are free software under the GNU General Public License, version 3 "
    "(the mda plugins and Pedalboard). The model holds none of their code. Other plugins and the "
    "recordings have terms of their own: mind them, too."
)
CHAMPIONS = "`{name}@champion` is whichever version is champion by then: this one, or another."
SHAPES = {1: "(batch, {clips}, {samples})", 2: "(batch, {clips}, 2, {samples})"}

BOUNDS = ("_low", "_high")


def model_metadata(config: TrialConfig, card: Mapping[str, Any]) -> dict[str, Any]:
    """What a program must know in order to call the model; kept in its MLmodel file."""
    return {
        "sample_rate": config.sample_rate,
        "clip_samples": config.clip_samples,
        "channels": config.channels,
        "input": config.model.input,
        "latent_size": config.model.latent_size,
        "trained_effects": list(config.trained_effects),
        "held_out_effects": list(config.held_out_effects),
        "backend": str(card.get("backend", "")),
        "evaluation_hash": str(card.get("evaluation_hash", "")),
    }


def card_json(card: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """The card as data; `metadata` (what a program needs in order to call the model) is the key `model`."""
    return json.dumps(dict(card) | {"model": dict(metadata), "licence": LICENCE}, indent=2, sort_keys=True, default=str) + "\n"


def card_markdown(name: str, reference: str, card: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """The card as a page.

    Args:
        name: the registered model.
        reference: how to name this very version in a command, e.g. `fx-vae/3`.
        card: `scores` (eval/NAME: value), `controls` (control: {NAME: value}), `worries` (checks), `params`, `audio`,
            `evaluation_hash`, `promotion` (see card_promotion.py), ...
        metadata: sample_rate, clip_samples, channels, input, latent_size, trained_effects, held_out_effects, backend.
    """
    parts = [
        f"# {name}\n",
        _summary(card, metadata),
        "## Scores\n",
        _scores(card),
        *promotion_section(card),
        *_worries(card),
        "## Trained on\n",
        _trained_on(card, metadata),
        *effects_section(card, metadata),
        "## Settings\n",
        _table(("setting", "value"), sorted(dict(card.get("params", {})).items())),
        "## How to load it\n",
        _how_to_load(reference, metadata),
        "## Terms\n",
        LICENCE,
    ]
    return "\n".join(parts) + "\n"


def _summary(card: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    seconds = metadata["clip_samples"] / metadata["sample_rate"]
    heard = {
        "wet": "a processed clip",
        "difference": "a dry clip and the processed one",
        "pair": "a dry clip and the processed one",
    }
    return (
        f"An encoder of audio effects: it hears {heard[metadata['input']]} ({seconds:.2f} s at {metadata['sample_rate']} Hz) and "
        f"answers with {metadata['latent_size']} numbers that say which effect was used and how strongly, whatever the music.\n\n"
        f"Trial {card.get('trial', '?')} of the sweep `{card.get('sweep', '?')}`, code `{card.get('code_version', '?')}`.\n"
    )


def _scores(card: Mapping[str, Any]) -> str:
    columns = {
        "this model": _bare(card.get("scores", {})),
        **{name: _bare(v) for name, v in dict(card.get("controls", {})).items()},
    }
    names = sorted(name for name in columns["this model"] if not name.endswith(BOUNDS))
    rows = [[name, *(_with_interval(scores, name) for scores in columns.values())] for name in names]
    note = (
        f"In brackets: 95 % intervals over recordings. On recordings that no trial trained on; evaluation set "
        f"`{card.get('evaluation_hash', '?')}`. Scores of different evaluation sets can't be compared.\n"
    )
    return _table(("score", *columns), rows) + note


def _worries(card: Mapping[str, Any]) -> list[str]:
    """What there is to worry about, and what to do; nothing of a card without checks."""
    checks = [Check(**check) for check in card.get("worries", ())]
    if not checks:
        return []
    rows = [(QUESTIONS.get(check.name, check.name), check.verdict, check.figure) for check in checks]
    told = [f"- {check.sentence} {check.remedy}\n" for check in checks if check.verdict == "worry"]
    return ["## Should I worry?\n", f"{verdict(checks)}\n", *told, _table(("question", "verdict", "figure"), rows)]


def _bare(scores: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("eval/"): value for name, value in scores.items()}


def _with_interval(scores: Mapping[str, Any], name: str) -> str:
    """`0.535 (0.509 to 0.562)`."""
    bounds = [scores[name + bound] for bound in BOUNDS if name + bound in scores]
    interval = f" ({_cell(bounds[0])} to {_cell(bounds[1])})" if len(bounds) == 2 else ""
    return f"{_cell(scores[name])}{interval}" if name in scores else ""


def _trained_on(card: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    audio = dict(card.get("audio", {}))
    lines = [
        f"- effects: {', '.join(metadata['trained_effects'])}",
        f"- never trained on: {', '.join(metadata['held_out_effects']) or 'none'}",
        *([f"- rendered by: {metadata['backend']}"] if metadata["backend"] else []),
        *(f"- {key}: {_listed(value)}" for key, value in audio.items() if key != "content_ids"),
    ]
    return "\n".join(lines) + "\n"


def _listed(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_listed(inner)}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _how_to_load(reference: str, metadata: Mapping[str, Any]) -> str:
    clips = 1 if metadata["input"] == "wet" else 2
    shape = SHAPES[metadata["channels"]].format(clips=clips, samples=metadata["clip_samples"])
    order = "" if clips == 1 else "; of the axis of two, the first is dry and the second wet"
    name = reference.partition("/")[0]
    return (
        f"```\nfxsweep pull {reference} -o {name}/\n```\n\n{CHAMPIONS.format(name=name)}\n\n"
        f"```python\nimport mlflow\n\nmodel = mlflow.pyfunc.load_model('{name}/')\n"
        f"embeddings = model.predict(audio)  # float32 {shape} -> (batch, {metadata['latent_size']})\n```\n\n"
        f"Audio at {metadata['sample_rate']} Hz, full scale 1.0{order}. The level does not matter. "
        "Needs torch, numpy and mlflow only (requirements.txt), not this project.\n"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
