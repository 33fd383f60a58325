"""A real (tiny, untrained) model scored on recordings that it never heard, beside controls and rivals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_model import tiny_config, tiny_state

from trainables.configs import AudioConfig
from trainables.corpus import Corpus, load_corpus
from trainables.errors import InputError
from tune.errors import InvalidInput
from tune.evaluate import MODEL, Evaluation, Question, evaluate
from tune.evaluation_table import facts, footnote, tables, verdicts
from tune.registry import model_metadata, save_embedder

CONFIG = tiny_config()
QUESTION = Question(backend="pedalboard", settings=4)
CONTROLS = {"untrained", "pca", "statistics_pca", "statistics", "random"}


def loudness_only(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> np.ndarray:
    """What `--against test_evaluate:loudness_only` asks."""
    assert dry.shape == wet.shape and sample_rate == CONFIG.sample_rate
    return np.stack([np.sqrt(np.square(clip).mean((1, 2))) for clip in (dry, wet)], axis=1)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AudioConfig(sample_rate=CONFIG.sample_rate, clip_samples=CONFIG.clip_samples), seed=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """A pulled model whose card says that it was trained on the first three recordings of the built-in corpus."""
    folder = tmp_path_factory.mktemp("pulled") / "model"
    save_embedder(folder, CONFIG, tiny_state(CONFIG), model_metadata(CONFIG, {}))
    known = {recording.content_id: recording.name for recording in corpus.recordings[:3]}
    (folder / "card.json").write_text(json.dumps({"audio": {"content_ids": {"train": known, "validation": {}}}}))
    return folder


@pytest.fixture(scope="module")
def evaluation(folder: Path) -> Evaluation:
    return evaluate("", str(folder), QUESTION, against=(str(folder), "test_evaluate:loudness_only"))


def test_model_rivals_and_controls_are_scored_on_the_same_clips(evaluation: Evaluation, folder: Path) -> None:
    assert set(evaluation.scores) == {MODEL, str(folder), "test_evaluate:loudness_only"} | CONTROLS
    assert evaluation.items == 80 and evaluation.scores[MODEL] == evaluation.scores[str(folder)]
    assert all(0.0 <= scores["probe_accuracy"] <= 1.0 for scores in evaluation.scores.values())
    assert len({scores["probe_accuracy"] for scores in evaluation.scores.values()}) > 1


def test_recordings_that_the_model_heard_are_left_out_of_the_built_in_corpus(evaluation: Evaluation, corpus: Corpus) -> None:
    heard = {recording.name for recording in corpus.recordings[:3]}
    assert evaluation.knows_training and not heard & set(evaluation.recordings)
    assert set(evaluation.recordings) <= {recording.name for recording in corpus.recordings}


def test_a_folder_with_a_recording_that_the_model_heard_is_refused_by_name(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    for recording in corpus.recordings[2:12]:
        name = recording.name.replace("/", "_")
        soundfile.write(tmp_path / f"{name}.wav", np.asarray(recording.samples).T, CONFIG.sample_rate, subtype="FLOAT")
    known = corpus.recordings[2].name.replace("/", "_")
    with pytest.raises(InputError, match=f"recording '{known}.wav': was trained on"):
        evaluate("", str(folder), Question(audio=str(tmp_path), backend="pedalboard", settings=4))


def test_the_same_question_has_the_same_answer(evaluation: Evaluation, folder: Path) -> None:
    again = evaluate("", str(folder), QUESTION)
    assert again.evaluation_hash == evaluation.evaluation_hash
    assert again.scores[MODEL] == evaluation.scores[MODEL]
    other = evaluate("", str(folder), Question(backend="pedalboard", settings=5))
    assert other.evaluation_hash != evaluation.evaluation_hash


@pytest.mark.parametrize("rival", ["nowhere.to_be:found", "test_evaluate:nothing", "json:"])
def test_a_rival_that_cannot_be_imported_is_refused(folder: Path, rival: str) -> None:
    with pytest.raises(InvalidInput, match=r"--against .*Install its package"):
        evaluate("", str(folder), QUESTION, against=[rival])


def test_too_few_settings_are_refused(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="--settings 3: at least 4"):
        evaluate("", str(folder), Question(settings=3))


def test_what_is_beaten_and_what_is_not_is_named_with_its_interval() -> None:
    def with_interval(value: float) -> dict[str, float]:
        return {"probe_accuracy": value, "probe_accuracy_low": value - 0.05, "probe_accuracy_high": value + 0.05}

    scores = {
        MODEL: with_interval(0.8),
        "pca": with_interval(0.5),
        "statistics": with_interval(0.75),
        "theirs": with_interval(0.9),
    }
    [sentence] = verdicts(Evaluation(scores, "e1", "mda", ("a", "b"), 80, knows_training=True))
    assert sentence == (
        "probe_accuracy 0.800 (0.750 to 0.850): beats pca 0.500 (0.450 to 0.550); is not told apart from, or is below, "
        "statistics 0.750 (0.700 to 0.800), theirs 0.900 (0.850 to 0.950)."
    )


def test_tables_and_facts_hold_every_column(evaluation: Evaluation) -> None:
    assert all([column.header for column in table.columns][1:] == list(evaluation.scores) for table in tables(evaluation))
    assert [table.row_count for table in tables(evaluation)] == [9, 19]
    assert json.loads(json.dumps(facts(evaluation)))["scores"][MODEL] == evaluation.scores[MODEL]
    assert "25 recordings that the model never heard" in footnote(evaluation) or "that the model never heard" in footnote(
        evaluation
    )
