"""fxsweep run SWEEP"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home, add_sweep, load_given_sweep, terminal

HELP = "run a sweep: on this machine, or on the cluster it was submitted to"
EXAMPLE = "fxsweep run quickstart --audio recordings/"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    add_home(parser)
    parser.add_argument("--name", help="run under exactly this name (default: the sweep's own, numbered if taken)")
    parser.add_argument("--status-lines", action="store_true", help="print machine-readable status lines (for submitted sweeps)")


def run(args: argparse.Namespace) -> int:
    from tune.driver.cluster import set_environment
    from tune.driver.console import SweepConsole
    from tune.ledger.home import home_path

    home, sweep = home_path(args.home), load_given_sweep(args)
    set_environment()  # before anything imports ray

    from tune.driver.runner import RunRequest, run_sweep  # seconds of imports: mistakes are told before
    from tune.ledger.summary import print_summary

    console = SweepConsole(terminal(), machine_readable=args.status_lines)
    try:
        print_summary(run_sweep(RunRequest(sweep, home, args.name), console), home, console)
    finally:
        console.driver_ended()
    return 0
