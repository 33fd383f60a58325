"""A sweep's file and study as a run leaves them."""

from __future__ import annotations

import yaml

from tune.ledger.home import SweepFolder
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

METRIC = "eval/probe_accuracy"


def sweep_in(folder: SweepFolder, **scheduler: object) -> None:
    """Six trials of four epochs of which the last was pruned, kept as a sweep keeps them."""
    sections = {"name": "x", "train": {"max_epochs": 4}, "search": {"beta": {"float": [0, 1]}}, "scheduler": scheduler}
    folder.path.mkdir(parents=True)
    folder.spec.write_text(yaml.safe_dump(sections))
    searcher = OptunaSearcher(parse_sweep(sections), folder.journal, folder.name)
    for number in range(6):
        searcher.suggest(str(number))
        for epoch in (1, 2, 3):
            searcher.on_trial_result(str(number), {"epoch": epoch, METRIC: (number * 7 % 5 + epoch) / 10})
        ended = "" if number == 5 else "max_epochs"
        searcher.on_trial_complete(str(number), {"epoch": 4, METRIC: number * 7 % 5 / 10, "ended": ended})
