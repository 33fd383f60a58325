"""Hosts that do what a test needs."""

import sys
import textwrap


def made_up_host(answers):
    """A host whose Python code, after what every host begins with, is `answers`."""
    begin = """
        import os, sys, time
        from trainables.effects.isolation.messages import Message, receive, send
        request = receive(0)
        """
    return (sys.executable, "-c", textwrap.dedent(begin) + textwrap.dedent(answers))
