"""fxsweep stop NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_home

HELP = "stop a running sweep; no run is left running"
EXAMPLE = "fxsweep stop quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    from tune.ledger.find import stop_sweep

    print(stop_sweep(args.name, args.home, args.address))
    return 0
