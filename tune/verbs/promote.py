"""fxsweep promote NAME | fxsweep promote --rollback MODEL"""

from __future__ import annotations

import argparse

from tune.errors import InvalidInput, NotPromoted
from tune.verbs.options import add_home, add_json, counted, positive

HELP = "make a sweep's best model champion, if it is better than the present one"
EXAMPLE = "fxsweep promote splits --audio other_recordings/"
RENDERS = 96


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a sweep that has ended")
    parser.add_argument("--top", type=positive, default=3, help="how many of its trials compete (default: %(default)s)")
    parser.add_argument(
        "--seeds", type=positive, default=3, help="draws of settings and clips that all are judged on (default: %(default)s)"
    )
    parser.add_argument(
        "--audio",
        metavar="DIR",
        help="recordings that no contender knows (default: those that audio.promotion_share kept from the sweep)",
    )
    parser.add_argument("--settings", type=positive, help="random settings of each effect (default: as the sweep's evaluation)")
    parser.add_argument(
        "--retrain",
        metavar="N",
        type=counted,
        default=0,
        help="train N more models with the winner's settings and other seeds, to measure the seed noise (default: none)",
    )
    parser.add_argument("--renders", type=positive, help=f"of a matcher: how often an effect may be tried (default: {RENDERS})")
    parser.add_argument("--force", action="store_true", help="make it champion whatever comes out; this is recorded")
    parser.add_argument("--rollback", metavar="MODEL", help="the version that was champion before is it again; judges nothing")
    add_home(parser)
    parser.add_argument("--tracking", metavar="URI", help="the MLflow store (default: the sweep's own; to roll back, the home's)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if (args.name is None) == (args.rollback is None):
        raise InvalidInput("promote: give either a sweep's name or --rollback MODEL. See `fxsweep promote --help`.")
    return _roll_back(args) if args.name is None else _promote(args)


def _promote(args: argparse.Namespace) -> int:
    import json

    from tune.ledger.home import home_path
    from tune.promotion.promote import promote
    from tune.promotion.promotion_words import facts, sentences, table
    from tune.promotion.request import Request
    from tune.told_steps import steps_shown
    from tune.verbs.options import terminal

    request = Request(args.top, args.seeds, args.audio, args.settings, args.retrain, args.force, args.renders or RENDERS)
    with steps_shown() as tell:
        promotion = promote(home_path(args.home), args.name, request, args.tracking, tell)
    if args.json:
        print(json.dumps(facts(promotion)))
    else:
        console = terminal()
        if (shown := table(promotion)) is not None:
            console.print(shown, "")
        for sentence in sentences(promotion):
            console.print(sentence, soft_wrap=True, highlight=False, markup=False)
    return NotPromoted.exit_code if promotion.registered.outcome == "candidate" else 0


def _roll_back(args: argparse.Namespace) -> int:
    import json

    from tune.ledger.find import store_uri
    from tune.promotion.rollback import take_back

    until_now, again = take_back(store_uri(args.home, args.tracking), args.rollback)
    told = f"{args.rollback} version {again} is champion again, in the place of version {until_now}."
    print(json.dumps({"model": args.rollback, "version": again, "before": until_now}) if args.json else told)
    return 0
