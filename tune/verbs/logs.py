"""fxsweep logs NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_home

HELP = "print what a sweep's driver said, with the tracebacks of failed trials"
EXAMPLE = "fxsweep logs quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    from tune.ledger.find import find_log

    print(find_log(args.name, args.home, args.address), end="")
    return 0
