"""fxsweep map MODEL [--add DRY,WET ...] [-o FOLDER]"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, add_store, add_unheard

HELP = "draw a model's latent map: recordings it never heard through the effects, and your own recordings"
EXAMPLE = "fxsweep map fx-vae@champion --audio other_recordings/ --add dry.wav,wet.wav -o map"


def arguments(parser: argparse.ArgumentParser) -> None:
    add_unheard(parser)
    parser.add_argument(
        "--add",
        metavar="DRY,WET",
        nargs="+",
        action="extend",
        default=[],
        help="recordings of yours: dry and wet, or WET alone for a model that hears the wet one only; again for more",
    )
    parser.add_argument("--effects", metavar="A,B,C", help="only these of the nine (default: all)")
    parser.add_argument("--timbre", action="store_true", help="colour by brightness and depth, too (takes longer)")
    parser.add_argument("-o", "--output", metavar="FOLDER", default="map", help="where to write (default: ./%(default)s)")
    add_json(parser)
    add_store(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.evaluation.added_clips import given_recordings
    from tune.evaluation.draw_map import draw_map
    from tune.evaluation.unheard_clips import Question, given_effects
    from tune.ledger.find import store_uri
    from tune.told_steps import steps_shown

    question = Question(args.audio, args.backend, args.settings, args.seed, given_effects(args.effects))
    own, folder = given_recordings(args.add), Path(args.output)
    with steps_shown() as tell:
        drawn = draw_map(store_uri(args.home, args.tracking), args.model, question, own, folder, args.timbre, tell)
    print(json.dumps(drawn.facts()) if args.json else "\n".join(drawn.sentences()))
    return 0
