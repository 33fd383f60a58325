from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainables.corpus.splitting import split
from trainables.errors import InputError


def contents(**folders):
    return {f"{folder}/{i}.wav": f"{folder}-{i}" for folder, count in folders.items() for i in range(count)}


@given(st.integers(8, 60), st.floats(0.01, 0.3), st.floats(0.01, 0.4), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_every_recording_is_in_one_partition_and_each_has_enough(count, validation_share, evaluation_share, seed):
    partitions = split(contents(x=count), validation_share, evaluation_share, seed)
    sizes = Counter(partitions.values())
    assert set(partitions) == set(contents(x=count))
    assert sizes["train"] >= 2 and sizes["validation"] >= 2 and sizes["evaluation"] >= 4


def test_shares_are_kept():
    assert Counter(split(contents(x=100), 0.15, 0.35, 0).values()) == {"train": 50, "validation": 15, "evaluation": 35}


@given(st.integers(12, 60), st.floats(0.01, 0.3), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_for_a_promotion_is_taken_from_training_alone(count, promotion_share, seed):
    without, kept = (split(contents(x=count), 0.1, 0.3, seed, share) for share in (0.0, promotion_share))
    assert "promotion" not in without.values()
    assert Counter(kept.values())["promotion"] >= 4 and Counter(kept.values())["train"] >= 2
    moved = {name for name in kept if kept[name] != without[name]}
    assert {without[name] for name in moved} == {"train"} and {kept[name] for name in moved} == {"promotion"}


def test_a_promotion_share_that_leaves_nothing_to_train_on_is_refused():
    with pytest.raises(InputError, match=r"promotion_share=0\.3, evaluation_share=0\.4 .*leave 0 of 20 recordings to train on"):
        split(contents(x=20), 0.3, 0.4, 0, 0.3)


def test_split_does_not_depend_on_the_order():
    given_contents = contents(a=10, b=7)
    assert split(given_contents, 0.15, 0.35, 3) == split(dict(reversed(given_contents.items())), 0.15, 0.35, 3)


def test_another_seed_splits_otherwise():
    assert split(contents(x=20), 0.15, 0.35, 0) != split(contents(x=20), 0.15, 0.35, 1)


@pytest.mark.parametrize("seed", range(5))
def test_every_folder_is_shared_out_alike(seed):
    partitions = split(contents(loops=28, music=8, speech=4), 0.15, 0.35, seed)
    sizes = Counter((name.split("/")[0], partition) for name, partition in partitions.items())
    for folder, count in (("loops", 28), ("music", 8), ("speech", 4)):
        assert sizes[folder, "evaluation"] == pytest.approx(0.35 * count, abs=1.0)


def test_shares_that_leave_nothing_to_train_on_are_refused():
    with pytest.raises(InputError, match=r"evaluation_share=0\.55 .*leave 0 of 20 recordings to train on; 2 are needed"):
        split(contents(x=20), 0.45, 0.55, 0)
