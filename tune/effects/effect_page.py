"""One effect for people: what each knob does, how far it is heard, and how the effect behaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trainables.effects import Effect
from trainables.effects.measured.behaviour import LONGEST_TAIL_SECONDS, Behaviour
from trainables.effects.measured.knob_measurement import Heard, KnobMeasurement
from trainables.effects.measured.manifest import Manifest
from trainables.parameters import Parameter

MEMORY = {
    "none": "none: what comes out depends on nothing earlier",
    "fades": "what came before is heard for a while",
    "lasts": f"what came before still shapes the sound after {LONGEST_TAIL_SECONDS:g} s",
}
HEARD = (
    "Heard: how far the knob moves the sound over its travel at equal level, in dB (log-spectral distance, median over"
    " clips). From 1 dB on it counts; rarely: only in some clips."
)


def effect_page(effect: Effect, manifest: Manifest | None, source: str) -> Group:
    """Everything that is known of an effect.

    Args:
        effect: the installed one.
        manifest: what was measured of it, perhaps of another build.
        source: what it was asked for by.
    """
    measured = {knob.name: knob for knob in manifest.measurement.knobs} if manifest else {}
    parts: list[Table | Text] = [Text(f"{effect.name}: {effect.title} ({effect.backend})\n", "bold")]
    parts.append(_knob_table(effect.parameters, measured))
    if manifest:
        warning = _never_heard(effect.parameters, measured)
        parts += [Text(f"\n{HEARD}\n", "dim"), *([Text(warning, "yellow")] if warning else [])]
        parts.append(_behaviour_table(manifest.measurement.behaviour))
    parts.append(Text(("" if manifest else "\n") + _build(effect, manifest, source)))
    return Group(*parts)


def verdict(heard: Heard | None) -> str:
    """`10.8` dB, `rarely`, `never`; `-` if the effect refuses so many channels."""
    if heard is None:
        return "-"
    return f"{heard.median_db:.1f}" if heard.audible else "rarely" if heard.ever else "never"


def why_frozen(parameter: Parameter, measured: KnobMeasurement | None) -> str:
    """Why a knob stays at its default, as far as its kind and the measurement tell."""
    if parameter.kind in ("list", "toggle"):
        return "its values have no order"
    sounds = [heard for heard in (measured.mono, measured.stereo) if heard] if measured else []
    if measured and sounds and not any(heard.ever for heard in sounds):
        return "only the level" if measured.level_db else "cannot be heard"
    if measured and measured.mono and not measured.mono.ever:
        return "cannot be heard in mono"
    return ""


def knob_range(parameter: Parameter) -> str:
    """`20 to 8000 Hz, log`; a list's choices are not numbers, so none."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    scale = ", log" if parameter.scale == "log" else ""
    return f"{parameter.low:g} to {parameter.high:g}{unit}{scale}"


def _knob_table(parameters: Sequence[Parameter], measured: dict[str, KnobMeasurement]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("knob", "range", "default", "kind"):
        table.add_column(heading, no_wrap=heading in ("knob", "default"), overflow="fold")
    for heading in ("mono", "stereo") if measured else ():
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what it does", ratio=1)
    for parameter in sorted(parameters, key=lambda p: p.frozen):
        knob = measured.get(parameter.name)
        heard = (verdict(knob.mono), verdict(knob.stereo)) if knob else ("?", "?") if measured else ()
        kind = _kind(parameter, knob)
        cells = (parameter.name, knob_range(parameter), f"{parameter.default:g}", kind, *heard, _meaning(parameter, knob))
        table.add_row(*map(escape, cells), style="dim" if parameter.frozen else None)
    return table


def _kind(parameter: Parameter, knob: KnobMeasurement | None) -> str:
    steps = f", {knob.steps} steps" if knob and parameter.kind == "staircase" else ""
    return f"{parameter.kind}{steps}{', frozen' if parameter.frozen else ''}"


def _meaning(parameter: Parameter, knob: KnobMeasurement | None) -> str:
    told = all(choice in parameter.meaning for choice in parameter.choices)
    choices = "" if told else f" [{', '.join(parameter.choices)}]"
    why = why_frozen(parameter, knob) if parameter.frozen else ""
    notes = (f"frozen: {why}" if why else "", "means something else at other sample rates" if parameter.rate_dependent else "")
    return "; ".join(filter(None, (parameter.meaning + choices, *notes)))


def _never_heard(parameters: Sequence[Parameter], measured: dict[str, KnobMeasurement]) -> str:
    """A warning of free knobs that change nothing; empty if there are none."""
    free = [measured[p.name] for p in parameters if not p.frozen and p.name in measured]
    silent = [knob.name for knob in free if not any(heard and heard.ever for heard in (knob.mono, knob.stereo))]
    if not silent:
        return ""
    why = "A sweep draws them for nothing, perhaps because a frozen knob at its default leaves them nothing to work on."
    return f"Never heard: {', '.join(silent)}. {why}\n"


def _behaviour_table(behaviour: Behaviour) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, told in _sentences(behaviour):
        table.add_row(name, told)
    return table


def _sentences(behaviour: Behaviour) -> Iterator[tuple[str, str]]:
    latency, tail, blocks = behaviour.latency_samples, behaviour.tail_seconds, behaviour.block_difference_db
    early = "early: it hears, or rings, ahead" if latency < 0 else "late"
    yield "latency", f"{abs(latency)} samples {early}" if latency else "none"
    length = f"{LONGEST_TAIL_SECONDS:g} s or more" if tail > LONGEST_TAIL_SECONDS - 0.05 else f"{tail:g} s"
    yield "tail", f"{length} until it is 60 dB down" if tail else "none"
    yield "state", MEMORY[behaviour.memory]
    yield "motion", "moves by itself: the same sound later comes out otherwise" if behaviour.moves else "none of its own"
    if not behaviour.repeats:
        yield "repeats", "no: the same sound does not come out the same twice"
    yield "blocks", f"depends on their size ({blocks:g} dB): it is always 8192 samples" if blocks else "of any size"
    yield "rates", f"{behaviour.rate_difference_db:g} dB between a sample rate of 22.05 and of 44.1 kHz"


def _build(effect: Effect, manifest: Manifest | None, source: str) -> str:
    if manifest is None:
        return f"Build {effect.identity}. Nothing was measured of it: fxsweep effects '{source}' --measure"
    if manifest.identity != effect.identity:
        remedy = f"Measure it: fxsweep effects '{source}' --measure"
        return f"Build {effect.identity}, which is NOT the build measured ({manifest.identity}). {remedy}"
    return f"build    {effect.identity}, the one measured"
