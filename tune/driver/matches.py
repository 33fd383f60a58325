"""The page of a matcher's sweep that is listened to: what its best trial makes of held-out takes, beside what is right."""

from __future__ import annotations

import logging
from pathlib import Path

from trainables.rendering.render_actors import CatalogueSource, Rendering
from trainables.training.trainable import CheckpointFile
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus
from tune.pages.whole_file import write_whole
from tune.planning.stage import Stage
from tune.sweep_file.spec import Sweep

log = logging.getLogger("fxsweep")
CAPTION = (
    "Recordings that no trial trained on. Paired, the reference's dry version is known, blind it is not; the reference is "
    "another recording with the settings that are right. What is right for the input is what the effect makes of it with them."
)


def write_matches(
    sweep: Sweep, folder: SweepFolder, stage: Stage, rendering: Rendering, best: TrialStatus, kept: CheckpointFile
) -> list[Path]:
    """The page, in the sweep's folder; none of a sweep that trains no matcher. No page is worth a sweep: it may fail.

    Args:
        kept: the best trial's checkpoint.
    """
    if sweep.trainable != "matcher":
        return []
    try:
        return [_written(folder, stage, rendering, best, kept)]
    except Exception:
        log.exception("the page of matches could not be made")
        return []


def _written(folder: SweepFolder, stage: Stage, rendering: Rendering, best: TrialStatus, kept: CheckpointFile) -> Path:
    from trainables.matching.held_out_matches import held_out_matches  # torch: not before the search has begun
    from trainables.matching.matcher_file import kept_weights, matcher_of
    from trainables.matching.matches_page import matches_html
    from trainables.rendering.rendering import planned_effects
    from trainables.training.checkpoint import read_checkpoint

    config, state = read_checkpoint(kept)
    effects = planned_effects(stage.plan)
    matcher = matcher_of(config, {name: effects[name].parameters for name in config.trained_effects}, kept_weights(state))
    matches = held_out_matches(matcher, config, effects, CatalogueSource(rendering.catalogue))
    title = f"{folder.name}: what trial {best.number} makes of what it never heard"
    return write_whole(folder.matches, matches_html(title, CAPTION, matches, config.sample_rate).encode())
