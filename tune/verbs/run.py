"""fxsweep run SWEEP"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_home, add_sweep, load_given_sweep, terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tune.sweep_file.spec import Sweep

HELP = "run a sweep: on this machine, or on the cluster it was submitted to"
EXAMPLE = "fxsweep run quickstart --audio recordings/"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    add_home(parser)
    parser.add_argument("--name", help="run under exactly this name (default: the sweep's own, numbered if taken)")
    parser.add_argument("--check", action="store_true", help="run nothing: only ask whether all that it needs can be reached")
    parser.add_argument("--status-lines", action="store_true", help="print machine-readable status lines (for submitted sweeps)")


def run(args: argparse.Namespace) -> int:
    import os

    from tune.service.versions import check_versions

    check_versions(os.environ)  # before anything is imported that another version may not understand
    from tune.driver.cluster import set_environment
    from tune.driver.console import SweepConsole
    from tune.ledger.home import home_path

    home, sweep = home_path(args.home), load_given_sweep(args)
    set_environment()  # before anything imports ray

    from tune.driver.runner import RunRequest, run_sweep  # seconds of imports: mistakes are told before
    from tune.ledger.summary import print_summary
    from tune.service.arrival import arrive

    console = SweepConsole(terminal(), machine_readable=args.status_lines)
    if args.check:
        return _check(sweep, home)
    try:
        arrive(sweep, home, console)
        print_summary(run_sweep(RunRequest(sweep, home, args.name), console), home, console)
    finally:
        console.driver_ended()
    return 0


def _check(sweep: Sweep, home: Path) -> int:
    from tune.driver.cluster import ray_cluster
    from tune.service.arrival import check_cluster

    with ray_cluster() as (cpus, gpus):
        check_cluster(sweep, home)
    print(f"Everything that {sweep.name} needs can be reached, on a cluster of {cpus} CPUs and {gpus} GPUs.")
    return 0
