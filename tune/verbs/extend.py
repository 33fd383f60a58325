"""fxsweep extend NAME --trials 40"""

from __future__ import annotations

import argparse

from tune.errors import InvalidInput
from tune.verbs.options import add_home, positive, resume

HELP = "give a sweep a larger budget and go on with it"
EXAMPLE = "fxsweep extend quickstart --trials 40"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    parser.add_argument("--trials", type=positive, default=0, help="so many more trials")
    parser.add_argument("--hours", type=float, default=0.0, help="so many more hours by the clock")
    parser.add_argument("--compute-hours", type=float, default=0.0, help="so many more hours of computing")
    add_home(parser)
    parser.add_argument("--status-lines", action="store_true", help="print machine-readable status lines (for submitted sweeps)")


def run(args: argparse.Namespace) -> int:
    if not (args.trials or args.hours > 0.0 or args.compute_hours > 0.0):
        raise InvalidInput("extend: needs something to extend by. For instance --trials 20 or --hours 1.")
    return resume(args, trials=args.trials, hours=args.hours, compute_hours=args.compute_hours)
