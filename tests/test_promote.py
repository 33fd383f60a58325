"""`fxsweep promote` with real audio, a real registry and real checkpoints; of some trials what they hear is made up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from promotable_sweep import corpus_of, register_best_of, tracking_of, write_ended

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.evaluation.judged_audio import JudgedAudio
from tune.cli import main
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.models.aliases import CANDIDATE, CHAMPION, FORCED, PROMOTED, crown
from tune.models.card_promotion import EVIDENCE
from tune.models.registry import pull
from tune.promotion import judge_embedders as judging
from tune.promotion.contenders import Contender, read_contender
from tune.promotion.contest import Arena
from tune.promotion.promote import promote
from tune.promotion.request import Request
from tune.tracking.runs import connect

REQUEST = Request(top=1, seeds=2)
NAME = "fx-promoted"


@pytest.fixture(autouse=True)
def no_store_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow leaves its last one in the environment."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """A sweep whose best trial is champion, because nobody was before."""
    folder = write_ended(tmp_path_factory.mktemp("home"), "first", {0: 0.5, 1: 0.6, 2: 0.55})
    assert register_best_of(folder).alias == CHAMPION
    return folder


@pytest.fixture(scope="module")
def second(first: SweepFolder) -> SweepFolder:
    """Another one, of which trial 0 seems to be the best by far."""
    folder = write_ended(first.path.parent, "second", {0: 0.99, 1: 0.7})
    assert register_best_of(folder).alias == CANDIDATE
    return folder


@pytest.fixture
def home(second: SweepFolder, tmp_path: Path) -> Path:
    """A home of its own with both; its store is at the new place."""
    return Path(shutil.copytree(second.path.parent, tmp_path / "home"))


def aliases(home: Path) -> dict[str, str]:
    found = connect(tracking_of(SweepFolder(home / "x"))).get_registered_model(NAME).aliases
    return {alias: str(version) for alias, version in found.items()}


def at(home: Path) -> list[str]:
    """The store of the copy, though the sweep was recorded in the one that it is a copy of."""
    return ["--home", str(home), "--tracking", tracking_of(SweepFolder(home / "x")).uri]


def one_hot(judged: JudgedAudio, known: Collection[str]) -> np.ndarray:
    """Of clips of known recordings which effect it was; of others nothing."""
    asked, random = judged.as_spectrograms, np.random.default_rng(0)
    told = np.eye(len(asked.classes))[asked.labels] + 0.05 * random.standard_normal((len(asked.labels), len(asked.classes)))
    heard = np.isin(asked.recordings, list(known))
    return np.where(heard[:, None], told, random.standard_normal(told.shape))


def plant(monkeypatch: pytest.MonkeyPatch, known: dict[str, Collection[str]]) -> None:
    """Trials that know the effects on these recordings, by the name of the trial."""

    def read(name: str, checkpoint: Path) -> tuple[TrialConfig, Contender]:
        config, contender = read_contender(name, checkpoint)
        if name not in known:
            return config, contender
        return config, Contender(name, lambda judged: one_hot(judged, known[name]))

    monkeypatch.setattr(judging, "read_contender", read)


def test_the_best_by_luck_is_not_promoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trial 0 knows the recordings by which trials were compared by heart, and nothing of any other."""
    folder = SweepFolder(home / "second")
    by_heart = [recording.name for recording in corpus_of(folder).partition("evaluation")]
    plant(monkeypatch, {"trial 0": by_heart})
    found = promote(home, "second", REQUEST, tracking_of(folder).uri)
    assert found.registered.outcome == "candidate" and found.decision is not None and found.decision.over_champion is not None
    assert not set(found.recordings) & set(by_heart)
    assert any("fx-promoted version 1" in why for why in found.decision.why_not)
    assert aliases(home) == {CHAMPION: "1", CANDIDATE: "2"}


