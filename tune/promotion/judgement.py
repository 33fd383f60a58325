"""What judging the candidates of a sweep has given: the same of models that embed and of matchers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus
from tune.ledger.home import decoded_store
from tune.promotion.contest import Contest
from tune.promotion.ended_sweep import EndedSweep
from tune.promotion.recordings import Known, given_corpus, kept_corpus, kept_recordings, known_by_card
from tune.promotion.request import Request


@dataclass(frozen=True)
class Judgement:
    """What came out.

    Attributes:
        contests: one for each candidate.
        winner: the best one's, with the models of other seeds beside it.
        score: what all were judged by, as people are told; more is better.
        evaluation_hash: of everything that all were judged on.
        recordings: names of those.
        remarks: sentences on what makes the champion look better than it is.
    """

    contests: tuple[Contest, ...]
    winner: Contest
    score: str
    evaluation_hash: str
    recordings: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def audio_and_corpus(home: Path, ended: EndedSweep, champion: Collection[Known], request: Request) -> tuple[AudioConfig, Corpus]:
    """Recordings that no contender knows: those that were kept from the sweep, or those of a folder.

    Raises:
        InvalidInput: none were kept, or no such folder. InputError: a recording that a contender knows; too few.
    """
    sweep = ended.sweep
    if request.audio is None:
        kept = kept_recordings(ended.card)
        return sweep.audio, kept_corpus(sweep.audio, sweep.seed, decoded_store(home), kept, champion)
    audio = replace(sweep.audio, path=request.audio, add_synthetic=False, promotion_share=0.0)
    trials = known_by_card(f"the trials of sweep {ended.name}", ended.card)
    return audio, given_corpus(audio, sweep.seed, [trials, *champion])
