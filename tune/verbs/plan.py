"""fxsweep plan SWEEP"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tune.errors import InvalidInput
from tune.verbs.options import HOME_ON_A_CLUSTER, add_address, add_home, add_json, add_sweep, counted, load_given_sweep, positive

if TYPE_CHECKING:
    from tune.planning.capacity import Cluster
    from tune.planning.plan import Plan
    from tune.planning.prediction import Prediction
    from tune.sweep_file.spec import Sweep

HELP = "show what a sweep will cost, without running it"
EXAMPLE = "fxsweep plan splits --probe"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_sweep(parser)
    parser.add_argument("--cpus", type=positive, help="CPUs of the cluster (default: this machine's)")
    parser.add_argument("--gpus", type=counted, help="its GPUs (default: this machine's)")
    parser.add_argument(
        "--probe",
        action="store_true",
        help="train two epochs here and draw a latent map, and tell the hours from that"
        " (default: from earlier sweeps in the same folder, if there are any alike)",
    )
    add_home(parser)
    add_address(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict, replace

    from tune.planning.effects_here import effects_not_here
    from tune.planning.plan import plan
    from tune.planning.prediction import prediction_warnings

    sweep = load_given_sweep(args, audio_is_elsewhere=bool(args.address))
    there, sent = _there(args, sweep)
    planned = plan(sweep, there or _here(args))
    predicted, seen = _predicted(args, sweep, planned)
    more = [*effects_not_here(sweep.effects), *_not_learned(sweep, args.home), *seen]
    more += prediction_warnings(sweep, predicted) if predicted else []
    planned = replace(planned, warnings=(*planned.warnings, *sent.warnings, *more))
    if args.json:
        facts = {"predicted": asdict(predicted) if predicted else None, "sent_bytes": sent.sent_bytes}
        print(json.dumps(asdict(planned) | facts))
    else:
        print("\n".join(planned.lines(predicted.line() if predicted else "", sent.lines)))
    return 0


@dataclass(frozen=True)
class _Sending:
    """What sending the sweep to a cluster would mean; nothing, where none is pointed at."""

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sent_bytes: int | None = None


def _here(args: argparse.Namespace) -> Cluster:
    import os
    from pathlib import Path

    from tune.planning.capacity import machine

    gpus = len(list(Path("/dev").glob("nvidia[0-9]*"))) if args.gpus is None else args.gpus
    return machine(args.cpus or os.cpu_count() or 1, gpus)


def _there(args: argparse.Namespace, sweep: Sweep) -> tuple[Cluster | None, _Sending]:
    """What the cluster offers that is pointed at, and what sending the sweep there would mean; nothing without one."""
    if args.address is None:
        return None, _Sending()
    if args.cpus or args.gpus is not None:
        raise InvalidInput(f"--address {args.address}: the cluster itself says what it offers. Leave --cpus and --gpus out.")
    from tune.planning.cluster_warnings import cluster_warnings, described
    from tune.service.submission import declared
    from tune.service.submit import JobServer

    server = JobServer(args.address)
    cluster = server.cluster()
    place = server.place_if_sent(declared(sweep), cluster)
    warnings = tuple(cluster_warnings(sweep, cluster, HOME_ON_A_CLUSTER, place))
    try:
        sent_bytes = _sent_bytes(sweep)
    except InvalidInput as refused:  # a plan tells what would be refused, and goes on
        return cluster, _Sending((described(cluster, args.address),), (*warnings, str(refused)))
    upload = f"upload      {sent_bytes / 1e6:.1f} MB: code and sweep file, no recordings"
    return cluster, _Sending((described(cluster, args.address), upload), warnings, sent_bytes)


def _sent_bytes(sweep: Sweep) -> int:
    from tune.service.parcel import packed, size_bytes
    from tune.service.submission import Place, plan_submission

    with packed(plan_submission(sweep, sweep.name, Place(HOME_ON_A_CLUSTER)).sweep_text) as folder:
        return size_bytes(folder)


def _predicted(args: argparse.Namespace, sweep: Sweep, planned: Plan) -> tuple[Prediction | None, list[str]]:
    """From a probe if one is asked for, with what it warns of; else from earlier sweeps; None without any that is like it."""
    from tune.ledger.home import decoded_store, home_path

    home = home_path(args.home)
    if args.probe:
        from tune.planning.plan_warnings import corpus_warnings
        from tune.planning.prediction import predict
        from tune.planning.probe import probe
        from tune.planning.stage import prepare_stage

        stage = prepare_stage(sweep, decoded_store(home))
        return predict(sweep, planned, probe(sweep, stage)), list(corpus_warnings(stage.corpus))
    from tune.planning.earlier_sweeps import earlier_like, predict_from

    earlier = earlier_like(sweep, home)
    return (predict_from(sweep, planned, earlier) if earlier else None), []


def _not_learned(sweep: Sweep, home: str | None) -> list[str]:
    """Whether the sweep that this one names to learn from is of use to it."""
    if sweep.learn_from is None:
        return []
    from tune.ledger.home import home_path
    from tune.search.warm_start import not_learned

    return list(not_learned(sweep, home_path(home)))
