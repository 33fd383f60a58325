"""fxsweep status NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_home, add_json, terminal

HELP = "show a sweep: its trials, the best one, its runs in MLflow"
EXAMPLE = "fxsweep status quickstart --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    parser.add_argument(
        "--worries", action="store_true", help="should I worry? Every check of the best trial, made anew from its files"
    )
    add_home(parser)
    add_address(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from tune.driver.console import show
    from tune.driver.examination import best_examined_again
    from tune.ledger.find import find_status
    from tune.ledger.home import home_path
    from tune.ledger.status import to_json
    from tune.ledger.summary import status_lines, worry_lines

    status = find_status(args.name, args.home, args.address)
    checks = best_examined_again(home_path(args.home), status) if args.worries else ()
    if args.json:
        print(json.dumps(to_json(status) | ({"checks": [asdict(check) for check in checks]} if args.worries else {})))
        return 0
    console = terminal()
    for line in worry_lines(status, checks) if args.worries else status_lines(status):
        show(console, line)
    return 0
