"""Rendering the takes of a block, with others in the place of those that cannot be rendered.

A take whose plugin hung or crashed is tried ten times: the reasons may pass. One that is refused, not finite or silent
would be so again, and is tried once. What fails is recorded, and the pair of takes that shares its settings gets other
settings, drawn from a stream of its own; so the same take is replaced by the same one everywhere, and no other take changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from trainables.corpus.corpus import Audio, Corpus, Recording
from trainables.effects import Effect
from trainables.effects.effect import NotFinite
from trainables.errors import InputError, TakeFailed
from trainables.rendering.rendering import draw_takes, drawn_settings, render, take_random
from trainables.rendering.takes import BlockRequest, Rejection, RenderPlan, Take

TRIES = 10
MOST_REPLACEMENTS = 10

Render = Callable[[Take, Recording, Effect, RenderPlan], tuple[Audio, Audio]]


@dataclass(frozen=True)
class RenderedTake:
    """A take with its audio, each (channels, samples) float32."""

    take: Take
    dry: Audio
    wet: Audio


@dataclass(frozen=True)
class _Job:
    """What the rendering of a block needs beside its takes."""

    plan: RenderPlan
    request: BlockRequest
    recordings: Mapping[str, Recording]
    effect: Effect
    render: Render


def render_takes(
    request: BlockRequest, plan: RenderPlan, corpus: Corpus, effect: Effect, render_take: Render = render
) -> tuple[list[RenderedTake], tuple[Rejection, ...]]:
    """All takes of a block, and those that others had to replace.

    Raises:
        InputError: an effect fails at ten random settings one after another.
    """
    recordings = {recording.name: recording for recording in corpus.recordings}
    job = _Job(plan, request, recordings, effect, render_take)
    takes = draw_takes(plan, corpus, effect, request)
    rendered: list[RenderedTake] = []
    rejected: list[Rejection] = []
    for place in range(0, len(takes), 2):
        pair, failures = _render_pair(job, place // 2, takes[place : place + 2])
        rendered += pair
        rejected += failures
    return rendered, tuple(rejected)


def _render_pair(job: _Job, place: int, takes: Sequence[Take]) -> tuple[list[RenderedTake], list[Rejection]]:
    """Both takes of a setting, or of the first settings after it that can be rendered."""
    failures: list[Rejection] = []
    for count in range(MOST_REPLACEMENTS + 1):
        settings = takes[0].settings if count == 0 else _other_settings(job, place, count)
        rendered, failure = _attempt_all(job, [replace(take, settings=settings) for take in takes])
        if failure is None:
            return rendered, failures
        failures.append(failure)
    rule = f"could not be rendered at {MOST_REPLACEMENTS + 1} random settings one after another, last: {failures[-1].reason}."
    raise InputError(f"effect '{job.request.effect}'", rule, "Leave it out of the sweep, or narrow its knobs.")


def _attempt_all(job: _Job, takes: Sequence[Take]) -> tuple[list[RenderedTake], Rejection | None]:
    """All of them, or those before the first that fails; the others would be replaced with it."""
    rendered: list[RenderedTake] = []
    for take in takes:
        outcome = _attempt(job, take)
        if isinstance(outcome, Rejection):
            return rendered, outcome
        rendered.append(outcome)
    return rendered, None


def _other_settings(job: _Job, place: int, count: int) -> tuple[tuple[str, float], ...]:
    return drawn_settings(job.effect, take_random(job.plan.seed, job.request, (place + 1, count)))


def _attempt(job: _Job, take: Take) -> RenderedTake | Rejection:
    reason = ""
    for _ in range(TRIES):
        try:
            dry, wet = job.render(take, job.recordings[take.recording], job.effect, job.plan)
        except TakeFailed as error:
            reason = str(error)
            continue
        except InputError as error:
            return Rejection(take, f"{'not finite' if isinstance(error, NotFinite) else 'refused'}: {error}", 1)
        if wet.any():
            return RenderedTake(take, dry, wet)
        return Rejection(take, "silent", 1)  # it would be silent again: nothing to learn, and no level to bring to another
    return Rejection(take, reason, TRIES)
