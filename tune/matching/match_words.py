"""What `fxsweep match` says it did, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from tune.matching.match import Matched

LISTENED_BY = {
    "mel": "",
    "embedding": ", by the model's embedding",
    "metric": ", by the metric that results are scored by (MR-STFT): an upper bound, and no fair result",
}
CLOSE, CLEAR = 0.3, 0.7  # of the distance before: what is left where the match is close, and where it is still clear


def sentences(done: Matched) -> Iterator[str]:
    """Lines for people."""
    if done.did_nothing:
        yield f"{done.output}: the input as it is. {_why_nothing(done)}"
        return
    if len(done.ranking) > 1:
        yield f"Of {len(done.ranking)} effects {_found(done)}, then {' and '.join(done.ranking[1:3])}."
    values = ", ".join(
        f"{name} {value:.4g}{' ' + unit if (unit := done.units[name]) else ''}" for name, value in done.settings.items()
    )
    yield f"{done.output}: {done.effect}{_backend(done)} with {values}; level {done.gain_db:+.1f} dB{_held_back(done)}."
    over = f" over {done.renders} renders" if done.renders else ""
    yield f"{_told_distance(done)}{over}. Settings: {done.settings_file}"


def _found(done: Matched) -> str:
    return (
        f"{done.ranking[0]} comes nearest" if done.mode == "paired" else f"{done.ranking[0]} is the likeliest to have been used"
    )


def _backend(done: Matched) -> str:
    """Whose effects plain names mean, where there is one: a plugin is what it is."""
    return f" ({done.backend})" if any(":" not in part for part in done.effect.split(">")) else ""


def _held_back(done: Matched) -> str:
    return f", {done.held_back_db:.1f} dB below the reference's, so that it does not clip" if done.held_back_db >= 0.05 else ""


def _told_distance(done: Matched) -> str:
    values = f"from {done.distance_before:.2f} to {done.distance_after:.2f} {done.unit}".strip()
    if done.mode == "paired":
        return f"{_sureness(done.ratio)}: the distance to the reference fell {values}{LISTENED_BY[done.distance]}"
    if not done.renders:
        return f"Unheard: the settings are those that the model proposes, and nothing was tried; {_foreseen(done, values)}"
    return (
        f"{_guess(done.ratio)}, which without the reference's dry version is expected and not heard: the distance fell {values}"
    )


def _why_nothing(done: Matched) -> str:
    if done.reason == "alike":
        return "It sounds like the reference already."
    if done.reason == "unexplained":
        return (
            f"Its content is another one than the reference's, so that none of {len(done.ranking)} effects sounds like it, and "
            "which one was used cannot be told. Name it with --effect, or give the reference's dry version."
        )
    if done.mode == "blind" and not done.renders:
        return (
            "Nothing was tried: the model foresees that its own proposal would be no closer to what is right than doing nothing. "
            "With --renders 96 it listens."
        )
    if done.reason == "foreseen":
        told = "The reference is of other content, and the model foresees too little of a gain to change anything."
        return f"{told} Which effect it was, --effect can say." if len(done.ranking) > 1 else told
    if done.mode == "blind":
        return "Of all settings that may be right, none is expected to come closer than doing nothing."
    return "Nothing that was tried is closer to the reference than doing nothing."


def _foreseen(done: Matched, values: str) -> str:
    """Without a gate the distance after is told as none."""
    return f"it foresees that the distance falls {values}" if done.distance_after > 0.0 else "it foresees nothing"


def _guess(ratio: float) -> str:
    if ratio <= CLOSE:
        return "Probably much nearer"
    return "Probably nearer" if ratio <= CLEAR else "Perhaps a little nearer"


def _sureness(ratio: float) -> str:
    if ratio <= CLOSE:
        return "A close match"
    return "A clear step towards it" if ratio <= CLEAR else "A small step towards it"
