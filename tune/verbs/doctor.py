"""fxsweep doctor NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home

HELP = "find and mend what a driver that died left wrong, in a sweep's files and in MLflow"
EXAMPLE = "fxsweep doctor quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    from tune.ledger.doctor import mend, verdict
    from tune.ledger.home import home_path
    from tune.tracking.sync import sync_sweep
    from tune.tracking.sync_lines import sync_lines

    home = home_path(args.home)
    _, findings = mend(home, args.name)
    for finding in findings:
        print(f"{finding.problem}: {finding.mended}.")
    print(verdict(findings, args.name), flush=True)  # a tracking server out of reach changes nothing of that
    print("\n".join(sync_lines(sync_sweep(home, args.name))))
    return 0
