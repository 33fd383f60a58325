"""The page of trials side by side: what differs, their curves, their scores by effect, and their latent maps, to be heard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainables.diagnosis.check import counted, listed
from trainables.pages.filled import script_data
from tune.analysis.compare import AT_ONCE, Row, comparison, effect_scores
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus
from tune.pages.clip_maps import ClipMaps, maps_figure, read_clip_maps
from tune.pages.compared_figures import curves_beside, effects_beside
from tune.pages.material import Material, estimate
from tune.pages.shell import Figure, Html, Page, Section, Table, html
from tune.pages.whole_file import write_whole
from tune.space.names import run_name

FILE = "side_by_side.html"
TITLE = "Trials side by side"
SCRIPT = Path(__file__).with_name("side_by_side.js")
BY_EFFECT = (
    ("eval/probe_recall/", "recalls", "Recognised, by effect", "clips of that effect recognised (%)", 100.0),
    ("eval/skill/", "skills", "Rebuilt, by effect", "better than copying the dry clip (1 is perfect, below 0 is worse)", 1.0),
)
NOT_EFFECTS = ("mean", "mean_low", "mean_high", "dry")
HEAR = (
    "Point at a clip to see the same one in each map; click it to hear it, wet and then dry, and again to stop. Keys: Tab to the "
    "maps, arrows to go from clip to clip, Enter to hear, Escape to stop."
)


def compare_page(material: Material, folder: SweepFolder, trials: Sequence[TrialStatus], file: str = FILE) -> Page:
    """Of trials that have completed an epoch each."""
    maps = read_clip_maps(folder, trials)
    rows = comparison(material, trials)
    return Page(
        file=file,
        title=TITLE,
        question=f"How do {_named(trials)} differ?",
        basis=_basis(material, trials),
        answer=tuple(_answer(material, trials, rows)),
        first=(_table(trials, rows),),
        sections=(
            Section("Curves", (Figure(curves_beside(material, trials), ""),)),
            *_by_effect(trials),
            *_maps(maps, trials),
        ),
        wide=True,
        script=_script(maps),
    )


def best_beside(material: Material, folder: SweepFolder) -> Page | None:
    """The page of the best trials; None before there are two."""
    trials = [trial for trial in material.ranked if trial.number in material.courses][:AT_ONCE]
    return compare_page(material, folder, trials) if len(trials) > 1 else None


def write_comparison(material: Material, folder: SweepFolder, trials: Sequence[TrialStatus]) -> Path:
    """The page in a file of its own below the sweep's folder, with its figures as PNG."""
    from tune.analysis.sweep_pages import write_figures

    file = f"trials-{'-'.join(str(trial.number) for trial in trials)}.html"
    page = compare_page(material, folder, trials, file)
    compared = folder.path / "compared"
    compared.mkdir(exist_ok=True)
    write_figures(page, compared / file.removesuffix(".html"))
    return write_whole(compared / file, html(page, folder.name).encode())


def _named(trials: Sequence[TrialStatus]) -> str:
    numbers = [str(trial.number) for trial in trials]
    return f"trials {listed(numbers)}" if len(numbers) > 1 else f"trial {numbers[0]}"


def _basis(material: Material, trials: Sequence[TrialStatus]) -> str:
    best = material.status.best()
    told = "; ".join(f"{trial.number}: {run_name(trial.params)}{' (the best)' if trial == best else ''}" for trial in trials)
    return f"{told}. All are scored on the same clips ({material.status.evaluation_hash})."


def _answer(material: Material, trials: Sequence[TrialStatus], rows: Sequence[Row]) -> list[str]:
    scores = [(trial, score) for trial in trials if (score := estimate(trial, material.metric))]
    if not scores:
        return ["None of them has a score yet."]
    first, top = max(scores, key=lambda pair: material.sign * pair[1].value)
    measure = material.measure
    apart = [str(t.number) for t, s in scores if t != first and (s.high < top.low if material.sign > 0 else s.low > top.high)]
    near = [str(t.number) for t, _ in scores if t != first and str(t.number) not in apart]
    ends = f" ({measure.text(top.low)} to {measure.text(top.high)})" if top.low == top.low else ""
    told = [f"Trial {first.number} has the best {measure.name}: {measure.told(top.value)}{ends}."]
    told += [f"Its interval lies apart from those of {listed(apart)}."] if apart else []
    told += [f"It overlaps with those of {listed(near)}: these cannot surely be told apart."] if near else []
    differ = [row.name for row in rows if row.kind == "setting" and row.differs]
    return [" ".join(told), f"They differ in {listed(differ)}." if differ else "They have the same settings."]


def _table(trials: Sequence[TrialStatus], rows: Sequence[Row]) -> Table:
    heads = tuple(f"trial {trial.number}" for trial in trials)
    strong = frozenset(place for place, row in enumerate(rows) if row.kind == "setting" and row.differs)
    return Table(("", *heads), tuple((row.name, *row.cells) for row in rows), frozenset({""}), strong, wraps=True)


def _by_effect(trials: Sequence[TrialStatus]) -> list[Section]:
    found = []
    for prefix, name, heading, label, factor in BY_EFFECT:
        scores = [{k: factor * v for k, v in effect_scores(trial, prefix).items() if k not in NOT_EFFECTS} for trial in trials]
        if any(scores):
            drawn = effects_beside(name, trials, scores, label)
            effects = list(dict.fromkeys(effect for each in scores for effect in each))
            rows = [(effect, *(f"{each[effect]:.3g}" if effect in each else "-" for each in scores)) for effect in effects]
            heads = ("effect", *(f"trial {trial.number}" for trial in trials))
            numbers = Table(heads, tuple(rows), frozenset({"effect"}))
            found.append(Section(heading, (Figure(drawn, "Hollow: the trial never heard that effect in training.", numbers),)))
    return found


def _maps(maps: ClipMaps, trials: Sequence[TrialStatus]) -> list[Section]:
    told = [f"No latent map of {counted(len(maps.missing), 'trial')} ({listed(list(map(str, maps.missing)))}) is drawn."]
    parts: list[object] = [*told] if maps.missing else []
    if maps.maps:
        titles = {trial.number: f"{trial.number}: {run_name(trial.params)}" for trial in trials}
        drawing = maps_figure(maps, titles)
        parts += [Figure(drawing, "UMAP keeps neighbours together; distances between far groups mean little."), HEAR, PLAYER]
    return [Section("Latent maps", tuple(parts))] if parts else []


PLAYER = Html('<p id="heard" role="status" aria-live="polite"></p><audio id="player"></audio>\n')


def _script(maps: ClipMaps) -> str:
    if not maps.maps:
        return ""
    clips = [[clip.effect, clip.recording, clip.settings, clip.wet, clip.dry] for clip in maps.clips]
    data = script_data({"clips": clips, "sounds": maps.sounds})
    return f"const DATA = {data};\n{SCRIPT.read_text(encoding='utf-8')}"
