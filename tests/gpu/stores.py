"""Stores of an experiment on a device: whole, killed and resumed, and with frames taken one by one or together."""

import numpy as np
import pytest

from emergent_dynamics import driver, store


def stored(made, folder, again=None, stop_after=None):
    """The published store of an experiment; `stop_after`: killed after so many legs, and begun again as `again`."""
    if stop_after is not None:
        legs = iter(range(stop_after))
        for name in ("advance", "record"):
            move = getattr(made, name)
            setattr(made, name, lambda *leg, move=move: (next(legs), move(*leg))[1])
        with pytest.raises(StopIteration):
            driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
        made = again
    driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
    return store.open_complete(folder / "t.zarr")


def assert_together_is_one_by_one(made, build, folder, monkeypatch, groups=(None,)):
    """Three frames at most per call: every array has the bits of frames taken one by one, and most frames came so.

    made : the class of the simulation. build : makes one on the device.
    """
    monkeypatch.setattr(driver.loop, "LEG_SECONDS", 1e9)
    found, recorded = {}, []
    record = made.record
    monkeypatch.setattr(
        made, "record", lambda s, *given: (recorded.append(len(given[2])), record(s, *given))[1]
    )
    for most in (1, 3):
        together = made.together.fget
        with monkeypatch.context() as patch:
            patch.setattr(made, "together", property(lambda s, m=most, own=together: min(m, own(s))))
            stored(build(), folder / str(most))
        found[most] = folder / str(most) / "t.zarr"
    assert sum(recorded) > 4 and max(recorded) == 3
    for group in groups:
        one, many = (store.open_complete(path, group=group) for path in found.values())
        assert set(one.variables) == set(many.variables)
        for name in one.variables:
            np.testing.assert_array_equal(many[name], one[name])
