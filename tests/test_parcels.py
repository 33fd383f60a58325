from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trainables.rendering.blocks import fingerprint
from trainables.rendering.parcels import LARGEST_BYTES, pack, unpack
from trainables.rendering.takes import Block


def block(items: int, samples: int) -> Block:
    random = np.random.default_rng(0)
    dry, wet = (random.standard_normal((items, 1, samples)).astype(np.float32) for _ in range(2))
    return Block("delay", dry, wet, np.zeros((items, 2), np.float32), np.arange(items) // 2, ())


@pytest.mark.parametrize(("items", "samples"), [(2, 10), (16, 16512), (16, 65536), (6, 300_000), (2, 1_000_000)])
def test_what_is_unpacked_is_what_was_packed(items: int, samples: int) -> None:
    packed = block(items, samples)
    unpacked = unpack(pack(packed))
    assert fingerprint(unpacked) == fingerprint(packed)
    assert unpacked.dry.shape == packed.dry.shape and np.array_equal(unpacked.setting_ids, packed.setting_ids)


@pytest.mark.parametrize("samples", [16512, 65536, 200_000])
def test_no_piece_is_as_large_as_ray_copies_in_parallel_if_items_allow(samples: int) -> None:
    parcel = pack(block(16, samples))
    assert max(piece.nbytes for piece in (*parcel.dry, *parcel.wet)) <= LARGEST_BYTES
    assert parcel.block.dry.size == parcel.block.wet.size == 0


def test_a_block_of_timbre_has_no_dry_values_and_comes_back_with_its_reasons() -> None:
    heard = replace(block(4, 2), dry=np.zeros((4, 0), np.float32), wet=np.ones((4, 2), np.float32), unmeasured=("silent",))
    unpacked = unpack(pack(heard))
    assert unpacked.dry.shape == (4, 0) and np.array_equal(unpacked.wet, heard.wet) and unpacked.unmeasured == ("silent",)
    assert fingerprint(unpacked) == fingerprint(heard)
