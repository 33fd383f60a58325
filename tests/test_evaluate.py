"""A real (tiny, untrained) model scored on recordings that it never heard, beside controls and rivals."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_model import tiny_config, tiny_state

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.errors import InputError
from trainables.evaluation.outcomes import Outcome, share
from tune.cli import main
from tune.errors import InvalidInput
from tune.evaluation.evaluate import MODEL, Evaluation, evaluate
from tune.evaluation.evaluation_table import facts, footnote, tables, verdicts
from tune.evaluation.unheard_clips import Question
from tune.models.card import model_metadata
from tune.models.saved_embedder import save_embedder

CONFIG = tiny_config()
QUESTION = Question(backend="pedalboard", settings=4)
UNTRAINED_CONTROLS = {"untrained", "pca", "statistics_pca", "statistics", "random"}
CONTROLS = UNTRAINED_CONTROLS  # three recordings that the model heard are too few to train the seed study's model on


def loudness_only(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> np.ndarray:
    """What `--against test_evaluate:loudness_only` asks."""
    assert dry.shape == wet.shape and sample_rate == CONFIG.sample_rate
    return np.stack([np.sqrt(np.square(clip).mean((1, 2))) for clip in (dry, wet)], axis=1)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AudioConfig(sample_rate=CONFIG.sample_rate, clip_samples=CONFIG.clip_samples), seed=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """A pulled model, by its card trained on the first three recordings of the built-in corpus and chosen on the next two."""
    folder = tmp_path_factory.mktemp("pulled") / "model"
    save_embedder(folder, CONFIG, tiny_state(CONFIG), model_metadata(CONFIG, {}))
    known = {recording.content_id: recording.name for recording in corpus.recordings[:3]}
    chosen_on = {recording.content_id: recording.name for recording in corpus.recordings[3:5]}
    content_ids = {"train": known, "validation": {}, "evaluation": chosen_on}
    (folder / "card.json").write_text(json.dumps({"audio": {"content_ids": content_ids}}))
    return folder


@pytest.fixture(scope="module")
def evaluation(folder: Path) -> Evaluation:
    return evaluate("", str(folder), QUESTION, against=(str(folder), "test_evaluate:loudness_only"))


def test_model_rivals_and_controls_are_scored_on_the_same_clips(evaluation: Evaluation, folder: Path) -> None:
    assert set(evaluation.outcomes) == {MODEL, str(folder), "test_evaluate:loudness_only"} | CONTROLS
    accuracies = {column: evaluation.estimates(column)["probe_accuracy"] for column in evaluation.outcomes}
    assert evaluation.items == 80 and accuracies[MODEL] == accuracies[str(folder)]
    assert all(0.0 <= accuracy.value <= 1.0 for accuracy in accuracies.values())
    assert len({accuracy.value for accuracy in accuracies.values()}) > 1


def test_the_untrained_control_has_the_architecture_of_the_model(evaluation: Evaluation) -> None:
    """The model is untrained itself, from the same seed."""
    ours, control = (evaluation.estimates(column) for column in (MODEL, "untrained"))
    assert ours["probe_accuracy"] == control["probe_accuracy"]
    assert ours["unseen_gain"].value == 0.0 and "unseen_gain" not in control


def test_skill_is_told_of_the_model_alone_which_has_a_decoder(evaluation: Evaluation) -> None:
    assert "skill/delay" in evaluation.outcomes[MODEL]
    assert not any(name.startswith("skill") for column in CONTROLS for name in evaluation.outcomes[column])


def test_a_model_without_its_decoder_is_scored_all_the_same(folder: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "vae.safetensors").unlink()
    found = evaluate("", str(bare), QUESTION)
    assert "probe_accuracy" in found.outcomes[MODEL] and "skill/mean" not in found.outcomes[MODEL]
    assert "unseen_gain" not in found.estimates(MODEL)
    assert "untrained" not in found.outcomes and "untrained" not in found.knobs, "of another architecture it is no control"
    assert "No control `untrained`, no `unseen_gain` and no `skill`: the model's folder has no vae.safetensors" in footnote(found)


def test_a_control_that_cannot_be_made_is_told(evaluation: Evaluation) -> None:
    assert "wet_vae" not in evaluation.outcomes
    assert "No control `wet_vae`: it is trained on the built-in corpus, of which 3 recordings are not" in footnote(evaluation)
    assert "untrained" in evaluation.outcomes and "No control `untrained`" not in footnote(evaluation)


def test_that_nobody_knows_what_a_rival_heard_is_told(evaluation: Evaluation, folder: Path) -> None:
    assert "Nobody can tell whether test_evaluate:loudness_only heard these recordings" in footnote(evaluation)
    assert f"{folder} heard" not in footnote(evaluation), "its card tells"


def test_a_registered_rival_that_hears_other_clips_is_refused(folder: Path, tmp_path: Path) -> None:
    other = replace(CONFIG, sample_rate=CONFIG.sample_rate * 2)
    save_embedder(tmp_path / "rival", other, tiny_state(other), model_metadata(other, {}))
    with pytest.raises(InvalidInput, match=r"its sample_rate is \d+ and the model's is \d+\. Compare models of one kind"):
        evaluate("", str(folder), QUESTION, against=[str(tmp_path / "rival")])


def test_recordings_that_a_rival_heard_are_left_out_too_so_that_the_hash_is_another(
    folder: Path, evaluation: Evaluation, corpus: Corpus, tmp_path: Path
) -> None:
    rival = shutil.copytree(folder, tmp_path / "rival")
    known = {recording.content_id: recording.name for recording in corpus.recordings[3:6]}
    (rival / "card.json").write_text(json.dumps({"audio": {"content_ids": {"train": known, "validation": {}}}}))
    found = evaluate("", str(folder), QUESTION, against=[str(rival)])
    assert not set(found.recordings) & {recording.name for recording in corpus.recordings[:6]}
    assert found.evaluation_hash != evaluation.evaluation_hash


def test_recordings_that_the_model_heard_are_left_out_of_the_built_in_corpus(evaluation: Evaluation, corpus: Corpus) -> None:
    heard = {recording.name for recording in corpus.recordings[:3]}
    assert evaluation.knows_training and not heard & set(evaluation.recordings)
    assert set(evaluation.recordings) <= {recording.name for recording in corpus.recordings}


def test_the_seed_studys_model_is_trained_on_recordings_that_are_not_evaluated(
    folder: Path, corpus: Corpus, tmp_path: Path
) -> None:
    """Recordings of the built-in corpus in a folder: all of them but four are evaluated."""
    for recording in corpus.recordings[4:]:
        name = recording.name.replace("/", "_")
        soundfile.write(tmp_path / f"{name}.wav", np.asarray(recording.samples).T, CONFIG.sample_rate, subtype="FLOAT")
    found = evaluate("", str(folder), Question(audio=str(tmp_path), backend="pedalboard", settings=4))
    assert set(found.outcomes) == {MODEL, "wet_vae"} | UNTRAINED_CONTROLS and not found.remarks
    again = evaluate("", str(folder), Question(audio=str(tmp_path), backend="pedalboard", settings=4))
    assert again.estimates("wet_vae") == found.estimates("wet_vae")


def test_recordings_that_have_the_names_of_some_that_were_heard_are_told(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    """Quieter by a third, so that their samples are others."""
    renamed = shutil.copytree(folder, tmp_path / "model")
    known = {recording.content_id: f"elsewhere/{number}.WAV" for number, recording in enumerate(corpus.recordings[:3])}
    (renamed / "card.json").write_text(json.dumps({"audio": {"content_ids": {"train": known}}}))
    for number, recording in enumerate(corpus.recordings[1:11], 1):
        quieter = np.asarray(recording.samples).T / 1.5
        (tmp_path / "audio").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "audio" / f"{number}.flac", quieter, CONFIG.sample_rate)
    found = evaluate("", str(renamed), Question(audio=str(tmp_path / "audio"), backend="pedalboard", settings=4))
    (said,) = found.remarks
    assert said.startswith("'1.flac' and 1 more of these recordings have the names of some that the model was trained on")


def test_a_folder_with_a_recording_that_the_model_heard_is_refused_by_name(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    for recording in corpus.recordings[2:12]:
        name = recording.name.replace("/", "_")
        soundfile.write(tmp_path / f"{name}.wav", np.asarray(recording.samples).T, CONFIG.sample_rate, subtype="FLOAT")
    known, question = corpus.recordings[2].name.replace("/", "_"), Question(str(tmp_path), backend="pedalboard", settings=4)
    with pytest.raises(InputError, match=f"recording '{known}.wav': was trained on or validated on by this model, so"):
        evaluate("", str(folder), question)
    with pytest.raises(InputError, match="by this model or one beside it"):
        evaluate("", str(folder), question, against=[str(folder)])


@pytest.mark.parametrize("option", [("--effects", "delay"), ("--renders", "9"), ("--metric", "field"), ("--listening-test", "a")])
def test_what_is_asked_of_matchers_is_refused_for_a_model_that_embeds(
    folder: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    assert main(["evaluate", str(folder), *option]) == 2
    assert f"{option[0]}: is for a model that is a matcher; {folder} embeds" in " ".join(capsys.readouterr().err.split())


def test_the_same_question_has_the_same_answer(evaluation: Evaluation, folder: Path) -> None:
    again = evaluate("", str(folder), QUESTION)
    assert again.evaluation_hash == evaluation.evaluation_hash
    assert again.estimates(MODEL) == evaluation.estimates(MODEL)
    other = evaluate("", str(folder), Question(backend="pedalboard", settings=5))
    assert other.evaluation_hash != evaluation.evaluation_hash


@pytest.mark.parametrize("rival", ["nowhere.to_be:found", "test_evaluate:nothing", "json:", "broken_on_import:embed"])
def test_a_rival_that_cannot_be_imported_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rival: str
) -> None:
    (tmp_path / "broken_on_import.py").write_text("raise RuntimeError('a library of another version')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidInput, match=r"--against .*Install its package"):
        evaluate("", str(folder), QUESTION, against=[rival])


def failing(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> np.ndarray:
    raise RuntimeError("no weights")


def of_one_clip(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> np.ndarray:
    return np.ones((1, 4))


def not_finite(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> np.ndarray:
    return np.full((len(wet), 2), np.nan)


@pytest.mark.parametrize(
    ("rival", "told"),
    [
        ("failing", r"failed with RuntimeError: no weights\. It is called with dry and wet, each \(80, 1, \d+\) float32"),
        (
            "of_one_clip",
            r"answered with numbers of shape \(1, 4\), where one finite vector for each clip is needed: \(80, size\)",
        ),
        ("not_finite", r"answered with numbers of shape \(80, 2\), some not finite"),
    ],
)
def test_a_rival_that_does_not_embed_is_refused_with_what_it_did(folder: Path, rival: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=f"--against 'test_evaluate:{rival}': {told}"):
        evaluate("", str(folder), QUESTION, against=[f"test_evaluate:{rival}"])


@pytest.mark.parametrize(
    ("question", "told"),
    [(Question(settings=3), "--settings 3: at least 4"), (Question(audio="/nowhere"), "--audio /nowhere: is no folder")],
)
def test_what_cannot_be_asked_is_refused_before_a_model_is_looked_for(question: Question, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        evaluate("", "no such model", question)


def test_each_step_is_told(folder: Path) -> None:
    steps: list[str] = []
    evaluate("", str(folder), QUESTION, tell=steps.append)
    assert [step.split()[0] for step in steps] == ["reading", "rendering", "embedding", "making", "scoring"]


def made_up(outcomes: dict[str, dict[str, Outcome]]) -> Evaluation:
    return Evaluation(outcomes, {}, ("theirs",), "e1", "mda", ("a", "b"), 80, 8, knows_training=True, chosen_on=0)


def test_what_leaks_less_beats_what_leaks_more() -> None:
    recordings = np.repeat([f"r{number}" for number in range(10)], 10)
    leaks = {
        name: {"recording_leakage": share(np.arange(100) % 10 < tenths, recordings)} for name, tenths in ((MODEL, 3), ("pca", 6))
    }
    [sentence] = verdicts(made_up(leaks))
    assert sentence == "recording_leakage 0.300 (0.300 to 0.300): beats pca by -0.300 (-0.300 to -0.300)."


def test_what_is_beaten_and_what_is_not_is_named_with_the_interval_of_the_lead() -> None:
    recordings = np.repeat([f"r{number}" for number in range(10)], 10)
    nth = np.arange(100) % 10

    def right(tenths: int) -> dict[str, Outcome]:
        return {"probe_accuracy": share(nth < tenths, recordings)}

    same = share(np.roll(nth < 8, 7), recordings)
    outcomes = {MODEL: right(8), "pca": right(5), "same": {"probe_accuracy": same}, "theirs": right(9)}
    [sentence] = verdicts(made_up(outcomes))
    assert sentence == (
        "probe_accuracy 0.800 (0.800 to 0.800): beats pca by +0.300 (+0.300 to +0.300); is not told apart from "
        "same +0.000 (+0.000 to +0.000); is beaten by theirs by -0.100 (-0.100 to -0.100)."
    )


def test_tables_hold_every_column_and_knob(evaluation: Evaluation) -> None:
    scores, by_effect, knobs = tables(evaluation)
    assert all([column.header for column in table.columns][1:] == list(evaluation.outcomes) for table in (scores, by_effect))
    assert scores.row_count == 12 and by_effect.row_count == 10 + 4 * 9
    assert knobs.row_count == len(evaluation.knobs[MODEL]) > 20


def test_facts_tell_every_score_of_model_controls_and_rivals_with_its_interval(evaluation: Evaluation, folder: Path) -> None:
    told = json.loads(json.dumps(facts(evaluation), allow_nan=False))
    assert set(told["controls"]) == CONTROLS and set(told["against"]) == {str(folder), "test_evaluate:loudness_only"}
    for scores in (told["scores"], *told["controls"].values(), *told["against"].values()):
        assert {"probe_accuracy", "retrieval/delay", "recording_chance"} <= set(scores)
        assert all(estimate["low"] <= estimate["high"] for estimate in scores.values())
    assert set(told["leads"]["probe_accuracy"]) == set(told["controls"]) | set(told["against"])
    assert {"effect", "knob", "unit", "r2", "error", "mean_error"} == set(told["knobs"][MODEL][0])
    assert told["chosen_on"] == 2 and told["remarks"] == list(evaluation.remarks)
    assert "that the model never heard" in footnote(evaluation)
    assert "2 of these recordings are those by which its sweep chose the model" in footnote(evaluation)
    assert "chose" not in footnote(replace(evaluation, chosen_on=0))
