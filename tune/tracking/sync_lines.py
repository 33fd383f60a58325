"""What `fxsweep sync` says."""

from __future__ import annotations

from dataclasses import asdict

from tune.tracking.sync import Synced

NOUNS = {
    "runs": "runs made",
    "ended": "runs ended",
    "points": "values of metrics",
    "params": "parameters",
    "tags": "tags",
    "files": "files",
}


def sync_lines(synced: Synced) -> list[str]:
    """`small: written to URI: 6 runs made, 4120 values of metrics, ...`, and what became of the model."""
    counts = {NOUNS[kind]: count for kind, count in asdict(synced.written).items() if count}
    if synced.doubles:
        counts["empty doubles of runs removed"] = synced.doubles
    told = ", ".join(f"{count} {noun}" for noun, count in counts.items())
    runs = f"{len(synced.trial_runs)} trials"
    head = f"written to {synced.uri}: {told}" if told else f"{synced.uri} has everything already, of {runs}"
    return [f"{synced.name}: {head}.", _model_line(synced)]


def _model_line(synced: Synced) -> str:
    model = synced.model
    if model.why_not:
        return f"model: none is registered; {model.why_not}."
    return f"model: {model.name} version {model.version}, {'registered now' if model.is_new else 'as it was'}."
