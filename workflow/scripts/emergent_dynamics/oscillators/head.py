"""A linear or two-layer classifier trained with Adam and early stopping, in torch.

Training can be interrupted after every epoch and continued later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from emergent_dynamics import streams

HIDDEN = 128  # hidden units of the mlp
DECAYS, FLOOR = (0.9, 0.999), 1e-8  # parameters of Adam, as in the paper and in torch
State = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """Features (image, feature) float32 and labels (image,)."""

    x: np.ndarray
    y: np.ndarray


class Adam:
    """Kingma & Ba 2015, algorithm 1, equal to torch's bit for bit; torch.optim itself takes seconds to import."""

    def __init__(self, weights: list[torch.Tensor], rate: float) -> None:
        self.weights, self.rate, self.steps = weights, rate, 0
        self.first, self.second = ([torch.zeros_like(w) for w in weights] for _ in range(2))

    @torch.no_grad()
    def step(self) -> None:
        """Update the weights by their gradients, and clear the gradients."""
        self.steps += 1
        unbias, root = 1 - DECAYS[0] ** self.steps, (1 - DECAYS[1] ** self.steps) ** 0.5
        for weight, first, second in zip(self.weights, self.first, self.second, strict=True):
            slope = weight.grad
            assert slope is not None
            first.lerp_(slope, 1 - DECAYS[0])
            second.mul_(DECAYS[1]).addcmul_(slope, slope, value=1 - DECAYS[1])
            weight.addcdiv_(first, (second.sqrt() / root).add_(FLOOR), value=-self.rate / unbias)
            weight.grad = None

    def state(self) -> State:
        """A copy of everything that the next step depends on, except the weights."""
        return {"steps": self.steps, "first": _clone(self.first), "second": _clone(self.second)}

    def restore(self, state: State) -> None:
        """Continue from what `state` returned."""
        self.steps, self.first, self.second = state["steps"], _clone(state["first"]), _clone(state["second"])


def build(kind: str, features: int, classes: int, seed: int) -> torch.nn.Module:
    """A fresh classifier; its weights depend on the seed only."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**63)
        if kind == "linear":
            return torch.nn.Linear(features, classes)
        return torch.nn.Sequential(
            torch.nn.Linear(features, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, classes)
        )


def fit(
    train: Data,
    validation: Data,
    settings: Mapping[str, Any],
    seed: int,
    state: State | None = None,
    keep: Callable[[State], None] = lambda state: None,
    anew: Callable[[int], np.ndarray] | None = None,
) -> State:
    """Train until the validation loss has not fallen for `patience` epochs, or `epochs` are over.

    anew : if given, a function of the epoch (from 0) that returns the features of the training images of that epoch.
    state : a state that was passed to `keep` after an epoch, from which training continues; the result equals that of
    an uninterrupted run, bit for bit. keep : called with the state after every epoch.
    Returns the state: best (weights of the best epoch), epoch, log (per epoch: training and validation loss), stopped.
    """
    classes = int(max(train.y.max(), validation.y.max())) + 1
    head = build(settings["head"], train.x.shape[1], classes, seed)
    optimiser = Adam(list(head.parameters()), settings["learning_rate"])
    if state is None:
        state = {
            "epoch": 0,
            "log": [],
            "best": _copy(head),
            "lowest": float("inf"),
            "bad": 0,
            "stopped": False,
        }
    else:
        head.load_state_dict(state["head"])
        optimiser.restore(state["optimiser"])
    while state["epoch"] < settings["epochs"] and not state["stopped"]:
        seen = Data(anew(state["epoch"]), train.y) if anew else train
        loss = epoch_of(head, optimiser, seen, settings["batch"], seed, state["epoch"])
        with torch.no_grad():
            check = torch.nn.functional.cross_entropy(
                head(torch.from_numpy(validation.x)), torch.from_numpy(validation.y)
            ).item()
        better = check < state["lowest"]
        bad = 0 if better else state["bad"] + 1
        state = {
            "epoch": state["epoch"] + 1,
            "log": [*state["log"], [loss, check]],
            "best": _copy(head) if better else state["best"],
            "lowest": min(check, state["lowest"]),
            "bad": bad,
            "stopped": bad >= settings["patience"],
            "head": _copy(head),
            "optimiser": optimiser.state(),
        }
        keep(state)
    return state


def predict(state: State, kind: str, x: np.ndarray, classes: int) -> np.ndarray:
    """(image,) labels by the best epoch's weights."""
    head = build(kind, x.shape[1], classes, 0)
    head.load_state_dict(state["best"])
    with torch.no_grad():
        return head(torch.from_numpy(x)).argmax(1).numpy()


def epoch_of(head: torch.nn.Module, optimiser: Adam, train: Data, batch: int, seed: int, epoch: int) -> float:
    """Train for one epoch, in an order drawn from (seed, epoch); return the mean loss in nat per image."""
    order = torch.from_numpy(
        streams.choice_without_replacement(seed, "oscillators.order", 0, epoch, len(train.y), len(train.y))
    )
    x, y, total = torch.from_numpy(train.x), torch.from_numpy(train.y), 0.0
    for part in order.split(batch):
        loss = torch.nn.functional.cross_entropy(head(x[part]), y[part])
        loss.backward()
        optimiser.step()
        total += loss.item() * len(part)
    return total / len(train.y)


def _copy(head: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in head.state_dict().items()}


def _clone(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    return [t.clone() for t in tensors]
