"""A sweep that looks as a real one: recorded learning curves, stopped early by the real rule, in a folder as a run leaves it."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from trainables.effects.names import DRY, EFFECT_NAMES
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.ledger.status import SweepStatus, TrialStatus, read_status, write_status
from tune.pages.material import Material, read_material
from tune.search.curves import Curve
from tune.search.rungs import Rungs
from tune.space.splits import held_out_effects, splits_holding_out
from tune.sweep_file.spec import Sweep, load_sweep

CURVES = Path(__file__).parent.parent / "benchmarks" / "curves" / "vae.csv"
METRIC = "eval/probe_accuracy"
STARTED = 1_760_000_000.0
SPEC: dict[str, Any] = {
    "name": "curves",
    "train": {"max_epochs": 27},
    "search": {
        "latent_size": {"choice": [2, 4, 8, 16, 32]},
        "beta": {"log": [0.01, 3]},
        "contrastive_weight": {"float": [0, 1]},
        "learning_rate": {"log": [1.0e-4, 1.0e-2]},
        "effect_split": {"hold_out": 3},
    },
    "scheduler": {"type": "asha", "grace_epochs": 3, "reduction": 3},
    "budget": {"trials": 60},
}
SETTINGS = ("latent_size", "beta", "contrastive_weight", "learning_rate")


@cache
def recorded() -> tuple[dict[str, str], ...]:
    with CURVES.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def write_curve_sweep(home: Path, trials: int = 60, seed: int = 1, **sections: Any) -> SweepFolder:
    """Trials drawn by chance from the recorded ones; hearing leslie helps, and holding it out hurts what was never heard."""
    random, folder = np.random.default_rng(seed), SweepFolder(home / "curves")
    folder.path.mkdir(parents=True)
    folder.spec.write_text(yaml.safe_dump(SPEC | sections))
    rule, others, told = Rungs(3, 3), list[Curve](), list[TrialStatus]()
    for number, row in enumerate(random.choice(len(recorded()), size=trials, replace=trials > len(recorded()))):
        trial, curve = _trial(folder, number, recorded()[int(row)], others, rule, random)
        others.append(curve)
        told.append(trial)
    seconds = sum(trial.seconds for trial in told)
    status = SweepStatus(
        name="curves", state="complete", objective={"metric": METRIC, "mode": "max"},
        mlflow={"uri": "sqlite:////runs/mlflow.db", "experiment": "1", "run_id": "f00d"}, trials=tuple(told),
        budget_trials=trials, started=STARTED, ended=STARTED + seconds / 2, evaluation_hash="45398feed436e5dc",
        spent_seconds=seconds / 2, compute_seconds=seconds,
        rendering={"rendered_takes": 2960, "actors": 2, "asked_takes": 20192, "actor_seconds": 43.0},
    )  # fmt: skip
    write_status(folder.status, status)
    return folder


def curve_material(home: Path, trials: int = 60, **sections: Any) -> Material:
    return material_of(write_curve_sweep(home, trials, **sections))


def material_of(folder: SweepFolder) -> Material:
    sweep: Sweep = load_sweep(folder.spec)
    return read_material(sweep, folder, read_status(folder.status))


def _trial(
    folder: SweepFolder, number: int, row: dict[str, str], others: list[Curve], rule: Rungs, random: np.random.Generator
) -> tuple[TrialStatus, Curve]:
    split = str(random.choice(splits_holding_out(3)))
    params = {key: int(row[key]) if key == "latent_size" else float(row[key]) for key in SETTINGS} | {"effect_split": split}
    lift = 0.04 * ("leslie" not in split)
    curve, why, metrics, spent = Curve("epochs"), "", dict[str, float](), 0.0
    recalls = {name: float(0.1 * random.standard_normal()) for name in EFFECT_NAMES}
    for epoch, (score, seconds) in enumerate(zip(row["scores"].split(), row["seconds"].split(), strict=True), 1):
        value, spent = float(score) + lift, spent + float(seconds)
        curve = curve.after(epoch, value, float(seconds))
        metrics = _metrics(value, float(seconds), split, recalls)
        why = rule.why_stop(curve, others) if epoch < 27 else ""
        ended = "" if why or epoch < 27 else "max_epochs"
        line = {
            "epoch": epoch,
            "timestamp": int(STARTED + 60 * number + epoch),
            "time_this_iter_s": float(seconds),
            "ended": ended,
        }
        append_result(trial_results(folder, number), metrics | line | {"ended": ended})
        if why:
            break
    told = TrialStatus(
        number, "pruned" if why else "complete", params, metrics[METRIC], curve.epochs, f"run{number}", why or "max_epochs",
        spent, metrics, "", STARTED + 60 * number, STARTED + 60 * number + spent,
    )  # fmt: skip
    return told, curve


def _metrics(value: float, seconds: float, split: str, recalls: dict[str, float]) -> dict[str, float]:
    """A report of one epoch; what is not recorded follows from the score."""
    held_out = held_out_effects(split)
    each = {name: min(1.0, max(0.0, value + shift - 0.15 * (name in held_out))) for name, shift in recalls.items()}
    gain = 0.1 - 0.12 * ("leslie" in held_out) + (value - 0.5) / 5
    return {
        **_with_ends(METRIC, value, 0.045),
        **_with_ends("eval/unseen_gain", gain, 0.08),
        **_with_ends("eval/retrieval", value * 0.8, 0.05),
        **{f"eval/probe_recall/{name}": recall for name, recall in each.items()},
        f"eval/probe_recall/{DRY}": 1.0,
        **{f"control/untrained/probe_recall/{name}": 0.3 for name in EFFECT_NAMES},
        **_with_ends("control/untrained/probe_accuracy", 0.36, 0.05),
        **_with_ends("control/pca/probe_accuracy", 0.33, 0.05),
        "seconds/work": seconds,
    }


def _with_ends(name: str, value: float, half: float) -> dict[str, float]:
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def raw_status(folder: SweepFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(folder.status.read_text())
    return found
