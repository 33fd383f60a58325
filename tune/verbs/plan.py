"""fxsweep plan SWEEP"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, add_sweep, load_given_sweep, positive

HELP = "show what a sweep will cost, without running it"
EXAMPLE = "fxsweep plan splits"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    parser.add_argument("--cpus", type=positive, help="CPUs of the cluster (default: this machine's)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    import os
    from dataclasses import asdict, replace

    from tune.planning.effects_here import effects_not_here
    from tune.planning.plan import plan

    sweep = load_given_sweep(args)
    planned = plan(sweep, args.cpus or os.cpu_count() or 1)
    planned = replace(planned, warnings=(*planned.warnings, *effects_not_here(sweep.effects)))
    if args.json:
        print(json.dumps(asdict(planned)))
    else:
        print("\n".join(planned.lines()))
    return 0
