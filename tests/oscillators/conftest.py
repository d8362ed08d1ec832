"""One way to make an experiment, and one to run it on either engine."""

import numpy as np
import pytest

from emergent_dynamics.oscillators import draws, model
from emergent_dynamics.oscillators.kernels import cpu, planes
from emergent_dynamics.oscillators.parameters import Parameters

SEED = {
    "height": 28, "width": 28, "channels": 4, "step_size": 0.01, "coupling": 0.12, "frequency": 0.0, "bias": 1.25,
    "spike_threshold": 0.00035, "evolve_input": False, "periodic": (False, False, False), "normalise": "sum",
    "topology": "lattice", "modulation": 0.995, "lag": 0.0,
    "network": None, "noise": 0.0, "seed": 1, "omega_mode": "componentwise", "omega": None,
    "integrator": "euler", "natural": None, "steps": 512, "save": {"every": 1},
    "store_dtype": "uint16", "engine": "auto", "device": "auto",
}  # fmt: skip


def parameters(**changes):
    values = {**SEED, **changes}
    if values["omega"] is None:
        values["omega"] = draws.draw_omega(3, values["channels"], values["omega_mode"])
    return Parameters(**values)


def run(field, p, steps, engine):
    """`steps` steps from field; engine: reference, or the kernel in float64 or float32."""
    if engine == "reference":
        for _ in range(steps):
            field = model.step(field, p)
        return field
    dtype, where = np.dtype(engine), planes.layout(p.shape)
    z = planes.pack(field.z, where, p.periodic, dtype)
    c = planes.pack(field.c, where, p.periodic, dtype)
    spikes = cpu.advance(z, c, cpu.constants(p, dtype), steps)
    spike = planes.interior(spikes, where)
    return model.Field(planes.unpack(z, where), planes.unpack(c, where), spike)


@pytest.fixture(name="parameters")
def _parameters():
    return parameters


@pytest.fixture(name="run")
def _run():
    return run
