"""fxsweep extend NAME --trials 40"""

from __future__ import annotations

import argparse

from tune.errors import InvalidInput
from tune.verbs.options import positive
from tune.verbs.resuming import add_resuming, go_on

HELP = "give a sweep a larger budget and go on with it"
EXAMPLE = "fxsweep extend quickstart --trials 40"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_resuming(parser)
    parser.add_argument("--trials", type=positive, default=0, help="so many more trials")
    parser.add_argument("--hours", type=float, default=0.0, help="so many more hours by the clock")
    parser.add_argument("--compute-hours", type=float, default=0.0, help="so many more hours of computing")


def run(args: argparse.Namespace) -> int:
    if min(args.hours, args.compute_hours) < 0.0 or not (args.trials or args.hours or args.compute_hours):
        raise InvalidInput("extend: needs something to extend by. For instance --trials 20 or --hours 1.")
    return go_on(args, args.trials, args.hours, args.compute_hours)
