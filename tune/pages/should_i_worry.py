"""The page "Should I worry?" of a trial: every question with its figure, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from trainables.diagnosis.check import Check
from trainables.diagnosis.diagnosis import worries
from tune.pages.shell import Html, Page, html

FILE = "should_i_worry.html"
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


def worry_page(title: str, checks: Sequence[Check]) -> str:
    """HTML that needs nothing but itself; worries first, then what isn't known, each in the order given.

    Args:
        title: how the trial is called.
    """
    order = list(MARKS)
    ranked = sorted(checks, key=lambda check: order.index(check.verdict))
    page = Page(
        file=FILE,
        title=f"Should I worry? {title}",
        question=f"Should I worry about {title}?",
        basis="",
        answer=(verdict(checks),),
        first=(*map(_section, ranked), NOTE),
    )
    return html(page)


def verdict(checks: Sequence[Check]) -> str:
    """Yes or no, in a sentence."""
    fired, open_questions = len(worries(checks)), sum(check.verdict == "unknown" for check in checks)
    rest = f" {open_questions} of the questions could not be answered." if open_questions else ""
    if not fired:
        return f"No: none of {len(checks)} questions gives reason to.{rest}"
    return f"Yes: {fired} of {len(checks)} questions {'gives' if fired == 1 else 'give'} reason to.{rest}"


def _section(check: Check) -> Html:
    remedy = f"<p><b>What to do:</b> {escape(check.remedy)}</p>" if check.remedy else ""
    return Html(
        f'<section class="{check.verdict}" id="{escape(check.name)}">\n'
        f'<h2><span class="mark">{MARKS[check.verdict]}</span> &middot; {escape(QUESTIONS[check.name])}</h2>\n'
        f'<p>{escape(check.sentence)}</p>\n<p class="figure">{escape(check.figure)} <code>{escape(check.name)}</code></p>'
        f"{remedy}\n</section>\n"
    )