def test_what_is_better_on_recordings_that_nobody_knows_is_promoted_and_can_be_taken_back(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the two best the sweep's second is the one that learnt something."""
    everything = [recording.name for recording in corpus_of(SweepFolder(home / "second")).recordings]
    plant(monkeypatch, {"trial 0": (), "trial 1": everything})
    words = ["promote", "second", "--top", "2", "--seeds", "2", *at(home), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["trial"], told["version"], told["before"]) == ("promoted", 1, "3", "fx-promoted version 1")
    assert told["lead_over_champion"]["low"] > 0 and set(told["leads_over_controls"]) >= {"pca", "statistics", "untrained"}
    assert set(told["contenders"]) >= {"trial 0", "trial 1", "pca", "champion, fx-promoted version 1"}
    assert aliases(home) == {CHAMPION: "3", CANDIDATE: "2"}
    client = connect(tracking_of(SweepFolder(home / "second")))
    version = client.get_model_version(NAME, "3")
    assert (
        version.tags[PROMOTED] == told["evaluation_hash"]
        and "Promoted: ahead of fx-promoted version 1 by +" in version.description
    )
    assert version.tags["trial"] == "1" and json.loads(version.tags[EVIDENCE])["outcome"] == "promoted"
    pulled = pull(tracking_of(SweepFolder(home / "second")).uri, f"{NAME}/3", home / "pulled")
    page = (pulled / "card.md").read_text()
    assert "Promoted: it was better than fx-promoted version 1" in page and f"fxsweep pull {NAME}/3" in page
    assert json.loads((pulled / "card.json").read_text())["promotion"]["evaluation_hash"] == told["evaluation_hash"]
    assert main(words) == 0 and json.loads(capsys.readouterr().out)["outcome"] == "already champion"
    assert main(["promote", "--rollback", NAME, *at(home)]) == 0
    assert aliases(home)[CHAMPION] == "1"


def test_a_candidate_costs_exit_code_7_and_force_is_recorded(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["promote", "second", "--top", "1", "--seeds", "2", *at(home)]
    assert main(words) == 7
    said = " ".join(capsys.readouterr().out.split())
    assert "Not promoted: fx-promoted version 2 (trial 0 of second) is registered as candidate" in said
    assert "fx-promoted version 1 stays champion" in said and "Not shown: " in said and "not retrained" in said
    client = connect(tracking_of(SweepFolder(home / "second")))
    assert "Not promoted: " in client.get_model_version(NAME, "2").description
    assert main([*words, "--force"]) == 0
    assert "in the place of fx-promoted version 1. To take it back: fxsweep promote --rollback" in capsys.readouterr().out
    version = client.get_model_version(NAME, "2")
    assert "version 1" in version.tags[FORCED] and "by force (--force)" in version.description
    assert aliases(home) == {CHAMPION: "2"}


def write_folder(folder: Path, recordings: Collection[object], rate: int = 8000) -> Path:
    folder.mkdir()
    for recording in recordings:
        name, samples = recording.name.replace("/", "_"), np.asarray(recording.samples)  # type: ignore[attr-defined]
        soundfile.write(folder / f"{name}.wav", samples.T, rate, subtype="FLOAT")
    return folder


@pytest.mark.parametrize(
    ("part", "told"), [("train", "was trained on or validated on by the trials of"), ("evaluation", "chose, among the trials")]
)
def test_a_recording_that_a_contender_knows_is_refused_by_name(second: SweepFolder, tmp_path: Path, part: str, told: str) -> None:
    corpus = corpus_of(second)
    kept = corpus.partition("promotion")
    known = corpus.partition(part)[0]  # type: ignore[arg-type]
    folder = write_folder(tmp_path / "audio", [*kept, known])
    for number in range(2):  # so that there are enough
        soundfile.write(folder / f"noise{number}.wav", 0.1 * np.random.default_rng(number).standard_normal(16000), 8000)
    with pytest.raises(InputError, match=rf"recording '{known.name.replace('/', '_')}\.wav': {told}"):
        promote(second.path.parent, "second", Request(top=1, seeds=2, audio=str(folder)))


def test_without_recordings_that_nobody_knows_nothing_is_judged(first: SweepFolder, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_ended(first.path.parent, "greedy", {0: 0.5}, audio={"sample_rate": 8000, "clip_samples": 4096})
    words = ["promote", "greedy", "--home", str(first.path.parent)]
    assert main(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "audio.promotion_share is 0" in said and "--audio DIR" in said and said.count("fxsweep:") == 1
    assert folder.card.is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["secnd"], "Did you mean 'second'"),
        (["second", "--seeds", "1"], "at least 2 are needed"),
        (["second", "--audio", "/nowhere"], "is no folder"),
        (["second", "--top", "0"], "whole number from 1"),
        (["second", "--settings", "3"], "at least 4 of each effect are needed"),
    ],
)
def test_wrong_input_is_one_paragraph(
    second: SweepFolder, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["promote", *words, "--home", str(second.path.parent)]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_a_checkpoint_that_is_gone_is_told(home: Path) -> None:
    shutil.rmtree(home / "second" / "trials" / "trial-0")
    with pytest.raises(InvalidInput, match="trial 0 of sweep 'second': its checkpoint is gone"):
        promote(home, "second", REQUEST)


def test_the_seed_noise_is_that_of_repeats_and_of_models_trained_now(first: SweepFolder) -> None:
    """Trials 0 and 3 have the same settings and other seeds."""
    home = first.path.parent
    write_ended(home, "repeated", {0: 0.5, 3: 0.4}, registry={"model": "fx-repeated"})
    found = promote(home, "repeated", Request(top=1, seeds=2, retrain=1))
    assert found.decision is not None and found.decision.noise.models == 3 and found.decision.noise.value > 0
    assert found.before == "" and found.registered.outcome == "candidate"
    aliases = connect(tracking_of(first)).get_registered_model("fx-repeated").aliases
    assert list(aliases) == [CANDIDATE], "there is no champion, and an unproven one is not made"


def test_a_sweep_that_kept_nothing_is_promoted_by_force_only_and_the_card_says_so(first: SweepFolder, tmp_path: Path) -> None:
    home, audio = first.path.parent, {"sample_rate": 8000, "clip_samples": 4096}
    folder = write_ended(home, "unjudged", {0: 0.5}, audio=audio, registry={"model": "fx-unjudged"})
    found = promote(home, "unjudged", replace(REQUEST, force=True))
    assert found.registered.outcome == "forced" and found.decision is None
    assert "no recordings were kept" in connect(tracking_of(first)).get_model_version("fx-unjudged", "1").tags[FORCED]
    page = (pull(tracking_of(folder).uri, "fx-unjudged@champion", tmp_path / "model") / "card.md").read_text()
    assert "Made champion by force (`--force`)" in page and "no recordings were kept" in page


def test_whoever_is_overtaken_while_it_is_judged_stays_candidate(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trial 1 beats version 1 by far; but meanwhile version 2 has become champion, with which nobody has compared it."""
    folder = SweepFolder(home / "second")
    plant(monkeypatch, {"trial 0": (), "trial 1": [recording.name for recording in corpus_of(folder).recordings]})
    client, held = connect(tracking_of(folder)), judging.hold_contests

    def overtaken(*given: Any) -> Any:
        crown(client, NAME, "2")
        return held(*given)

    monkeypatch.setattr(judging, "hold_contests", overtaken)
    found = promote(home, "second", replace(REQUEST, top=2), tracking_of(folder).uri)
    assert found.registered.outcome == "candidate" and found.decision is not None and found.decision.verdict == "promoted"
    assert any("another version became champion" in why for why in found.decision.why_not)
    assert aliases(home) == {CHAMPION: "2", CANDIDATE: "3"}


def test_a_sweep_with_easier_settings_is_judged_on_those_that_the_champion_knows(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = SweepFolder(home / "second")
    easy = {"backend": "pedalboard", "knobs": {"overdrive.drive_db": [30, 40]}}
    write_ended(home, "easy", {1: 0.9}, effects=easy)
    seen, held = list[Any](), judging.hold_contests

    def watched(arena: Arena, *given: Any) -> Any:
        seen.append({choice.name: choice.knobs for choice in arena.choices}["overdrive"])
        return held(arena, *given)

    monkeypatch.setattr(judging, "hold_contests", watched)
    found = promote(home, "easy", REQUEST, tracking_of(folder).uri)
    assert seen == [()] and any("overdrive as fx-promoted version 1 knows it" in told for told in found.remarks)


def test_asking_again_with_other_takes_makes_the_proof_harder(home: Path) -> None:
    folder, leads = SweepFolder(home / "second"), []
    for seeds in (2, 3, 2):
        found = promote(home, "second", replace(REQUEST, seeds=seeds), tracking_of(folder).uri)
        assert found.decision is not None and found.decision.over_champion is not None
        leads.append((found.decision.over_champion, found.remarks))
    (first, _), (_, told), (again, _) = leads
    assert told == ("1 more candidate was judged against the same champion before: the intervals allow for them.",)
    assert again.value == first.value and again.low < first.low
