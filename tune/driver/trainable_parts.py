"""What a sweep trains decides what is iterated, drawn and examined."""

from __future__ import annotations

from trainables.maps.map_actor import start_map_maker
from trainables.matching.catalogue_fit import MatcherFit
from trainables.rendering.render_actors import Rendering
from trainables.training.trainable import CatalogueFit, Fit
from tune.driver.examiner import Examiner, Unexamined
from tune.driver.maps import MapQueue, NoMaps
from tune.ledger.home import SweepFolder
from tune.models.pinned_encoder import encoder_bytes
from tune.planning.stage import Stage
from tune.sweep_file.spec import Sweep
from tune.tracking.sweep_tracker import SweepTracker


def fit_of(sweep: Sweep, stage: Stage, rendering: Rendering, folder: SweepFolder) -> Fit:
    """The generator function that trains."""
    if sweep.trainable == "matcher":
        return MatcherFit(rendering.catalogue, stage.plan, encoder_bytes(sweep, folder))
    return CatalogueFit(rendering.catalogue)


def maps_of(sweep: Sweep, stage: Stage, rendering: Rendering) -> MapQueue:
    """A matcher has no latent space."""
    if sweep.trainable == "matcher":
        return NoMaps(None, sweep.seed)
    return MapQueue(start_map_maker(rendering.catalogue, stage.plan, sweep.figure), sweep.seed)


def examiner_of(sweep: Sweep, folder: SweepFolder, tracker: SweepTracker) -> Examiner:
    """Who asks whether there is anything to worry about."""
    return (Unexamined if sweep.trainable == "matcher" else Examiner)(sweep, folder, tracker)
