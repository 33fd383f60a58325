"""The numbers that tables of trials show, and what they mean: of models that embed and of matchers."""

from __future__ import annotations

from tune.ledger.status import SweepStatus
from tune.sweep_file.objective_section import MATCH_RATIO

NUMBERS_BESIDE = (  # heading, metric; the objective comes before them, unless it is one of them
    ("probe", "eval/probe_accuracy"),
    ("PCA", "control/pca/probe_accuracy"),
    ("untrained", "control/untrained/probe_accuracy"),
    ("unseen gain", "eval/unseen_gain"),
)
MATCHER_NUMBERS = (  # the same of a matcher
    ("left of nothing", MATCH_RATIO),
    ("paired", f"{MATCH_RATIO}/paired"),
    ("blind", f"{MATCH_RATIO}/blind"),
)
LEGEND = "z: latent size, p: patience, ep: epochs; PCA and untrained: controls of the same latent size"
MATCHER_LEGEND = (
    "lr: learning rate, p: patience, ep: epochs; left of nothing: what a proposal, without any search, leaves of the\n"
    "distance to what is right (1: as good as doing nothing): paired, with the reference's dry version, blind, and their mean"
)
CONTROLS_TOLD = (
    "PCA and untrained are controls of the same latent size: a model is worth its training where it beats both. Unseen gain: "
    "accuracy among the held-out effects, less that of the untrained encoder on the same effects."
)
RATIO_TOLD = (
    "Left of nothing: what a proposal, without any search, leaves of the distance (MR-STFT) that doing nothing leaves; 1 is no "
    "better than doing nothing, 0 is perfect. Paired: the reference is known before its effect; blind: it is not."
)


def of_matchers(status: SweepStatus) -> bool:
    """Whether a sweep's trials are matchers: what they are compared by tells."""
    return MATCH_RATIO in (objective["metric"] for objective in status.objectives or (status.objective,))


def numbers_told(status: SweepStatus) -> str:
    """What the columns beside the objective mean."""
    return RATIO_TOLD if of_matchers(status) else CONTROLS_TOLD


def terminal_legend(status: SweepStatus) -> str:
    """The same in a line, with the headings that the terminal has."""
    return MATCHER_LEGEND if of_matchers(status) else LEGEND


def score_columns(status: SweepStatus) -> list[tuple[str, str]]:
    """Headings and metrics, in their order."""
    beside = MATCHER_NUMBERS if of_matchers(status) else NUMBERS_BESIDE
    known = {metric for _, metric in beside}
    wanted = [objective["metric"] for objective in status.objectives or (status.objective,)]
    return [
        *((metric.removeprefix("eval/").removeprefix("trial/"), metric) for metric in wanted if metric not in known),
        *beside,
    ]
