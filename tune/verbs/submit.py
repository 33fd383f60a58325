"""fxsweep submit SWEEP --address URL"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_address, add_json, add_sweep, load_given_sweep

HELP = "send a sweep to a Ray cluster; it runs on when this machine is switched off"
EXAMPLE = "fxsweep submit sweep.yaml --address http://127.0.0.1:8265 --follow"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    add_address(parser, required=True)
    parser.add_argument("--name", help="run under exactly this name (default: the sweep's own, numbered if taken)")
    parser.add_argument(
        "--home", metavar="DIR", default="~/fxsweep", help="folder of all sweeps, on the cluster (default: %(default)s)"
    )
    parser.add_argument(
        "--python", metavar="PATH", help="the cluster's interpreter (default: this one's path if it is there, else python)"
    )
    parser.add_argument(
        "--follow", action="store_true", help="stream progress until the sweep ends; its exit code is the sweep's"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the request and send nothing")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from tune.service.submission import plan_submission
    from tune.service.submit import JobServer, follow

    sweep = load_given_sweep(args)
    if args.dry_run:
        print(json.dumps(asdict(plan_submission(sweep, args.name or sweep.name, args.home, args.python)), indent=1))
        return 0
    server = JobServer(args.address)
    request = plan_submission(sweep, server.free_name(sweep.name, args.name), args.home, args.python)
    server.submit(request)
    if args.json:
        print(json.dumps({"name": request.name, "submission_id": request.submission_id, "address": args.address}))
    else:
        print(f"Submitted sweep {request.name}. Watch it: fxsweep status {request.name} --address {args.address}")
    return follow(server, request.name) if args.follow else 0
