"""fxsweep sync NAME"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home, add_json

HELP = "write into MLflow what it lacks of a sweep, from the sweep's files"
EXAMPLE = "fxsweep sync quickstart"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name; it must not be running")
    add_home(parser)
    parser.add_argument("--tracking", metavar="URI", help="another MLflow store, to be filled (default: the sweep's own)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from tune.ledger.home import home_path
    from tune.tracking.sync import sync_sweep
    from tune.tracking.sync_lines import sync_lines

    synced = sync_sweep(home_path(args.home), args.name, args.tracking)
    print(json.dumps(asdict(synced)) if args.json else "\n".join(sync_lines(synced)))
    return 0
