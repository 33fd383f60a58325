"""fxsweep list"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_address, add_home, add_json, terminal

if TYPE_CHECKING:
    from tune.ledger.status import SweepStatus

HELP = "list sweeps"
EXAMPLE = "fxsweep list --address http://127.0.0.1:8265"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    add_address(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json

    from tune.ledger.find import list_statuses
    from tune.ledger.summary import sweep_table

    statuses = list_statuses(args.home, args.address)
    if args.json:
        print(json.dumps({"sweeps": [_facts(status) for status in statuses]}))
    elif statuses:
        terminal().print(sweep_table(statuses))
    else:
        print("No sweeps yet. Start one with `fxsweep run quickstart`.")
    return 0


def _facts(status: SweepStatus) -> dict[str, object]:
    queued = {"place": status.queue_place} if status.queue_place else {}
    state = "queued" if queued else status.state
    return {"name": status.name, "state": state, "trials": len(status.trials), "started": status.started} | queued
