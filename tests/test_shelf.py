"""What is kept and what goes when there is no room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainables.rendering.shelf import AHEAD_SECONDS, Kept, Shelf


def kept(size_bytes: int, asked: bool = True) -> Kept:
    return Kept(f"object of {size_bytes}", size_bytes, asked)


def test_what_was_not_asked_for_longest_goes_first() -> None:
    shelf = Shelf(capacity_bytes=20)
    shelf.put("a", kept(10))
    shelf.put("b", kept(10))
    shelf.take("a")
    assert shelf.put("c", kept(10)) == 1
    assert "a" in shelf and "b" not in shelf and "c" in shelf


def test_a_block_larger_than_the_shelf_is_kept_alone() -> None:
    shelf = Shelf(capacity_bytes=5)
    shelf.put("a", kept(4))
    assert shelf.put("b", kept(50)) == 1
    assert "b" in shelf and len(shelf) == 1


def test_what_was_rendered_ahead_counts_until_it_is_asked_for() -> None:
    shelf = Shelf(capacity_bytes=100)
    shelf.put("a", kept(10, asked=False))
    assert shelf.ahead_bytes == 10
    assert shelf.take("a") == "object of 10"
    assert shelf.ahead_bytes == 0


def test_what_was_rendered_ahead_for_a_trial_that_ended_leaves_its_room_to_others() -> None:
    now = [0.0]
    shelf = Shelf(capacity_bytes=100, clock=lambda: now[0])
    shelf.put("a", kept(10, asked=False))
    now[0] = AHEAD_SECONDS
    shelf.put("b", kept(20, asked=False))
    assert shelf.ahead_bytes == 30
    now[0] += 1.0
    assert shelf.ahead_bytes == 20
    assert "a" in shelf and shelf.take("a") == "object of 10"


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 40), st.booleans(), st.sampled_from(("put", "take", "drop"))))
)
def test_sums_are_those_of_what_is_kept(steps: list[tuple[str, int, bool, str]]) -> None:
    shelf, unread = Shelf(capacity_bytes=60, clock=lambda: 0.0), set()
    for identity, size_bytes, asked, step in steps:
        if step == "put":
            shelf.put(identity, kept(size_bytes, asked))
            unread = unread - {identity} if asked else unread | {identity}
        elif step == "drop":
            shelf.drop(identity)
        elif identity in shelf:
            shelf.take(identity)
            unread = unread - {identity}
        assert shelf.held_bytes == sum(block.size_bytes for block in shelf.kept.values())
        assert shelf.ahead_bytes == sum(shelf.kept[identity].size_bytes for identity in unread if identity in shelf)
        assert shelf.held_bytes <= shelf.capacity_bytes or len(shelf) == 1
