"""fxsweep list"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_home, add_json, terminal

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
        sweeps = [{"name": s.name, "state": s.state, "trials": len(s.trials), "started": s.started} for s in statuses]
        print(json.dumps({"sweeps": sweeps}))
    elif statuses:
        terminal().print(sweep_table(statuses))
    else:
        print("No sweeps yet. Start one with `fxsweep run quickstart`.")
    return 0
