"""A field whose coupling, lag, frequencies and strength of the input are trained with the classifier, as in AKOrN.

Miyato et al. 2025, ICLR: z' = normalise(z + dt (J z + i omega z + b c)), J a learned convolution. Here J has a complex
weight (a coupling and a phase lag) for each pair of channels and each of the 3 x 3 surrounding pixels. The field starts
at the phases of the input. With its initial weights, apart from `SCATTER`, it is the experiment's fixed field on an
open lattice without Omega, over `training.trained.steps` steps.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from emergent_dynamics.oscillators import head, images

NAME = "trained"  # name of its features
SIDE = 3  # width of the coupling's window in pixels
SCATTER = 0.01  # standard deviation of the initial weights, so that channels differ


class Field(torch.nn.Module):
    """Maps phases (image, y, x) in rad to features (image, 2 pixel); its weights are rates per unit time."""

    def __init__(self, config: Mapping[str, Any], seed: int) -> None:
        super().__init__()
        channels, coupling = config["channels"], config["coupling"]
        own = config["training"]["trained"]
        self.steps, self.dt = own["steps"], own["step_size"]
        self.keep = 1 - self.dt * (coupling + config["bias"])  # radial part, which only scales the step
        weight = torch.zeros(channels, channels, SIDE, SIDE)
        for channel in range(channels):
            weight[channel, channel, [0, 2, 1, 1], [1, 1, 0, 2]] = coupling
            for other in (channel - 1, channel + 1):
                if 0 <= other < channels:
                    weight[channel, other, 1, 1] = coupling
        drawn = torch.Generator().manual_seed(seed % 2**63)
        both = torch.stack([weight, torch.zeros_like(weight)])
        self.coupling = torch.nn.Parameter(both + SCATTER * torch.randn(both.shape, generator=drawn))
        self.frequency = torch.nn.Parameter(SCATTER * torch.randn(channels, generator=drawn))
        self.pull = torch.nn.Parameter(torch.full((channels,), float(config["bias"])))

    def forward(self, phase: torch.Tensor) -> torch.Tensor:
        """(image, 2 pixel): real and imaginary part of z after the last step, averaged over channels."""
        channels = len(self.pull)
        c_r, c_i = (f(phase)[:, None].expand(-1, channels, -1, -1) for f in (torch.cos, torch.sin))
        z_r, z_i = c_r, c_i
        real, imaginary = self.coupling
        rows = torch.cat([torch.cat([real, -imaginary], 1), torch.cat([imaginary, real], 1)])
        rate, pull = (values[:, None, None] for values in (self.frequency, self.pull))
        for _ in range(self.steps):
            pulled = torch.nn.functional.conv2d(torch.cat([z_r, z_i], 1), rows, padding=SIDE // 2)
            f_r = self.keep * z_r + self.dt * (pulled[:, :channels] - rate * z_i + pull * c_r)
            f_i = self.keep * z_i + self.dt * (pulled[:, channels:] + rate * z_r + pull * c_i)
            size = torch.rsqrt(f_r * f_r + f_i * f_i + 1e-12)
            z_r, z_i = f_r * size, f_i * size
        return torch.stack([z_r.mean(1), z_i.mean(1)], 1).flatten(1)


def learn(
    train: head.Data, validation: head.Data, config: Mapping[str, Any], seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Train field and linear readout together by Adam, with the epochs, batch size and patience of the head.

    x of `train` and `validation` : phases (image, y, x) in rad, float32. Returns a function from phases to features
    (image, 2 pixel), which uses the weights of the epoch with the lowest validation loss.
    """
    settings = config["training"]
    field = Field(config, seed)
    classes = int(max(train.y.max(), validation.y.max())) + 1
    readout = head.build("linear", 2 * train.x[0].size, classes, seed)
    both = torch.nn.Sequential(field, readout)
    optimiser = head.Adam(list(both.parameters()), settings["trained"]["learning_rate"])
    best, lowest, bad = _weights(field), np.inf, 0
    for epoch in range(settings["epochs"]):
        head.epoch_of(both, optimiser, train, settings["batch"], seed, epoch)
        loss = _loss(both, validation)
        better = loss < lowest
        best, lowest, bad = (_weights(field), loss, 0) if better else (best, lowest, bad + 1)
        if bad >= settings["patience"]:
            break
    field.load_state_dict(best)
    return lambda phases: _batched(field, phases)


def phases(pictures: np.ndarray, config: Mapping[str, Any]) -> np.ndarray:
    """(image, y, x) phases of the input in rad, float32."""
    return images.map_intensity(pictures, config["mapping"]).astype(np.float32)


def _weights(field: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in field.state_dict().items()}


def _loss(both: torch.nn.Module, validation: head.Data) -> float:
    labels = torch.from_numpy(validation.y)
    return float(torch.nn.functional.cross_entropy(torch.from_numpy(_batched(both, validation.x)), labels))


def _batched(module: torch.nn.Module, values: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return torch.cat([module(part) for part in torch.from_numpy(values).split(250)]).numpy()
