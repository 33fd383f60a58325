"""A plugin of which every process must prove itself: it gives what it gave when it was measured, or another is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Process
from trainables.effects.isolation.isolated import Hosted, alone_with, has_proved_itself, host_process, note_proof, stop
from trainables.effects.isolation.repeating import Fingerprints, TrialTake, fingerprint, trial_takes
from trainables.errors import InputError
from trainables.parameters import Parameter, Settings

MOST_HOSTS = 20


@dataclass(frozen=True)
class Verified:
    """A `Process` that only hosts answer which have proved themselves.

    Attributes:
        process: how takes are asked of the plugin.
        hosted: the plugin.
        parameters: all of its knobs, as it tells them.
        expected: fingerprints of the first trial takes.
    """

    process: Process
    hosted: Hosted
    parameters: tuple[Parameter, ...]
    expected: Fingerprints

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
        """As a process does.

        Raises:
            TakeFailed: the plugin hung, crashed or failed.
            InputError: it cannot render this, or twenty hosts one after another gave other samples than once.
        """
        with alone_with(self.hosted):
            for _ in range(MOST_HOSTS):
                self.prove()
                wet = self.process(dry, sample_rate, settings, block_samples=block_samples)
                if has_proved_itself(self.hosted, self.expected):  # else it had ended, and one that nobody knows gave this
                    return wet
        raise _unproved(self.hosted, MOST_HOSTS)

    def prove(self, most_hosts: int = MOST_HOSTS) -> None:
        """See to it that the plugin's host is one that has proved itself.

        Raises:
            TakeFailed: the plugin hung, crashed or failed.
            InputError: so many hosts one after another gave other samples.
        """
        with alone_with(self.hosted):
            if has_proved_itself(self.hosted, self.expected):
                return
            takes = trial_takes(self.parameters)[: len(self.expected)]
            if any(self._try_host(takes) for _ in range(most_hosts)):
                return
        raise _unproved(self.hosted, most_hosts)

    def _try_host(self, takes: Sequence[TrialTake]) -> bool:
        """Note that the host has proved itself, or end it."""
        hosts, found = set(), []
        for take in takes:
            found.append(fingerprint(self.process, take))
            hosts.add(host_process(self.hosted))
        if tuple(found) == self.expected and len(hosts) == 1:
            note_proof(self.hosted, hosts.pop(), self.expected)
            return True
        stop(self.hosted)
        return False


def _unproved(hosted: Hosted, hosts: int) -> InputError:
    rule = f"gave other samples than when it was measured, in {hosts} processes one after another."
    return InputError(hosted.name, rule, "Load it again; if it was replaced meanwhile, start the sweep anew.")
