"""What `fxsweep evaluate` prints of a matcher: paired and blind apart, the same recording and others apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from rich.table import Table

from trainables.evaluation.outcomes import Estimate
from trainables.matching.cell import Cell, recognised
from trainables.matching.contenders import MATCHER
from trainables.matching.measures import UNITS
from trainables.matching.takes import MODES, Mode
from trainables.matching.which_effect import TOP
from tune.evaluation.evaluate_matcher import MatcherEvaluation
from tune.evaluation.matcher_contests import RELATIONS
from tune.evaluation.matcher_facts import cells_of, knob_rows

NEVER_WORSE = 1.03
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "mel_distance": "mel spectrum",
        "centroid": "centroid",
        "crest_factor": "crest factor",
        "rms": "RMS",
        "loudness": "loudness",
        "waveform": "waveform",
    }
)


def tables(evaluation: MatcherEvaluation) -> list[Table]:
    """Two for each mode: by the metric, beside everybody else; and by other measures, of the matcher alone."""
    made = [(mode, cells_of(evaluation, mode)) for mode in MODES]
    return [table for mode, cells in made for table in (_table(mode, cells), _measures(mode, cells))]


def verdicts(evaluation: MatcherEvaluation) -> Iterator[str]:
    """How many effects are better than doing nothing, how many ahead of search alone, and which knobs and effects are found."""
    for mode in MODES:
        cells = cells_of(evaluation, mode)
        beaten = [cell.effect for cell in cells if cell.beaten]
        harmed = [cell.effect for cell in cells if cell.outcome(MATCHER).estimate().high >= NEVER_WORSE]
        search = next(name for name in cells[0].contenders if name.startswith("search alone"))
        ahead = [cell.effect for cell in cells if cell.outcome(MATCHER).value < cell.outcome(search).value]
        mean = sum(cell.outcome(MATCHER).value for cell in cells) / len(cells)
        yield (
            f"{mode}: better than doing nothing on {len(beaten)} of {len(cells)} effects, mean ratio {mean:.2f}; "
            f"ahead of {search} renders on {len(ahead)}; interval reaches {NEVER_WORSE:g} on {', '.join(harmed) or 'none'}."
        )
    yield from _knob_verdict(evaluation)
    if evaluation.asked_which:
        yield from (_which_verdict(evaluation, mode) for mode in MODES)


def footnote(evaluation: MatcherEvaluation) -> str:
    """What was measured on what."""
    items = len(evaluation.cells[0].played)
    told = (
        f"Ratios of the mean multi-resolution STFT distance ({evaluation.metric} settings) to that of doing nothing, both at "
        f"equal level: below 1 is better; in brackets 95 % intervals over recordings. {items} items a cell of "
        f"{len(evaluation.recordings)} recordings that the matcher never heard; every search listens to log-mel spectrograms, "
        "not to this metric. same, other: the recording of the reference. The second tables are ratios of the matcher's mean "
        "error by other measures to that of doing nothing; RMS and loudness are of what the effect alone gives, the others at "
        f"equal level. --json has them for everybody. Evaluation {evaluation.evaluation_hash}."
    )
    if not evaluation.chosen_on:
        return told
    return f"{told} Its sweep compared its trials on {evaluation.chosen_on} of these recordings."


def _table(mode: Mode, cells: Sequence[Cell]) -> Table:
    table = _empty(mode)
    columns = list(cells[0].contenders)
    for column in (*columns, *RELATIONS, "better", "nothing"):
        table.add_column(column, justify="right")
    for cell in cells:
        others = [f"{cell.outcome(name).value:.2f}" for name in columns if name != MATCHER]
        related = [f"{cell.outcome(MATCHER, relation).value:.2f}" for relation in RELATIONS]
        shares = [f"{100 * share:.0f} %" for share in (cell.better_share(MATCHER), cell.gated_share)]
        table.add_row(cell.effect, _told(cell.outcome(MATCHER).estimate()), *others, *related, *shares)
    return table


def _measures(mode: Mode, cells: Sequence[Cell]) -> Table:
    table = _empty(f"{mode}, by")
    for measure in UNITS:
        table.add_column(TITLES[measure], justify="right")
    for cell in cells:
        table.add_row(cell.effect, *(_told(cell.measured(MATCHER, measure).estimate()).replace(" to ", "-") for measure in UNITS))
    return table


def _empty(title: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(title)
    return table


def _told(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _knob_verdict(evaluation: MatcherEvaluation) -> Iterator[str]:
    rows = [row for cell in cells_of(evaluation, "paired") for row in knob_rows(evaluation, cell)]
    known = [row for row in rows if row["identifiable"]]
    found = [row for row in known if row["error"] < row["mean_error"]]
    missed = ", ".join(f"{row['effect']}.{row['knob']}" for row in known if row not in found) or "none"
    unheard = ", ".join(f"{row['effect']}.{row['knob']}" for row in rows if not row["identifiable"]) or "none"
    yield (
        f"paired: {len(found)} of {len(known)} identifiable knobs are nearer than guessing the mean; not: {missed}. "
        f"Not identifiable: {unheard}."
    )


def _which_verdict(evaluation: MatcherEvaluation, mode: Mode) -> str:
    cells, known = cells_of(evaluation, mode), len(evaluation.candidates)
    told = []
    for top in (top for top in TOP if top < known):
        found = recognised(cells, top).estimate()
        where = "first" if top == 1 else f"among the first {top}"
        share = f"{100 * found.value:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"
        told.append(f"{where} in {share}, by chance in {100 * top / known:.0f} %")
    missed = [cell.effect for cell in cells if recognised((cell,), 1).value <= 1 / known]
    return f"{mode}, no effect told: the right one of {known} is {'; '.join(told)}. Not known: {', '.join(missed) or 'none'}."
