"""One job of diagnosis: some test puzzles at one checkpoint (torch)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import xarray as xr

from emergent_dynamics.reasoning import diagnose as diagnosis
from emergent_dynamics.reasoning import diagnostics, learning, model, plan, tasks


def diagnose(
    trajectory: xr.Dataset, weights: xr.Dataset, test: xr.Dataset, parameters: Mapping[str, Any], shard: str
) -> dict[str, xr.Dataset]:
    """{`step_<checkpoint>`: diagnostics} of the examples of a shard. weights, test : the groups `average` and
    `test`.
    """
    torch.set_num_threads(1)
    checkpoint, rows = plan.rows(shard, parameters["examples"])
    at = int(np.flatnonzero(trajectory["step"].values == checkpoint)[0])
    tokens, labels = weights["token_embedding"].shape[1], weights["head"].shape[2]
    network = learning.network(parameters, tokens, labels, test.sizes["position"])
    network = replace(network, act_steps=parameters["roll_out"] or network.act_steps)
    here = test.isel(example=slice(rows.start, rows.stop))
    device = _device(parameters["device"])
    arrays = {str(name): value.isel(checkpoint=at).values for name, value in weights.data_vars.items()}
    found = diagnosis.diagnose(
        model.to_torch(arrays, torch.float32, device),
        network,
        tasks.Examples(**{str(name): array.values for name, array in here.items()}),
        parameters["exponents"],
        parameters["estimator"],
        parameters["seed"],
    )
    about = {
        "unit": diagnostics.UNIT,
        "estimator": "+".join(parameters["estimator"]),
        "series": "training",
        "step": checkpoint,
        "validation_accuracy": float(trajectory["validation_accuracy"].values[at]),
        "floor": float(np.finfo(np.float32).eps * network.scale),
        "dimensions": network.state_size,
        "sub_updates_per_step": network.sub_updates,
        "state_norm": network.scale,
        "dtype": "float32",
        "halting_rule": "q_halt > 0",
        "device": device,
    }
    return {f"step_{checkpoint}": diagnostics.dataset(found, about)}


def _device(wanted: str) -> str:
    """cuda where it is asked for and there is one; a line says so when there is none."""
    if wanted == "cpu" or torch.cuda.is_available():
        return "cpu" if wanted == "cpu" else "cuda"
    if wanted == "cuda":
        print("device: cuda is not available, falling back to cpu", flush=True)
    return "cpu"
