"""fxsweep resume NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home, resume

HELP = "go on with a sweep whose driver died or was stopped: no trial that has ended runs again"
EXAMPLE = "fxsweep resume quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)
    parser.add_argument("--status-lines", action="store_true", help="print machine-readable status lines (for submitted sweeps)")


def run(args: argparse.Namespace) -> int:
    return resume(args)
