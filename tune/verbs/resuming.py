"""What `fxsweep resume` and `fxsweep extend` share."""

from __future__ import annotations

import argparse

from tune.verbs.options import HOME_ON_A_CLUSTER, add_address, add_home, terminal


def add_resuming(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    add_home(parser)
    add_address(parser)
    parser.add_argument("--python", metavar="PATH", help="with --address: the cluster's interpreter, as for `fxsweep submit`")
    parser.add_argument("--storage", metavar="URL", help="where the sweep's files are, if they are not in the home any more")
    watching = parser.add_mutually_exclusive_group()
    watching.add_argument("--follow", action="store_true", help="with --address: stream progress until the sweep ends")
    watching.add_argument("--wait", action="store_true", help="with --address: the same without a word")
    parser.add_argument("--status-lines", action="store_true", help="print machine-readable status lines (for submitted sweeps)")


def go_on(args: argparse.Namespace, trials: int = 0, hours: float = 0.0, compute_hours: float = 0.0) -> int:
    """Goes on with the sweep of that name, with so much more of its budget: here, or as a job on a cluster."""
    if args.storage:
        from tune.sweep_file.storage_section import check_given

        check_given(args.storage)
    if args.address and not args.status_lines:
        more = {"--trials": trials, "--hours": hours, "--compute-hours": compute_hours}
        options = [f"{option} {value:g}" for option, value in more.items() if value]
        return _as_a_job(args, "extend" if options else "resume", options)
    import os

    from tune.service.versions import check_versions

    check_versions(os.environ)
    from tune.driver.cluster import set_environment
    from tune.driver.console import SweepConsole
    from tune.ledger.home import home_path

    home = home_path(args.home)
    set_environment()  # before anything imports ray

    from tune.driver.ledger_copies import fetch_sweep
    from tune.driver.resume import Extension, ResumeRequest, resume_sweep
    from tune.ledger.home import find_folder
    from tune.ledger.summary import print_summary
    from tune.service.arrival import arrive, check_submitted
    from tune.sweep_file.spec import load_sweep

    console = SweepConsole(terminal(), machine_readable=args.status_lines)
    try:
        if args.storage:
            check_submitted(args.storage, home)
            fetch_sweep(home, args.name, args.storage)
        moved = {"storage": args.storage} if args.storage else None
        arrive(load_sweep(str(find_folder(home, args.name).spec), moved), home, console, again=True)
        request = ResumeRequest(args.name, home, Extension(trials, hours, compute_hours))
        print_summary(resume_sweep(request, console), home, console)
    finally:
        console.driver_ended()
    return 0


def _as_a_job(args: argparse.Namespace, verb: str, options: list[str]) -> int:
    import shlex

    from tune.service.parcel import shown_bytes
    from tune.service.submission import Place, plan_resumption
    from tune.service.submit import JobServer
    from tune.service.watching import follow, wait

    server = JobServer(args.address)
    submission_id, before = server.next_submission(args.name)
    place = Place(args.home or before.get("home") or HOME_ON_A_CLUSTER, args.python or before.get("python") or None)
    fetched = [f"--storage {shlex.quote(args.storage)}"] if args.storage else []
    command = " ".join([verb, *options, *fetched])
    sent_bytes = server.submit(plan_resumption(args.name, submission_id, place, command, before))
    watch = f"fxsweep status {args.name} --address {args.address}"
    print(f"Sweep {args.name} goes on (sends {shown_bytes(sent_bytes)}). Watch it: {watch}")
    if args.follow:
        return follow(server, args.name)
    return wait(server, args.name) if args.wait else 0
