"""fxsweep match INPUT REFERENCE --effect EFFECT -o OUT"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, positive

HELP = "make a recording sound like a reference, by setting a real effect"
EXAMPLE = "fxsweep match dry.wav reference.wav --reference-dry reference_dry.wav --effect overdrive -o out.wav"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="the recording to process")
    parser.add_argument("reference", metavar="REFERENCE", help="a recording that sounds as the result should")
    parser.add_argument(
        "--reference-dry", metavar="FILE", help="the reference before its effect: with it the settings are found far better"
    )
    parser.add_argument("--effect", metavar="EFFECT", required=True, help="a name, lv2:URI, vst3:PATH, or a chain: 'A > B'")
    parser.add_argument("--backend", default="auto", help="auto, mda or pedalboard (default: %(default)s)")
    parser.add_argument("--renders", type=positive, default=96, help="how often the effect may be tried (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default: %(default)s)")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="the file to write; its settings go beside it, as .json")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.match import MatchRequest, match_file
    from tune.match_words import sentences
    from tune.told_steps import steps_shown

    dry = Path(args.reference_dry) if args.reference_dry else None
    files = (Path(args.input), Path(args.reference), dry)
    request = MatchRequest(*files, args.effect, args.backend, args.renders, Path(args.output), args.seed)
    with steps_shown() as tell:
        done = match_file(request, tell)
    print(json.dumps(done.facts()) if args.json else "\n".join(sentences(done)))
    return 0
