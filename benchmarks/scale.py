"""How far one head goes: what a report costs the driver, and MLflow, in sweeps of 10 to 10,000 trials on up to 256 slots.

    python benchmarks/scale.py [--trials 10 100 1000 10000] [--slots 256] [--json]

The real searcher (TPE), scheduler (successive halving), study journal, ledgers, status file and MLflow store (SQLite) are
driven with simulated trials: recorded learning curves (benchmarks/curves), 322 metrics a report as a real trial has.
Each size runs in a process of its own, for its memory. Of a sweep of more than 500 trials the last 500 are simulated: it is
taken up when the others have ended (benchmarks/past_trials.py), and its MLflow store has none of those.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "OMP_NUM_THREADS": "1"}
sys.path.insert(0, str(Path(__file__).parent.parent))

SIZES = (10, 100, 1_000, 10_000)
MOST_SLOTS = 256
WARM_TRIALS = 3  # beforehand: what is imported once, is
MOST_SIMULATED = 500  # trials
BEND = 2.0  # times what a report costs in the smallest sweep


@dataclass(frozen=True)
class Scale:
    """Of one sweep.

    Attributes:
        reports: that were simulated.
        ms_per_report: of the driver: all that it does between a report's arrival and the next, proposals included.
        late_ms_per_report: the same over the last tenth of the reports.
        core_ms_per_report: of ms_per_report what a core worked, which other work on the machine hardly changes.
        ms_by_part: of it, by part (simulated_sweep.py).
        megabytes: the most memory that the process held.
        mlflow_calls_per_report: of MLflow's client, those that begin and end runs included.
        mlflow_writes_per_second: as many as the store took, one after the other.
    """

    trials: int
    slots: int
    reports: int
    ms_per_report: float
    late_ms_per_report: float
    core_ms_per_report: float
    ms_by_part: dict[str, float]
    megabytes: float
    mlflow_calls_per_report: float
    mlflow_writes_per_second: float


def measure(trials: int, slots: int) -> Scale:
    """One sweep in this process."""
    from benchmarks.curve_table import read_table
    from benchmarks.replay import quiet
    from benchmarks.simulated_sweep import simulate
    from benchmarks.tracking import counted

    with tempfile.TemporaryDirectory() as home, quiet():
        simulate(read_table(), WARM_TRIALS, 1, Path(home) / "warm")
        with counted() as counter:
            done = simulate(read_table(), trials, slots, Path(home) / "measured", max(0, trials - MOST_SIMULATED))
    reports, seconds = len(done.driver_seconds), done.driver_seconds
    early = reports - max(1, reports // 10)
    return Scale(
        trials=trials,
        slots=slots,
        reports=reports,
        ms_per_report=round(1000 * seconds[-1] / reports, 2),
        late_ms_per_report=round(1000 * (seconds[-1] - seconds[early - 1]) / (reports - early), 2),
        core_ms_per_report=round(1000 * done.timer.core_seconds / reports, 2),
        ms_by_part={part: round(1000 * spent / reports, 2) for part, spent in done.timer.seconds.items()},
        megabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        mlflow_calls_per_report=round(counter.calls / reports, 2),
        mlflow_writes_per_second=round(counter.calls / done.write_seconds, 1),
    )


def measure_apart(trials: int, slots: int) -> Scale:
    """The same in a process of its own."""
    program = [sys.executable, __file__, "--trials", str(trials), "--slots", str(slots), "--here"]
    printed = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Scale(**json.loads(printed.splitlines()[-1]))


def bend(scales: Sequence[Scale]) -> str:
    """A sentence: from how many trials on a report costs more than BEND times what it costs in the smallest sweep."""
    first = scales[0].late_ms_per_report
    beyond = next((scale for scale in scales if scale.late_ms_per_report > BEND * first), None)
    if beyond is None:
        return f"no bend: a report never costs more than {BEND:g} times what it does at {scales[0].trials} trials"
    part = max(beyond.ms_by_part, key=lambda name: beyond.ms_by_part[name] - scales[0].ms_by_part[name])
    cost = f"{beyond.late_ms_per_report:g} ms a report at its end, {first:g} at first"
    return f"bends by {beyond.trials} trials: {cost}; most by '{part}'"


def text(scales: Sequence[Scale]) -> str:
    parts = list(scales[0].ms_by_part)
    heading = (
        f"{'trials':>7}{'slots':>7}{'reports':>9}{'ms/report':>11}{'at end':>8}{'core':>7}{'MB':>7}{'calls':>7}{'writes/s':>10}"
    )
    lines = [heading + "".join(f"{part:>9}" for part in parts)]
    for scale in scales:
        row = f"{scale.trials:>7}{scale.slots:>7}{scale.reports:>9}{scale.ms_per_report:>11.2f}{scale.late_ms_per_report:>8.2f}"
        row += f"{scale.core_ms_per_report:>7.2f}"
        row += f"{scale.megabytes:>7.0f}{scale.mlflow_calls_per_report:>7.2f}{scale.mlflow_writes_per_second:>10.1f}"
        lines.append(row + "".join(f"{scale.ms_by_part[part]:>9.2f}" for part in parts))
    return "\n".join([*lines, "", bend(scales)])


def figures(scales: Sequence[Scale]) -> dict[str, dict[str, float]]:
    """By number of trials."""
    kinds = ("ms", "late_ms", "core_ms")
    names = (*(f"{kind}_per_report" for kind in kinds), "megabytes", "mlflow_calls_per_report", "mlflow_writes_per_second")
    return {name: {str(scale.trials): getattr(scale, name) for scale in scales} for name in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--slots", type=int, default=MOST_SLOTS, help="at most; a sweep has no more than trials")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        print(json.dumps(asdict(measure(args.trials[0], args.slots))))
        return
    scales = [measure_apart(trials, min(args.slots, trials)) for trials in args.trials]
    print(json.dumps(figures(scales)) if args.json else text(scales))


if __name__ == "__main__":
    main()
