"""Which recordings a promotion is judged by: none that a contender knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.errors import InputError
from tune.errors import InvalidInput
from tune.promotion.recordings import Known, kept_corpus, kept_recordings, known_by_card

AUDIO = AudioConfig(sample_rate=8000, clip_samples=4096, promotion_share=0.3)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, 0)


def kept(corpus: Corpus) -> dict[str, str]:
    return {one.content_id: one.name for one in corpus.partition("promotion")}


def test_what_was_kept_is_evaluated_on_and_nothing_else(corpus: Corpus, tmp_path: Path) -> None:
    found = kept_corpus(AUDIO, 0, tmp_path, kept(corpus), [])
    assert {one.content_id: one.name for one in found.recordings} == kept(corpus)
    assert {one.partition for one in found.recordings} == {"evaluation"} and found.identity != corpus.identity


def test_what_the_champion_knows_from_elsewhere_is_left_out(corpus: Corpus, tmp_path: Path) -> None:
    names = kept(corpus)
    heard, chosen_on, *others = names
    known = Known("fx version 1", {heard: names[heard]}, {chosen_on: names[chosen_on]})
    found = kept_corpus(AUDIO, 0, tmp_path, names, [known])
    assert {one.content_id for one in found.recordings} == set(others)
    assert found.identity != kept_corpus(AUDIO, 0, tmp_path, names, []).identity, "other recordings, another evaluation hash"


def test_too_few_are_refused_with_the_names_of_those_that_are_known(corpus: Corpus, tmp_path: Path) -> None:
    names = kept(corpus)
    known = Known("fx version 1", dict(list(names.items())[3:]))
    with pytest.raises(InputError, match=r"3 recordings: are left that no contender knows, and 4 are needed") as caught:
        kept_corpus(AUDIO, 0, tmp_path, names, [known])
    assert all(name in str(caught.value) for name in known.heard.values()) and "--audio DIR" in str(caught.value)


def test_recordings_that_are_gone_are_named(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"recording 'lost\.wav': was kept for a promotion and is not in synthetic any more"):
        kept_corpus(AUDIO, 0, tmp_path, kept(corpus) | {"1234": "lost.wav"}, [])


def test_a_sweep_that_kept_nothing_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"--set audio\.promotion_share=0"):
        kept_corpus(AUDIO, 0, tmp_path, {}, [])


def test_a_card_tells_what_its_model_knows() -> None:
    card = {
        "audio": {
            "content_ids": {"train": {"a": "1"}, "validation": {"b": "2"}, "evaluation": {"c": "3"}, "promotion": {"d": "4"}}
        }
    }
    assert known_by_card("x", card) == Known("x", {"a": "1", "b": "2"}, {"c": "3"})
    assert kept_recordings(card) == {"d": "4"}
    assert known_by_card("x", {}) == Known("x") and kept_recordings({}) == {}
