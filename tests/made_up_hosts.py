"""Hosts that do what a test needs."""

import sys
import textwrap

from trainables.effects.isolation.foreign import ForeignPlugin, foreign_effect
from trainables.effects.isolation.isolated import Hosted, render_isolated
from trainables.parameters import Parameter

KNOBS = (Parameter("knob", 0.0, 1.0, 0.5),)


def made_up_host(answers):
    """A host whose Python code, after what every host begins with, is `answers`."""
    begin = """
        import os, sys, time
        from trainables.effects.isolation.messages import Message, receive, send
        request = receive(0)
        """
    return (sys.executable, "-c", textwrap.dedent(begin) + textwrap.dedent(answers))


class Counted:
    """A made-up plugin whose hosts note each start and each take; those with a number for which `odd` holds are twice as loud.

    Its samples are the dry ones with the knob as an offset.
    """

    def __init__(self, folder, odd="False"):
        self.log = folder / "log"
        answers = f"""
            log = open({str(self.log)!r}, "a+"); log.write("s"); log.flush(); log.seek(0)
            number = log.read().count("s")
            send(1, Message({{"introduction": {{}}}}))
            while True:
                take = receive(0)
                log.write("t"); log.flush()
                send(1, Message({{}}, (take.audio + take.head["settings"]["knob"]) * (2 if {odd} else 1)))
            """
        self.hosted = Hosted(f"vst3:{folder}", "{}", command=made_up_host(answers))

    def process(self, dry, sample_rate, settings, *, block_samples=8192):
        return render_isolated(self.hosted, dry, sample_rate, dict(settings), block_samples)

    def load(self, build="build"):
        """As an effect, measured."""
        plugin = ForeignPlugin("Made Up", "vst3", KNOBS, build, 2)
        return foreign_effect(plugin, (self.hosted,), self.connect)

    def connect(self, hosted):
        return self.process

    def started(self):
        """Number of hosts so far."""
        return self.log.read_text().count("s")

    def taken(self):
        """Number of takes so far."""
        return self.log.read_text().count("t")
