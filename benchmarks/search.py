"""Time to a good model, replayed: random search, plain Optuna, stock Ray Tune and ours over the same recorded learning curves.

    python benchmarks/search.py [--seeds 20] [--slots 2] [--only SYSTEM] [--json]
    python benchmarks/search.py --record      trains every setting again, half an hour of one core, and rewrites the table

The table (curves/vae.csv, made by curve_recording.py) has 240 settings of the VAE and 27 epochs of each. A replay ends when
a report is within 1 % of the best score that any setting has at its end. Figures are medians and quartiles over seeds, in
seconds of training.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ |= {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from benchmarks.curve_table import FILE, CurveTable, read_table

WITHIN = 0.01


@dataclass(frozen=True)
class Times:
    """Of one system: seconds to the target, a number for each seed."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    @property
    def quartiles(self) -> tuple[float, float]:
        low, high = np.quantile(self.seconds, (0.25, 0.75), method="nearest")
        return float(low), float(high)


def target_of(table: CurveTable) -> float:
    """Within 1 % of the best score at the end of a training."""
    return float(table.scores[:, -1].max()) * (1 - WITHIN)


def measure(table: CurveTable, seeds: int, slots: int, only: list[str] | None = None) -> dict[str, Times]:
    """Every system on every seed."""
    from benchmarks.replay import SYSTEMS, quiet, time_to

    target = target_of(table)
    with quiet():
        return {
            name: Times(tuple(time_to(target, make(table, seed), table, slots) for seed in range(seeds)))
            for name, make in SYSTEMS.items()
            if only is None or name in only
        }


def figures(measured: Mapping[str, Times]) -> dict[str, Any]:
    """Medians, quartiles, and ours over stock Ray Tune's median."""
    over = (
        {"ours_over_stock": round(measured["ours"].median / measured["stock"].median, 3)}
        if {"ours", "stock"} <= {*measured}
        else {}
    )
    return {
        "median_time": {name: round(times.median, 1) for name, times in measured.items()},
        "spread": {name: [round(value, 1) for value in times.quartiles] for name, times in measured.items()},
        **over,
    }


def text(table: CurveTable, measured: Mapping[str, Times]) -> str:
    best, target = table.scores[:, -1].max(), target_of(table)
    good = int((table.scores.max(axis=1) >= target).sum())
    lines = [
        f"{len(table.points)} settings, {table.epochs} epochs; best {best:.3f}; {good} settings come within 1 % of it",
        f"{'':<20}{'median seconds':>16}{'quartiles':>20}{'of stock':>10}",
    ]
    for name, times in measured.items():
        low, high = times.quartiles
        of_stock = f"{times.median / measured['stock'].median:10.2f}" if "stock" in measured else ""
        lines.append(f"  {name:<18}{times.median:16.0f}{f'{low:.0f} to {high:.0f}':>20}{of_stock}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--slots", type=int, default=2, help="trials at once")
    parser.add_argument("--only", action="append", metavar="SYSTEM", help="this system; again for more")
    parser.add_argument("--record", action="store_true", help="train every setting and rewrite the table")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    if args.record:
        from benchmarks.curve_recording import record_into

        record_into(FILE)
        return
    table = read_table()
    measured = measure(table, args.seeds, args.slots, args.only)
    print(json.dumps(figures(measured)) if args.json else text(table, measured))


if __name__ == "__main__":
    main()
