"""fxsweep ui"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home

HELP = "open the MLflow pages of this machine's sweeps (loopback only)"
EXAMPLE = "fxsweep ui"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    parser.add_argument("--port", type=int, default=5000, help="port to listen on (default: %(default)s, or the next free one)")
    parser.add_argument("--open", action="store_true", help="open the newest sweep's runs in a browser")


def run(args: argparse.Namespace) -> int:
    from tune.ledger.home import home_path
    from tune.tracking.server import serve_ui

    return serve_ui(home_path(args.home), args.port, open_browser=args.open)
