"""fxsweep status NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_home, add_json, terminal

HELP = "show a sweep: its trials, the best one, its runs in MLflow"
EXAMPLE = "fxsweep status quickstart --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)
    add_address(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json

    from tune.console import show
    from tune.find import find_status
    from tune.status import to_json
    from tune.summary import status_lines

    status = find_status(args.name, args.home, args.address)
    if args.json:
        print(json.dumps(to_json(status)))
        return 0
    console = terminal()
    for line in status_lines(status):
        show(console, line)
    return 0
