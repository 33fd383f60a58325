"""Notes to a webhook that is there, slow, down, or answers 500: nobody waits for it, and nobody hears its address."""

from __future__ import annotations

import threading

import pytest
from webhooks import SECRET, nobody_there, webhook

from tune.driver.postman import MOST_WAITING, Patience, Postman

QUICK = Patience(post_seconds=0.5, pauses_seconds=(0.01, 0.01), end_seconds=0.3)
LONG = Patience(post_seconds=30.0, pauses_seconds=(0.01, 0.01), end_seconds=30.0)


def test_notes_arrive_in_order() -> None:
    with webhook() as hook:
        postman = Postman(hook.url, LONG)
        for number in range(5):
            postman.post({"number": number})
        assert postman.close() == ""
        assert hook.notes == [{"number": number} for number in range(5)]


def test_what_is_answered_with_an_error_is_tried_again() -> None:
    with webhook([500, 503]) as hook:
        postman = Postman(hook.url, LONG)
        postman.post({"a": 1})
        assert postman.close() == "" and hook.notes == [{"a": 1}] and hook.asked == 3


def test_what_is_answered_with_errors_only_is_given_up_and_the_next_one_is_not() -> None:
    with webhook([500, 500, 500]) as hook:
        postman = Postman(hook.url, LONG)
        postman.post({"a": 1})
        postman.post({"a": 2})
        assert postman.close() == "1 notification did not arrive: the webhook answered 500."
        assert hook.notes == [{"a": 2}]


def test_a_redirection_is_not_followed() -> None:
    with webhook([302, 302, 302]) as hook:
        postman = Postman(hook.url, LONG)
        postman.post({"a": 1})
        assert "the webhook answered 302" in postman.close() and hook.asked == 3


def test_where_nobody_is_the_end_says_so() -> None:
    postman = Postman(nobody_there(), LONG)
    postman.post({"a": 1})
    assert postman.close() == "1 notification did not arrive: the webhook is out of reach (ConnectionRefusedError)."


def test_nobody_waits_for_a_webhook_that_does_not_answer() -> None:
    with webhook(waits=True) as hook:
        postman = Postman(hook.url, Patience(30.0, (0.01,), 0.2))
        for number in range(2 * MOST_WAITING):
            postman.post({"number": number})
        said = postman.close()
        assert "did not arrive: no answer in time" in said and hook.notes == []
        assert any(thread.name == "notify" and thread.daemon for thread in threading.enumerate()), "which ends with the process"


@pytest.mark.parametrize("address", [f"http://127.0.0.1:1/{SECRET}", f"http://{SECRET}.invalid/", f"http://127.0.0.1:x/{SECRET}"])
def test_what_is_said_does_not_tell_the_address(address: str) -> None:
    postman = Postman(address, QUICK)
    postman.post({"a": 1})
    said = postman.close()
    assert said and SECRET not in said and "127.0.0.1" not in said
