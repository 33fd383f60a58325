"""The page "Should I worry?" of a trial: every question with its figure, and what to do. One plain HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from trainables.diagnosis import Check, worries

QUESTIONS = {
    "unbeaten_controls": "Is it better than what costs no training?",
    "unseen_effects": "Does it understand effects that it never heard?",
    "copies_dry": "Is its reconstruction better than the dry clip?",
    "recording_leakage": "Does the embedding describe the effect, not the music?",
    "collapsed_dimensions": "Are the latent dimensions in use?",
    "effect_order": "Was the best epoch chosen by its model, not by its effect?",
    "fast_convergence": "Did it converge suspiciously fast?",
    "still_improving": "Was it trained for long enough?",
    "overfit": "Does it learn the training clips by heart?",
    "weights": "Does the checkpoint hold what was kept?",
}
MARKS = {"worry": "&#9888; worry", "unknown": "? unknown", "fine": "&#10003; fine"}
NOTE = (
    "Scores are those of recordings and settings that it was not trained on; in brackets 95 % intervals over recordings. "
    "p is how often chance alone would explain as much."
)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
section { border-left: .4rem solid; padding: .1rem 1rem; margin: 1rem 0 }
h2 { font-size: 1.05rem; margin: .2rem 0 } p { margin: .2rem 0 }
.mark { font-weight: 700 } .figure { color: #555 }
.worry { border-color: #d55e00 } .worry .mark { color: #b34700 }
.unknown { border-color: #999 } .unknown .mark { color: #555 }
.fine { border-color: #0072b2 } .fine .mark { color: #005a8c }
"""  # orange and blue are told apart by the colour-blind, too (Okabe & Ito 2008)


def worry_page(title: str, checks: Sequence[Check]) -> str:
    """HTML that needs nothing but itself; worries first, then what isn't known, each in the order given.

    Args:
        title: how the trial is called.
    """
    order = list(MARKS)
    ranked = sorted(checks, key=lambda check: order.index(check.verdict))
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Should I worry? {escape(title)}</title>',
            f"<style>{STYLE}</style>",
            f"<h1>Should I worry about {escape(title)}?</h1>\n<p>{_answer(checks)}</p>",
            *map(_section, ranked),
            f"<p>{NOTE}</p>",
            "</html>\n",
        ]
    )


def _answer(checks: Sequence[Check]) -> str:
    fired, open_questions = len(worries(checks)), sum(check.verdict == "unknown" for check in checks)
    rest = f" {open_questions} of the questions could not be answered." if open_questions else ""
    if not fired:
        return f"No: none of {len(checks)} questions gives reason to.{rest}"
    return f"Yes: {fired} of {len(checks)} questions {'gives' if fired == 1 else 'give'} reason to.{rest}"


def _section(check: Check) -> str:
    remedy = f"<p><b>What to do:</b> {escape(check.remedy)}</p>" if check.remedy else ""
    return (
        f'<section class="{check.verdict}" id="{escape(check.name)}">\n'
        f'<h2><span class="mark">{MARKS[check.verdict]}</span> &middot; {escape(QUESTIONS[check.name])}</h2>\n'
        f'<p>{escape(check.sentence)}</p>\n<p class="figure">{escape(check.figure)} <code>{escape(check.name)}</code></p>'
        f"{remedy}\n</section>"
    )
