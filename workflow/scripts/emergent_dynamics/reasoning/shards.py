"""The diagnosis jobs of an experiment whose networks are diagnosed here, trained or official (torch)."""

import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import diagnose
from emergent_dynamics.reasoning.official import diagnosis
from emergent_dynamics.reasoning.parameters import Diagnosis, Parameters


def diagnose_shard(trajectory: str, wanted: Diagnosis, shard: str) -> dict[str, xr.Dataset]:
    """{`step_<checkpoint>`: diagnostics} of the shard `<checkpoint>-<number>` of a finished trajectory."""
    whole = store.open_complete(trajectory)
    p = Parameters.from_config(provenance.parameters(whole))
    test = store.open_complete(trajectory, group="test")
    if p.source == "checkpoint":
        weights = store.open_complete(trajectory, group="weights")
        step, number = map(int, shard.split("-"))
        return diagnosis.diagnose_shard(whole, (weights, test), p.device, wanted, (step, number), p.seed)
    average = store.open_complete(trajectory, group="average")
    return diagnose.diagnose_shard(whole, (average, test), p, wanted, shard)
