"""MLflow's own pages in a real browser, of a sweep: what a researcher looks for is where our links lead.

Screenshots stay in build/screenshots.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from browser import Page, chromium
from made_up_page import small_page
from made_up_sweep import MadeUpSweep
from mlflow_servers import MlflowServer

from trainables.maps.map_page import write_map_page
from tune.ledger.status import SweepStatus
from tune.tracking.links import artifact_url, runs_url, trials_url
from tune.tracking.stores import Tracking

pytestmark = pytest.mark.slow
SCREENSHOTS = Path(__file__).parent.parent / "build" / "screenshots"
MAP = "latent_map.html"
PAINT_SECONDS, MANY_COLOURS = 120.0, 100  # of the map; an empty frame has one or two
TEXT = "document.body.innerText"
HEADINGS = "[...document.querySelectorAll('[role=columnheader]')].map(cell => cell.textContent.trim())"
PLUS = "[...document.querySelectorAll('[role=gridcell] button')].find(button => !button.textContent.trim())"
ROWS = "[...document.querySelectorAll('[role=row] a')].map(link => link.textContent)"

PLAY = """['ArrowRight', 'Enter'].forEach(
  key => document.querySelector('figure canvas').dispatchEvent(new KeyboardEvent('keydown', {key})))"""


@dataclass(frozen=True)
class Shown:
    """A browser, and a sweep on a server."""

    tab: Page
    address: str
    status: SweepStatus

    def at(self, address: str, awaited: str) -> Page:
        """The page there, once the script gives true."""
        self.tab.visit(address)
        self.tab.until(awaited)
        return self.tab

    def trials(self, more: str = "") -> str:
        place = self.status.mlflow
        return trials_url(self.address, place["experiment"], place["run_id"]) + more


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("ui")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with closing(MlflowServer(folder / "mlflow")) as server, chromium(folder / "profile") as tab:
        sweep = MadeUpSweep(folder / "home", Tracking(server.address, None))
        sweep.trials()
        sweep.tracker.trial_artifact(0, write_map_page(folder / MAP, small_page()))
        status = sweep.end()
        tab.window(1700, 950)
        yield Shown(tab, server.address, status)


def keep(tab: Page, name: str) -> None:
    assert tab.screenshot(SCREENSHOTS / f"{name}.png").stat().st_size > 10_000


def test_the_runs_table_has_the_sweep_with_its_trials_below_it(shown: Shown) -> None:
    tab = shown.at(runs_url(shown.address, shown.status.mlflow["experiment"]), f"{ROWS}.includes('small')")
    assert "Pages of the sweeps" in tab.value(TEXT)
    tab.value(f"{PLUS}.click()")
    tab.until(f"{ROWS}.some(name => name.startsWith('z8 p1'))")
    keep(tab, "runs")


def test_the_table_of_trials_shows_scores_controls_and_settings_the_best_first(shown: Shown) -> None:
    tab = shown.at(shown.trials(), f"{HEADINGS}.includes('eval/probe_accuracy')")
    wanted = {"control/untrained/probe_accuracy", "control/pca/probe_accuracy", "latent_size", "patience", "effect_split"}
    assert wanted <= set(tab.value(HEADINGS))
    tab.until(f"{ROWS}.filter(name => name.startsWith('z8 p')).length === 5")
    assert "small: trials" in tab.value(TEXT)
    keep(tab, "trials")


def test_its_charts_begin_with_curves_and_parallel_coordinates_of_latent_size_and_patience(shown: Shown) -> None:
    tab = shown.at(shown.trials("&compareRunsMode=CHART"), f"{TEXT}.includes('Parallel Coordinates')")
    tab.until("[...document.querySelectorAll('svg text')].some(axis => axis.textContent === 'patience')")
    labels = tab.value("[...document.querySelectorAll('svg text')].map(axis => axis.textContent)")
    assert {"latent_size", "patience", "eval/probe_accuracy"} <= set(labels)
    keep(tab, "charts")


def test_the_map_is_shown_among_a_trials_artifacts(shown: Shown) -> None:
    trial = shown.status.trial(0)
    address = artifact_url(shown.address, shown.status.mlflow["experiment"], trial.run_id, MAP)
    tab = shown.at(address, "document.querySelector('iframe') !== null")
    assert tab.value("document.querySelector('iframe').sandbox.value") == "allow-scripts"
    tab.until("document.querySelector('iframe').getBoundingClientRect().width > 300")
    end = time.monotonic() + PAINT_SECONDS
    while colours_of(tab) < MANY_COLOURS:
        assert time.monotonic() < end, "the viewer stays empty"
        time.sleep(0.5)
    keep(tab, "map")


def test_a_point_of_the_map_is_heard_in_the_viewer(shown: Shown) -> None:
    trial = shown.status.trial(0)
    address = artifact_url(shown.address, shown.status.mlflow["experiment"], trial.run_id, MAP)
    tab = shown.at(address, "document.querySelector('iframe') !== null")
    soon(tab, "document.querySelector('figure canvas') !== null && document.readyState === 'complete'")
    tab.value_in_frame(PLAY)
    soon(tab, "document.querySelector('audio').currentTime > 0.05")
    assert "playing" in tab.value_in_frame("document.getElementById('sound-note').textContent")
    keep(tab, "sound")


def soon(tab: Page, expression: str) -> None:
    """Wait until it is true in the viewer's frame."""
    end = time.monotonic() + PAINT_SECONDS
    while not tab.value_in_frame(expression):
        assert time.monotonic() < end, f"never true in the viewer: {expression}"
        time.sleep(0.1)


def colours_of(tab: Page) -> int:
    """How many there are in the viewer's frame; nothing of it can be asked, as it is a sandbox."""
    box = tab.value("JSON.parse(JSON.stringify(document.querySelector('iframe').getBoundingClientRect()))")
    left, top, right, bottom = (int(box[side]) for side in ("left", "top", "right", "bottom"))
    pixels = plt.imread(tab.screenshot(SCREENSHOTS / "map.png"))[top:bottom, left:right]
    return len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0))
