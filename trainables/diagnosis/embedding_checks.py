"""Is the embedding of any use, taken by itself? Dimensions in use, reconstruction, and what it tells of the music."""

from __future__ import annotations

from trainables.diagnosis.check import Check, counted, listed, unknown
from trainables.diagnosis.trial_record import TrialRecord

LEAST_ACTIVE_SHARE = 0.5  # with fewer in use, a latent space half as large would hold the same
LEAST_SHARE_OF_EFFECTS = 0.75  # a model that copies a third of the effects worse than no model has not learned effects
MOST_LEAKAGE = 0.25  # encoders that keep apart effects of unseen music were measured at 0.1 to 0.2, bare statistics at 0.45


def collapsed_dimensions(record: TrialRecord) -> Check:
    """How many latent dimensions differ from clip to clip (judge.ACTIVE_VARIANCE)."""
    name, size, active = "collapsed_dimensions", record.config.model.latent_size, record.last("eval/active_dimensions")
    if active is None:
        return unknown(name, "Nobody counted how many latent dimensions are in use.")
    used = int(active)
    figure = f"{used} of {counted(size, 'dimension')} in use"
    if used / size >= LEAST_ACTIVE_SHARE:
        return Check(name, figure, "fine", f"Of {size} latent dimensions {used} differ from clip to clip and can say something.")
    sentence = (
        f"Only {used} of {size} latent dimensions differ from clip to clip; the others are always the same and say nothing."
    )
    remedy = f"Lower model.beta (here {record.config.model.beta:g}), which presses dimensions flat, or lower latent_size."
    return Check(name, figure, "worry", sentence, remedy)


OVER_EFFECTS = ("mean", "mean_low", "mean_high")  # skills that are of no effect


def copies_dry(record: TrialRecord) -> Check:
    """For how many effects the reconstruction is nearer to the wet clip than the dry clip is."""
    name, skills = "copies_dry", _skills(record)
    if record.config.model.reconstruction_weight == 0:
        return unknown(name, "This model is not trained to reconstruct clips, so its reconstruction cannot be judged.")
    if not skills:
        return unknown(name, "The reconstruction was not compared with the dry clip.")
    worse = [effect for effect, skill in skills.items() if skill <= 0]
    beaten, mean = len(skills) - len(worse), sum(skills.values()) / len(skills)
    figure = f"better than copying for {beaten} of {counted(len(skills), 'effect')}, mean skill {mean:.2f}"
    if beaten / len(skills) >= LEAST_SHARE_OF_EFFECTS and mean > 0:
        rest = f", but not for {listed(worse)}" if worse else ""
        said = (
            f"What it reconstructs is nearer to the wet clip than the dry clip is, for {beaten} of {len(skills)} effects{rest}."
        )
        return Check(name, figure, "fine", said)
    return Check(name, figure, "worry", _no_better(worse, skills), _how_to_reconstruct(record))


def recording_leakage(record: TrialRecord) -> Check:
    """How well a linear classifier tells from the embedding which recording was used, from chance (0) to always (1)."""
    name, told, chance = "recording_leakage", record.estimate("eval/recording_leakage"), record.last("eval/recording_chance")
    if told is None or chance is None:
        return unknown(name, "Nobody asked whether the embedding tells recordings apart.")
    if chance >= 1:
        return unknown(name, "There is one recording only, so there are none to tell apart.", "Evaluate on more recordings.")
    share = (told.value - chance) / (1 - chance)
    figure = f"recording told in {told.value:.0%} of clips (chance {chance:.0%}){_untrained_leakage(record)}"
    if told.low <= chance or share < MOST_LEAKAGE:
        return Check(name, figure, "fine", "The embedding has lost most of what tells one recording from another, as it should.")
    said = "The embedding tells which recording a clip was cut from: much of it describes the music instead of the effect."
    return Check(name, figure, "worry", said, _how_to_forget_the_music(record))


def _skills(record: TrialRecord) -> dict[str, float]:
    """By effect."""
    return {effect: skill for effect, skill in record.below("eval/skill/").items() if effect not in OVER_EFFECTS}


def _no_better(worse: list[str], skills: dict[str, float]) -> str:
    if not worse:
        return "On average, handing back the dry clip unchanged would come nearer to the wet clip than this model does."
    return (
        f"For {len(worse)} of {len(skills)} effects ({listed(worse)}), "
        "handing back the dry clip unchanged would come nearer to the wet clip than this model does."
    )


def _how_to_reconstruct(record: TrialRecord) -> str:
    if record.config.model.input == "wet":
        return "Let it hear the dry clip, too (model.input: difference): from the wet clip alone it must reconstruct the music."
    return "Train for longer or on more items an epoch; else lower model.beta or model.contrastive_weight."


def _untrained_leakage(record: TrialRecord) -> str:
    untrained = record.last("control/untrained/recording_leakage")
    return "" if untrained is None else f"; by the untrained encoder in {untrained:.0%}"


def _how_to_forget_the_music(record: TrialRecord) -> str:
    if record.config.model.input != "difference":
        return "Give it the difference of wet and dry (model.input: difference), in which the music is fainter."
    return "Raise model.contrastive_weight, which draws the same settings on two recordings together, or use more recordings."
