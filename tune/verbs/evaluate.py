"""fxsweep evaluate MODEL [--audio DIR]"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_json, add_store, add_unheard, positive, terminal, warn_of_differences

if TYPE_CHECKING:
    from tune.models.matcher_model import LoadedMatcher

HELP = "score a model on recordings it never heard, beside controls"
EXAMPLE = "fxsweep evaluate fx-vae@champion --audio other_recordings/"
RENDERS = 96
OF_A_MATCHER, OF_AN_EMBEDDER = ("effects", "renders", "metric", "workers", "listening_test"), ("against",)


def arguments(parser: argparse.ArgumentParser) -> None:
    add_unheard(parser)
    parser.add_argument(
        "--against",
        metavar="MODEL",
        action="append",
        default=[],
        help="another model on the same clips, or package.module:function that embeds (dry, wet, sample_rate); again for more",
    )
    parser.add_argument("--effects", metavar="A,B", help="of a matcher: only these of its effects")
    parser.add_argument("--renders", type=positive, help=f"of a matcher: how often an effect may be tried (default: {RENDERS})")
    parser.add_argument(
        "--metric",
        choices=("field", "published"),
        help="of a matcher: MR-STFT as in auraloss, or as the published style transfer system was scored (default: field)",
    )
    parser.add_argument(
        "--workers", type=positive, help="of a matcher: how many processes (default: one a core); results are the same"
    )
    parser.add_argument("--listening-test", metavar="FILE", help="of a matcher: also write a page to rate what was made, blindly")
    add_store(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from tune.evaluation.unheard_clips import Question, check_question
    from tune.ledger.find import store_uri
    from tune.models.matcher_model import LoadedMatcher
    from tune.models.registry import load_model

    check_question(Question(args.audio, args.backend, args.settings, args.seed))
    model = load_model(store_uri(args.home, args.tracking), args.model)
    _refuse_others(args, isinstance(model, LoadedMatcher))
    warn_of_differences(model.card)
    return _matcher(args, model) if isinstance(model, LoadedMatcher) else _embedder(args)


def _refuse_others(args: argparse.Namespace, matcher: bool) -> None:
    """Options that mean nothing for a model of this kind."""
    from tune.errors import InvalidInput

    for option in OF_AN_EMBEDDER if matcher else OF_A_MATCHER:
        if getattr(args, option):
            given, kinds = f"--{option.replace('_', '-')}", ("embeds", "is a matcher")
            raise InvalidInput(f"{given}: is for a model that {kinds[not matcher]}; {args.model} {kinds[matcher]}. Leave it out.")


def _matcher(args: argparse.Namespace, model: LoadedMatcher) -> int:
    import json
    from pathlib import Path

    from tune.evaluation.evaluate_matcher import evaluate_matcher
    from tune.evaluation.matcher_contests import MatcherQuestion
    from tune.evaluation.matcher_facts import facts
    from tune.evaluation.matcher_table import footnote, tables, verdicts
    from tune.evaluation.unheard_clips import Question
    from tune.told_steps import steps_shown

    effects = tuple(name.strip() for name in (args.effects or "").split(",") if name.strip())
    question = Question(args.audio, args.backend, args.settings, args.seed)
    asked = MatcherQuestion(question, effects, args.renders or RENDERS, args.metric or "field", args.workers or 0)
    with steps_shown() as tell:
        evaluation = evaluate_matcher(model, asked, tell)
        if args.listening_test:
            from tune.evaluation.listening_test import write_listening_test

            tell("writing the listening test")
            write_listening_test(Path(args.listening_test), evaluation)
    if args.json:
        print(json.dumps(facts(evaluation)))
        return 0
    console = terminal()
    for table in tables(evaluation):
        console.print(table, "")
    for sentence in (*verdicts(evaluation), footnote(evaluation)):
        console.print(sentence, soft_wrap=True)
    return 0


def _embedder(args: argparse.Namespace) -> int:
    import json

    from tune.evaluation.evaluate import evaluate
    from tune.evaluation.evaluation_table import facts, footnote, tables, verdicts
    from tune.evaluation.unheard_clips import Question
    from tune.ledger.find import store_uri
    from tune.told_steps import steps_shown

    question = Question(args.audio, args.backend, args.settings, args.seed)
    with steps_shown() as tell:
        evaluation = evaluate(store_uri(args.home, args.tracking), args.model, question, args.against, tell)
    if args.json:
        print(json.dumps(facts(evaluation)))
        return 0
    console = terminal()
    for table in tables(evaluation):
        console.print(table, "")
    for sentence in verdicts(evaluation):
        console.print(sentence, soft_wrap=True)
    console.print(footnote(evaluation), soft_wrap=True)
    return 0
