"""fxsweep doctor NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home

HELP = "find and mend what a driver that died left wrong in a sweep's files"
EXAMPLE = "fxsweep doctor quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    from tune.doctor import mend, verdict
    from tune.home import home_path

    _, findings = mend(home_path(args.home), args.name)
    for finding in findings:
        print(f"{finding.problem}: {finding.mended}.")
    print(verdict(findings, args.name))
    return 0
