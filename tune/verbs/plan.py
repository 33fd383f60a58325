"""fxsweep plan SWEEP"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_home, add_json, add_sweep, load_given_sweep, positive

if TYPE_CHECKING:
    from tune.sweep_file.spec import Sweep

HELP = "show what a sweep will cost, without running it"
EXAMPLE = "fxsweep plan splits"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    parser.add_argument("--cpus", type=positive, help="CPUs of the cluster (default: this machine's)")
    add_home(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    import os
    from dataclasses import asdict, replace

    from tune.planning.effects_here import effects_not_here
    from tune.planning.plan import plan

    sweep = load_given_sweep(args)
    planned = plan(sweep, args.cpus or os.cpu_count() or 1)
    more = (*effects_not_here(sweep.effects), *_not_learned(sweep, args.home))
    planned = replace(planned, warnings=(*planned.warnings, *more))
    if args.json:
        print(json.dumps(asdict(planned)))
    else:
        print("\n".join(planned.lines()))
    return 0


def _not_learned(sweep: Sweep, home: str | None) -> list[str]:
    """Whether the sweep that this one names to learn from is of use to it."""
    if sweep.learn_from is None:
        return []
    from tune.ledger.home import home_path
    from tune.search.warm_start import not_learned

    return list(not_learned(sweep, home_path(home)))
