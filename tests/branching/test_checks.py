"""Every key that separates and fits avalanches refuses what it cannot mean, in one line, before anything runs."""

import numpy as np
import pytest

from emergent_dynamics.config import ConfigError, load

WINDOW = "must be null or two whole numbers, [lowest, highest], the first smaller"
WIDTH = "must be a number above 0, or {intervals: a number above 0}"


def refused(**experiment):
    """The one line that stops a configuration with this experiment, without what all have in common."""
    with pytest.raises(ConfigError) as error:
        load({"experiments": {"branching": {"a": experiment}}}, [])
    (line,) = str(error.value).splitlines()
    return line.removeprefix("config: experiments.branching.a.")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"raster": {"threshold": -1}}, "raster.threshold = -1: must be an integer from 0 to 1000000000"),
        ({"raster": {"threshold": 0.5}}, "raster.threshold = 0.5: must be an integer from 0 to 1000000000"),
        ({"raster": {"bin": 0}}, "raster.bin = 0: must be an integer from 1 to 100000"),
        (
            {"layers": 10, "steps": 1000, "raster": {"bin": 251}},
            "raster.bin = 251: must be at most a quarter of `steps`",
        ),
        ({"raster": {"thresold": 1}}, "raster.thresold: unknown key; did you mean threshold?"),
        ({"windows": {"tau": [5, 5]}}, "windows.tau = [5, 5]: must be two numbers, the first smaller"),
        ({"windows": {"tau": [5]}}, f"windows.tau = [5]: {WINDOW}"),
        (
            {"layers": 20, "windows": {"alpha": [3, 20]}},
            "windows.alpha = [3, 20]: must end below 20: longer avalanches reach the last layer",
        ),
        (
            {"layers": 20, "windows": {"gamma": [3, 25]}},
            "windows.gamma = [3, 25]: must end below 20: longer avalanches reach the last layer",
        ),
        (
            {"scaling": {"nodes": [100, 200]}},
            "scaling.nodes = [100, 200]: must be at least three numbers of nodes, or none",
        ),
        (
            {"graph": {"degree": 2}, "scaling": {"nodes": [100, 200, 400], "sigma": [1.0, 1.5, 2.5]}},
            "scaling.sigma = 2.5: must be at most `graph.degree` (sigma / degree is a probability)",
        ),
        ({"windows": {"beta": [1, 2]}}, "windows.beta: unknown key; allowed: tau, alpha, gamma"),
        ({"source": "spike"}, "source = spike: must be model, raster, spikes, counts or sizes"),
        ({"source": "raster"}, "recording.path = null: must be a file, as source is raster"),
    ],
)
def test_a_threshold_a_bin_or_a_window_that_means_nothing_is_one_line(changes, line):
    assert refused(**changes) == line


@pytest.mark.parametrize("source", ["raster", "counts"])
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"threshold": -1}, "threshold = -1: must be an integer from 0 to 1000000"),
        ({"bin": 0}, f"bin = 0: {WIDTH}"),
        ({"bin": {"interval": 2}}, f"bin = {{interval: 2}}: {WIDTH}"),
        ({"bin": {"intervals": 0}}, "bin.intervals = 0: must be a number greater than 0"),
        (
            {"bin": 3},
            "bin = 3.0: must be a multiple of recording.time_step, 2, or {intervals: a number above 0}",
        ),
        (
            {"bin": 0.5},
            "bin = 0.5: must be a multiple of recording.time_step, 2, or {intervals: a number above 0}",
        ),
        ({"sizes": [5, 5]}, "sizes = [5, 5]: must be lowest, highest: the second larger than the first"),
        (
            {"durations": [None, 1]},
            "durations = [null, 1]: must be lowest, highest: the second larger than the first",
        ),
        (
            {"sizes": [5]},
            "sizes = [5]: must be two integers from 1 to 1000000, or null in the place of one",
        ),
    ],
)
def test_the_keys_of_a_recording_refuse_what_they_cannot_mean(tmp_path, source, changes, line):
    """Of a record with steps of 2; a bin of 4, or of mean intervals, is taken."""
    path = tmp_path / "x.npy"
    np.save(path, np.ones((40, 3) if source == "raster" else 40, int))
    own = {"source": source, "recording": {"path": str(path), "time_step": 2}}
    assert refused(**own, criticality=changes) == f"criticality.{line}"
    for width in (4, {"intervals": 1.5}):
        load({"experiments": {"branching": {"a": {**own, "criticality": {"bin": width}}}}}, [])


def test_a_recording_beside_a_model_and_a_file_that_is_not_there_are_one_line(tmp_path):
    path = str(tmp_path / "x.npy")
    assert refused(source="counts", recording={"path": path}).endswith("must be a file that exists")
    np.save(path, np.ones(40, int))
    assert refused(recording={"path": path}).endswith("must be absent, as source is model")
    step = {"path": path, "time_step": 0}
    assert refused(source="counts", recording=step).endswith(
        "time_step = 0: must be a number greater than 0 and of at most 1000000000000"
    )
