"""The parameters of one experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emergent_dynamics.inputs.files import read
from emergent_dynamics.oscillators import draws
from emergent_dynamics.oscillators.network import network_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

AXES = ("channel", "y", "x")


@dataclass(frozen=True, eq=False)
class Parameters:
    """One experiment; nothing here has a default. Times are in the model's unit, couplings in rad per unit time."""

    height: int
    width: int
    channels: int
    step_size: float  # time per step
    coupling: float  # k, to the neighbours
    frequency: float  # k_omega, strength of Omega
    bias: float  # k_b, to the input
    spike_threshold: float  # rad per step
    evolve_input: bool
    periodic: tuple[bool, bool, bool]  # along channel, y, x
    normalise: str  # "sum" over neighbours, or their "mean"
    topology: str  # "lattice", "all_to_all", "network" or "ring"
    modulation: float  # A of a ring's weights 1 + A cos(distance)
    lag: float  # alpha of sin(theta_j - theta_i - alpha), rad
    network: "csr_array | None"  # (unit, unit) symmetric weights
    omega_mode: str  # "componentwise": skew (channel, channel); "rotation": (channel,)
    omega: np.ndarray
    integrator: str  # "euler" (with normalisation, the seed's), "heun", "rk4"
    natural: np.ndarray | None  # natural frequencies (run or 1, channel, y, x), rad per unit time
    noise: float  # D of the phases, rad^2 per unit time
    seed: int  # of the noise
    steps: int
    save: Mapping[str, int]  # "every": steps between stored frames
    store_dtype: str  # of stored phases: "uint16" or "float32"
    engine: str
    device: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape (channel, y, x) of the field."""
        return self.channels, self.height, self.width


def from_config(config: Mapping[str, Any]) -> Parameters:
    """The parameters of a complete experiment; Omega and the natural frequencies are drawn or read from files.

    Keys that only analyses read are ignored.
    """
    shape = config["channels"], config["height"], config["width"]
    threshold = config["spike_threshold"] * (
        config["step_size"] if config["spike_unit"] == "rad_per_time" else 1.0
    )
    if config["omega"] is None:
        omega = draws.draw_omega(config["seed"], config["channels"], config["omega_mode"])
    else:
        omega = read(config["omega"]).astype(float)
    own, natural = config["natural"], None
    if own["path"] is not None:
        natural = read(own["path"]).astype(float)
        natural = natural.reshape(-1, *shape)
    elif own["distribution"] != "none":
        kind = own["distribution"], own["scale"]
        if own["spaced"]:
            natural = draws.spaced_natural(shape, *kind)
        else:
            natural = draws.draw_natural(config["seed"], config["runs"], shape, *kind)
    same = (
        "height",
        "width",
        "channels",
        "step_size",
        "coupling",
        "frequency",
        "bias",
        "evolve_input",
        "normalise",
        "topology",
        "modulation",
        "lag",
        "omega_mode",
        "integrator",
        "noise",
        "seed",
        "steps",
        "save",
        "store_dtype",
        "engine",
        "device",
    )
    return Parameters(
        spike_threshold=threshold,
        periodic=tuple(config["boundary"][axis] == "periodic" for axis in AXES),
        omega=omega,
        natural=natural,
        network=network_of(config),
        **{key: config[key] for key in same},
    )
