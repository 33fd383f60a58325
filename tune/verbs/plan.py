"""fxsweep plan SWEEP"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_home, add_json, add_sweep, load_given_sweep, positive

if TYPE_CHECKING:
    from tune.planning.plan import Plan
    from tune.planning.prediction import Prediction
    from tune.sweep_file.spec import Sweep

HELP = "show what a sweep will cost, without running it"
EXAMPLE = "fxsweep plan splits --probe"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    parser.add_argument("--cpus", type=positive, help="CPUs of the cluster (default: this machine's)")
    parser.add_argument(
        "--probe",
        action="store_true",
        help="train two epochs here and draw a latent map, and tell the hours from that"
        " (default: from earlier sweeps in the same folder, if there are any alike)",
    )
    add_home(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    import os
    from dataclasses import asdict, replace

    from tune.planning.effects_here import effects_not_here
    from tune.planning.plan import plan
    from tune.planning.prediction import prediction_warnings

    sweep = load_given_sweep(args)
    planned = plan(sweep, args.cpus or os.cpu_count() or 1)
    predicted, seen = _predicted(args, sweep, planned)
    more = [*effects_not_here(sweep.effects), *_not_learned(sweep, args.home), *seen]
    more += prediction_warnings(sweep, predicted) if predicted else []
    planned = replace(planned, warnings=(*planned.warnings, *more))
    if args.json:
        print(json.dumps(asdict(planned) | {"predicted": asdict(predicted) if predicted else None}))
    else:
        print("\n".join(planned.lines(predicted.line() if predicted else "")))
    return 0


def _predicted(args: argparse.Namespace, sweep: Sweep, planned: Plan) -> tuple[Prediction | None, list[str]]:
    """From a probe if one is asked for, with what it warns of; else from earlier sweeps; None without any that is like it."""
    from tune.ledger.home import decoded_store, home_path

    home = home_path(args.home)
    if args.probe:
        from tune.planning.plan_warnings import corpus_warnings
        from tune.planning.prediction import predict
        from tune.planning.probe import probe
        from tune.planning.stage import prepare_stage

        stage = prepare_stage(sweep, decoded_store(home))
        return predict(sweep, planned, probe(sweep, stage)), list(corpus_warnings(stage.corpus))
    from tune.planning.earlier_sweeps import earlier_like, predict_from

    earlier = earlier_like(sweep, home)
    return (predict_from(sweep, planned, earlier) if earlier else None), []


def _not_learned(sweep: Sweep, home: str | None) -> list[str]:
    """Whether the sweep that this one names to learn from is of use to it."""
    if sweep.learn_from is None:
        return []
    from tune.ledger.home import home_path
    from tune.search.warm_start import not_learned

    return list(not_learned(sweep, home_path(home)))
