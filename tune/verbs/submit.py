"""fxsweep submit SWEEP --address URL"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import HOME_ON_A_CLUSTER, add_address, add_json, add_sweep, load_given_sweep

if TYPE_CHECKING:
    from tune.service.sending import Sent
    from tune.service.submission import Place
    from tune.service.submit import JobServer
    from tune.sweep_file.spec import Sweep

HELP = "send a sweep to a Ray cluster; it runs on when this machine is switched off"
EXAMPLE = "fxsweep submit sweep.yaml --address http://127.0.0.1:8265 --follow"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    add_address(parser, required=True)
    parser.add_argument("--name", help="run under exactly this name (default: the sweep's own, numbered if taken)")
    parser.add_argument(
        "--home", metavar="DIR", default=HOME_ON_A_CLUSTER, help="folder of all sweeps, on the cluster (default: %(default)s)"
    )
    parser.add_argument(
        "--python", metavar="PATH", help="the cluster's interpreter (default: this one's path if it is there, else python)"
    )
    parser.add_argument("--again", action="store_true", help="run it though the same sweep is there already")
    watching = parser.add_mutually_exclusive_group()
    watching.add_argument(
        "--follow", action="store_true", help="stream progress until the sweep ends; its exit code is the sweep's"
    )
    watching.add_argument("--wait", action="store_true", help="the same without a word; with --json its last status is printed")
    watching.add_argument(
        "--check", action="store_true", help="run nothing: only ask from the cluster whether all that it needs can be reached"
    )
    watching.add_argument("--dry-run", action="store_true", help="print the request and send nothing")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from tune.service.sending import Wanted, send
    from tune.service.submission import Place
    from tune.service.submit import JobServer
    from tune.service.watching import follow, wait

    sweep, place = load_given_sweep(args, audio_is_elsewhere=True), Place(args.home, args.python)
    if args.dry_run:
        return _dry_run(sweep, args.name or sweep.name, place)
    server = JobServer(args.address)
    if args.check:
        return _check(server, sweep, place)
    sent = send(server, sweep, Wanted(place, args.name, args.again))
    if not (args.wait and args.json):
        _tell(args, sweep, sent)
    if args.follow:
        return follow(server, sent.name)
    return _verdict(server, sent.name, wait(server, sent.name), args.json) if args.wait else 0


def _dry_run(sweep: Sweep, name: str, place: Place) -> int:
    import json
    from dataclasses import asdict

    from tune.service.parcel import packed, size_bytes
    from tune.service.submission import plan_submission

    request = plan_submission(sweep, name, place)
    with packed(request.sweep_text) as folder:
        print(json.dumps(asdict(request) | {"sent_bytes": size_bytes(folder)}, indent=1))
    return 0


def _check(server: JobServer, sweep: Sweep, place: Place) -> int:
    import shlex
    import sys

    from tune.service.errands import run_errand
    from tune.service.parcel import SWEEP_FILE
    from tune.service.submission import plan_submission

    request = plan_submission(sweep, sweep.name, place)
    done = run_errand(server, f"run {SWEEP_FILE} --home {shlex.quote(place.home)} --check", place, request.sweep_text)
    print(done.said.strip(), file=sys.stderr if done.code else sys.stdout)
    return done.code


def _tell(args: argparse.Namespace, sweep: Sweep, sent: Sent) -> None:
    import json
    import os
    import sys

    from tune.service.kept_back import kept_back, told_kept_back
    from tune.service.sending import told

    if note := told_kept_back(kept_back(sweep, os.environ)):
        print(note, file=sys.stderr)
    if args.json:
        facts = {"name": sent.name, "submission_id": sent.submission_id, "address": args.address}
        print(json.dumps(facts | {"sent_bytes": sent.sent_bytes, "found": sent.found}))
    else:
        print(told(sent, args.address))


def _verdict(server: JobServer, name: str, code: int, as_json: bool) -> int:
    import json

    from tune.ledger.status import to_json

    if as_json:
        print(json.dumps(to_json(server.status(name))))
    return code
