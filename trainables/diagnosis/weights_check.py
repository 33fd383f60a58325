"""Are the weights that were kept the weights that are loaded?"""

from __future__ import annotations

import math

from trainables.diagnosis.check import Check, unknown
from trainables.diagnosis.trial_record import TrialRecord

SAME_LOSS = 1e-4  # relative: sums in another order differ in the sixth digit


def weights(record: TrialRecord) -> Check:
    """Whether the kept weights, read back from the checkpoint file, do what they did when they were kept."""
    name, found = "weights", record.read_back
    if found is None or not math.isfinite(found.kept):
        return unknown(name, "The checkpoint was not read back, so nobody knows whether it holds the kept weights.")
    figure = f"validation loss {found.reread:.5f} read back, {found.kept:.5f} when kept"
    if math.isclose(found.reread, found.kept, rel_tol=SAME_LOSS):
        return Check(
            name, figure, "fine", "Read back from the checkpoint, the kept weights give the loss that they were kept for."
        )
    said = "Read back from the checkpoint, the weights do not give the loss that they were kept for."
    if math.isclose(found.reread, found.untrained, rel_tol=SAME_LOSS):
        said = "Read back from the checkpoint, the weights are the untrained ones: what was learned is not loaded."
    return Check(name, figure, "worry", said, "Do not use this model: train it again, and report this as a fault of fxsweep.")
