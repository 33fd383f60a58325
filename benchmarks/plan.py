"""What `fxsweep plan --probe` predicts, against what sweeps take: hours of three small ones.

    python benchmarks/plan.py [--json]

Each is planned from a probe, then run on this machine. If that does other work meanwhile the figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

BASE: dict[str, Any] = {
    "audio": {"sample_rate": 16000, "clip_samples": 16384},
    "front_end": {"fft_size": 1024, "hop_samples": 512, "bands": 32},
    "evaluation": {"settings_per_effect": 10},
    "search": {"latent_size": [8, 16], "effect_split": {"hold_out": 3}},
}
SWEEPS: dict[str, dict[str, Any]] = {  # patience never ends a trial in them: who plans cannot know how long it takes
    "few-long": {
        "train": {"max_epochs": 24, "patience": 24, "items_per_epoch": 240},
        "budget": {"trials": 4},
        "scheduler": {"type": "none"},
    },
    "halved": {
        "train": {"max_epochs": 18, "patience": 18, "items_per_epoch": 240},
        "budget": {"trials": 12},
        "scheduler": {"grace_epochs": 2},
    },
    "in-process": {
        "train": {"max_epochs": 12, "patience": 12, "items_per_epoch": 480, "workers": 0},
        "budget": {"trials": 8},
        "scheduler": {"type": "none"},
    },
}


@dataclass(frozen=True)
class Compared:
    """Hours of one sweep."""

    name: str
    predicted: float
    actual: float

    @property
    def off(self) -> float:
        """By which share the prediction is too high; below 0 if too low."""
        return self.predicted / self.actual - 1


def fxsweep(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tune.cli", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def compare(name: str, spec: Mapping[str, Any], folder: Path) -> Compared:
    """Plans a sweep, then runs it."""
    file, home = folder / f"{name}.yaml", str(folder / "home")
    file.write_text(yaml.safe_dump({"name": name, **BASE, **spec}), encoding="utf-8")
    told = json.loads(fxsweep("plan", str(file), "--probe", "--home", home, "--json"))
    start = time.monotonic()
    fxsweep("run", str(file), "--home", home)
    return Compared(name, told["predicted"]["hours"], (time.monotonic() - start) / 3600)


def text(found: Sequence[Compared]) -> str:
    lines = [f"{'sweep':<12}{'predicted':>11}{'actual':>9}{'off by':>8}"]
    return "\n".join([*lines, *(f"{c.name:<12}{c.predicted:>9.3f} h{c.actual:>7.3f} h{c.off:>8.0%}" for c in found)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [compare(name, spec, Path(folder)) for name, spec in SWEEPS.items()]
    print(json.dumps([asdict(one) | {"off": one.off} for one in found]) if args.json else text(found))


if __name__ == "__main__":
    main()
