"""fxsweep resume NAME"""

from __future__ import annotations

import argparse

from tune.verbs.resuming import add_resuming, go_on

HELP = "go on with a sweep whose driver died or was stopped: no trial that has ended runs again"
EXAMPLE = "fxsweep resume quickstart"
arguments = add_resuming


def run(args: argparse.Namespace) -> int:
    return go_on(args)
