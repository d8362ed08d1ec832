"""Births and merges of groups: the two leaders, the time, and the numbers of tokens of each event.

A leader of one saved frame that does not lead in the next has merged into the group that it then belongs to; a leader
of the next frame that did not lead before was born out of the group that it belonged to. The time of an event is known
only to the interval between the frames. Sizes count tokens, the leader included.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.groups import sizes
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import slices

NUMBERS = ("leader", "other", "size", "other_size", "joint_size")
EVENT = [("run", "i8"), ("event", "U5"), ("after", "f8"), ("time", "f8"), *((name, "i8") for name in NUMBERS)]
COLUMNS = [name for name, _ in EVENT]


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Table `lineage`: one row per birth or merge of groups, in the order of run and time.

    An event happens between the frames at times `after` and `time`, in the model's unit. In a "merge" the group of
    token `leader` joins that of token `other`; in a "birth" it separates from it. size, other_size : number of tokens
    of the two groups while they are separate; joint_size : of the joint group. A size of 0 means that the token leads
    no group in that frame. If two groups merge with a third between the same frames, both rows name the common leader.
    """
    found = (_events(*pair) for pair in _neighbours(groups))
    table = pd.DataFrame(np.concatenate([np.zeros(0, EVENT), *(rows for rows in found if rows.size)]))
    return {"lineage": table.sort_values(["run", "time", "event", "leader"], ignore_index=True)}


def per_run(lineage: pd.DataFrame, runs: int) -> pd.DataFrame:
    """Numbers of births and merges, one row per run: columns birth and merge."""
    counts = pd.crosstab(lineage["run"], lineage["event"])
    return counts.reindex(index=range(runs), columns=["birth", "merge"], fill_value=0)


def summarise(lineage: pd.DataFrame, groups: xr.Dataset) -> dict[str, Headline]:
    """Headlines: births and merges per run, and the time by which half of the merges had happened.

    Only events after the peak of the run's number of groups count: before it the dense cloud breaks up at random.
    """
    peak = groups["time"].values[groups["n_clusters"].values.argmax(1)]
    lineage = lineage[lineage["after"].to_numpy() >= peak[lineage["run"].to_numpy(int)]]
    counts = per_run(lineage, groups.sizes["run"])
    merges = lineage[lineage["event"] == "merge"]
    half = merges.groupby("run")["time"].median().to_numpy()
    return {
        "births": Headline.from_estimate(
            mean_interval(counts["birth"].to_numpy(), 0),
            "births per run",
            "Mean number of births of groups per run after the number of groups has peaked",
        ),
        "merges": Headline.from_estimate(
            mean_interval(counts["merge"].to_numpy(), 0),
            "merges per run",
            "Mean number of merges of groups per run after the number of groups has peaked",
        ),
        "half_of_merges_by": Headline.from_estimate(
            mean_interval(half, 0, float(groups["time"].values[-1])),
            groups["time"].attrs["units"],
            "Time by which half of the merges after the peak of the number of groups have happened, "
            "mean over the runs that have any",
            note=None if len(half) else "no groups merged",
        ),
    }


def _neighbours(groups: xr.Dataset) -> Iterator[tuple[np.ndarray, np.ndarray, float, float]]:
    """Labels (run, token) and times of every two neighbouring frames; one stored block in memory."""
    last: tuple[np.ndarray, float] | None = None
    for piece in slices(groups[["label"]], "time"):
        labels = piece["label"].values
        for k, time in enumerate(piece["time"].values.tolist()):
            if last is not None:
                yield last[0], labels[:, k], last[1], time
            last = (labels[:, k], time)


def _events(before: np.ndarray, now: np.ndarray, after: float, time: float) -> np.ndarray:
    """(event,) rows with the fields `EVENT` of the events between two frames; labels (run, token)."""
    led, leads = leading(before), leading(now)
    was, size = sizes(before), sizes(now)
    tables = []
    for event, where, into in (("merge", led & ~leads, now), ("birth", leads & ~led, before)):
        run, leader = np.nonzero(where)
        other = into[run, leader]
        merge = event == "merge"
        rows = np.zeros(run.size, EVENT)
        rows["run"], rows["event"], rows["after"], rows["time"] = run, event, after, time
        rows["leader"], rows["other"] = leader, other
        rows["size"] = (was if merge else size)[run, leader]
        rows["other_size"] = (was if merge else size)[run, other]
        rows["joint_size"] = (size if merge else was)[run, other]
        tables.append(rows)
    return np.concatenate(tables)
