"""What a sweep as a whole leaves beside its parent run: leaderboard, and pages that answer its question, with their figures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from tune.analysis.importance import Importance
from tune.analysis.leaderboard import write_leaderboard
from tune.analysis.split_study import SplitStudy, split_study
from tune.ledger.home import SweepFolder
from tune.ledger.status import SweepStatus
from tune.pages.material import Material, read_material
from tune.pages.shell import Page, html
from tune.pages.whole_file import write_whole
from tune.sweep_file.spec import Sweep

log = logging.getLogger("fxsweep")
T = TypeVar("T")


def write_sweep_pages(sweep: Sweep, folder: SweepFolder, status: SweepStatus, final: bool = True) -> list[Path]:
    """Written into the sweep's folder, from its ledgers alone; the same ledgers give the same bytes.

    Args:
        final: also the large pages, and each page's figures beside it as PNG for papers.

    Returns:
        The files that belong beside the parent run: the leaderboard first, then pages; figures are in `folder.figures`.
    """
    files = write_leaderboard(status, folder.path)
    pages = sweep_pages(read_material(sweep, folder, status), folder, final)
    heard = [(folder.matches.name, "Matches to listen to")] if folder.matches.is_file() else []
    beside = [*((page.file, page.title) for page in pages), *heard]
    for page in pages:
        files += _tried(partial(_write_page, page, folder, beside, final), [])
    return files


def sweep_pages(material: Material, folder: SweepFolder, final: bool = True) -> list[Page]:
    """All pages that there is something to say on. One that cannot be made is left out and logged: no page is worth a sweep.

    Args:
        final: also those that are large.
    """
    makers = _makers(material, folder, final)
    return [page for make in makers if (page := _tried(make, None)) is not None]


def write_figures(page: Page, folder: Path) -> list[Path]:
    """Each figure of a page as PNG into a folder, which is made if it is not there."""
    from tune.pages.png import png  # matplotlib: not before there is something to draw

    drawings = [figure.drawing for figure in page.figures]
    if drawings:
        folder.mkdir(parents=True, exist_ok=True)
    return [write_whole(folder / f"{drawing.name}.png", png(drawing)) for drawing in drawings]


def _write_page(page: Page, folder: SweepFolder, beside: Sequence[tuple[str, str]], final: bool) -> list[Path]:
    if final:
        write_figures(page, folder.figures)
    return [write_whole(folder.path / page.file, html(page, folder.name, beside).encode())]


def _makers(material: Material, folder: SweepFolder, final: bool) -> Iterator[Callable[[], Page | None]]:
    from tune.pages.early_stopping import stopping_page
    from tune.pages.summary import summary_page
    from tune.pages.what_mattered import mattered_page, short_answer, what_mattered

    mattered = _tried(partial(what_mattered, material), tuple[Importance, ...]())
    yield partial(summary_page, material, short_answer(mattered))
    yield partial(mattered_page, material, mattered)
    yield partial(stopping_page, material)
    if study := split_study(material.status):
        yield partial(_splits, study, material.status)
    if "validate_on" in material.sweep.search:
        yield partial(_seed, material, folder)
    if final:
        yield partial(_side_by_side, material, folder)


def _splits(study: SplitStudy, status: SweepStatus) -> Page:
    from tune.pages.effect_splits import split_page

    return split_page(study, status)


def _seed(material: Material, folder: SweepFolder) -> Page | None:
    from tune.analysis.seed_study import seed_trials
    from tune.pages.seed_study import seed_page

    trials = seed_trials(material.sweep, folder, material.status)
    return seed_page(trials, folder) if trials else None


def _side_by_side(material: Material, folder: SweepFolder) -> Page | None:
    from tune.pages.side_by_side import best_beside

    return best_beside(material, folder)


def _tried(make: Callable[[], T], otherwise: T) -> T:
    try:
        return make()
    except Exception:
        log.exception("a page of the sweep could not be made")
        return otherwise
