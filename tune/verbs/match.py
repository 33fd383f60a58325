"""fxsweep match INPUT REFERENCE --effect EFFECT -o OUT"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_json, add_store, counted, warn_of_differences

if TYPE_CHECKING:
    from tune.models.loaded_model import LoadedModel
    from tune.models.matcher_model import LoadedMatcher

HELP = "make a recording sound like a reference, by setting a real effect"
EXAMPLE = "fxsweep match dry.wav reference.wav --reference-dry reference_dry.wav --effect overdrive -o out.wav"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="the recording to process")
    parser.add_argument("reference", metavar="REFERENCE", help="a recording that sounds as the result should")
    parser.add_argument(
        "--reference-dry", metavar="FILE", help="the reference before its effect: with it the settings are found far better"
    )
    parser.add_argument(
        "--effect",
        metavar="EFFECT",
        default="auto",
        help="a name, lv2:URI, vst3:PATH, a chain 'A > B', auto: whichever comes nearest (the default), or "
        "chain: whichever one or two in a row come nearest, with --reference-dry",
    )
    parser.add_argument(
        "--model", metavar="MODEL", help="a matcher: NAME, NAME@ALIAS or NAME/VERSION, or a folder made by `fxsweep pull`"
    )
    parser.add_argument("--backend", default="auto", help="auto, mda or pedalboard (default: %(default)s)")
    parser.add_argument("--renders", type=counted, default=96, help="how often the effect may be tried (default: %(default)s)")
    parser.add_argument(
        "--distance",
        choices=("mel", "embedding", "metric"),
        default="mel",
        help="what a search with --reference-dry listens by: mel spectra, a model's embedding, or the metric that results are "
        "scored by, which is an upper bound for the others (default: %(default)s)",
    )
    parser.add_argument(
        "--embedding", metavar="MODEL", help="a VAE to listen by; without it the encoder that --model was trained with, if any"
    )
    parser.add_argument("--search", choices=("cma", "tpe"), default="cma", help="CMA-ES or TPE (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default: %(default)s)")
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help="the file to write; its settings go beside it, as .json"
    )
    parser.add_argument(
        "--page", metavar="FILE", help="also write a page to listen to input, reference and result, side by side or blindly"
    )
    add_store(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.errors import InvalidInput
    from tune.ledger.find import store_uri
    from tune.matching.match import MatchRequest, match_file
    from tune.matching.match_manner import manner_of
    from tune.matching.match_words import sentences
    from tune.told_steps import steps_shown

    if args.renders == 0 and not args.model:
        raise InvalidInput("--renders 0: without a model the effect must be tried. Give --model, or at least --renders 8.")
    dry = Path(args.reference_dry) if args.reference_dry else None
    files = (Path(args.input), Path(args.reference), dry)
    store = store_uri(args.home, args.tracking)
    with steps_shown() as tell:
        model = _model(store, args.model) if args.model else None
        embedding = _embedding(store, args.embedding) if args.embedding else None
        manner = manner_of(args.distance, args.search, dry is not None, embedding, model)
        page = Path(args.page) if args.page else None
        request = MatchRequest(*files, args.effect, args.backend, args.renders, Path(args.output), args.seed, manner, page)
        done, audio, result = match_file(request, model, tell)
        if page:
            from tune.matching.match_page import write_match_page

            tell("writing the page")
            write_match_page(page, request, done, audio, result)
    print(json.dumps(done.facts()) if args.json else "\n".join(sentences(done)))
    return 0


def _model(store: str, reference: str) -> LoadedMatcher:
    from tune.errors import InvalidInput
    from tune.models.matcher_model import LoadedMatcher
    from tune.models.registry import load_model

    found = load_model(store, reference)
    if not isinstance(found, LoadedMatcher):
        raise InvalidInput(f"--model {reference}: is no matcher. `fxsweep run matcher` makes one.")
    warn_of_differences(found.card)
    return found


def _embedding(store: str, reference: str) -> LoadedModel:
    from tune.models.registry import load_embedder

    return load_embedder(store, reference)
