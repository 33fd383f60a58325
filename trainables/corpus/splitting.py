"""Which recordings are trained on, which validate, which evaluate, and which are kept from the sweep: never by clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from trainables.digests import digest
from trainables.errors import InputError
from trainables.rendering.takes import Partition

FEWEST = {"train": 2, "validation": 2, "evaluation": 4}
NEEDED = sum(FEWEST.values())
FEWEST_PROMOTING = 4  # if any


def split(
    content_ids: Mapping[str, str], validation_share: float, evaluation_share: float, seed: int, promotion_share: float = 0.0
) -> dict[str, Partition]:
    """The partition of each recording.

    It depends on names, contents and the seed only, not on the order or the folder's own place. Every sub-folder
    is shared out alike, so that an evaluation hears each kind of music that training has.

    Args:
        content_ids: content by name, at least NEEDED of them; names are paths with forward slashes.
        validation_share, evaluation_share: of the recordings; at least FEWEST are taken.
        seed: another seed splits otherwise.
        promotion_share: the same; of 0, none are taken. The evaluating and validating recordings are the same with it.

    Raises:
        InputError: the shares leave fewer than FEWEST recordings to train on.
    """
    count = len(content_ids)
    evaluation = max(FEWEST["evaluation"], round(evaluation_share * count))
    validation = max(FEWEST["validation"], round(validation_share * count))
    promotion = max(FEWEST_PROMOTING, round(promotion_share * count)) if promotion_share else 0
    held_out = evaluation + validation + promotion
    if count - held_out < FEWEST["train"]:
        shares = f"evaluation_share={evaluation_share:g} and validation_share={validation_share:g}"
        shares = f"promotion_share={promotion_share:g}, {shares}" if promotion else shares
        rule = f"leave {max(0, count - held_out)} of {count} recordings to train on; {FEWEST['train']} are needed."
        raise InputError(shares, rule, "Lower the shares or add recordings.")
    names = _shared_out(content_ids, seed)
    partitions: dict[str, Partition] = dict.fromkeys(names[:evaluation], "evaluation")
    partitions |= dict.fromkeys(names[evaluation : evaluation + validation], "validation")
    partitions |= dict.fromkeys(names[evaluation + validation : held_out], "promotion")
    return partitions | dict.fromkeys(names[held_out:], "train")


def _shared_out(content_ids: Mapping[str, str], seed: int) -> Sequence[str]:
    """Shuffled names, the folders evenly interleaved: any prefix holds about the same share of each folder."""
    shuffled = sorted(content_ids, key=lambda name: digest([seed, content_ids[name], name]))
    sizes = Counter(_folder(name) for name in shuffled)
    seen: Counter[str] = Counter()
    places = {}
    for name in shuffled:
        folder = _folder(name)
        places[name] = (seen[folder] + 0.5) / sizes[folder]
        seen[folder] += 1
    return sorted(shuffled, key=lambda name: places[name])


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
