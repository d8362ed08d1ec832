"""Deep supervision: one optimiser step per ACT step, the carry detached in between, halted examples replaced.

Everything the next step needs is in the state (weights, average, optimiser, carry), and every draw is
addressed by the step, so training resumed anywhere gives the bits of an unbroken run (one thread).
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional
from torch.optim.adamw import adamw

from emergent_dynamics import streams
from emergent_dynamics.reasoning import flossing, model
from emergent_dynamics.reasoning.parameters import Network, Recipe
from emergent_dynamics.reasoning.tasks import Task

State = dict[str, np.ndarray]


def initial(p: Network, recipe: Recipe) -> State:
    """The state before the first update: weights and average are equal, and every slot of the carry is free."""
    weights = {name: w.numpy() for name, w in model.initial_weights(p).items()}
    state = {f"raw/{name}": w.copy() for name, w in weights.items()}
    state |= {f"average/{name}": w.copy() for name, w in weights.items()}
    state |= {f"first/{name}": np.zeros_like(w) for name, w in weights.items()}
    state |= {f"second/{name}": np.zeros_like(w) for name, w in weights.items()}
    state["carry/z"] = np.zeros((recipe.batch, 2, p.length, p.width), np.float32)
    state["carry/question"] = np.zeros((recipe.batch, p.positions), np.int64)
    state["carry/answer"] = np.zeros((recipe.batch, p.positions), np.int64)
    state["carry/steps"] = np.zeros(recipe.batch, np.int64)
    state["carry/least"] = np.zeros(recipe.batch, np.int64)
    state["carry/free"] = np.ones(recipe.batch, bool)
    return state


def advance(state: State, start: int, stop: int, task: Task, p: Network, recipe: Recipe) -> State:
    """Optimiser steps start + 1 .. stop. The mean loss and accuracy of each go to `loss` and
    `batch_accuracy`.
    """
    groups = ("raw", "average", "first", "second")  # tensors share the state's memory
    weights, average, first, second = (
        {name: torch.from_numpy(a) for name, a in under(state, group).items()} for group in groups
    )
    for w in weights.values():
        w.requires_grad_()
    first_state = model.initial(p)
    losses, accuracies, penalties = [], [], []
    for now in range(start, stop):
        fresh = torch.from_numpy(state["carry/free"])
        refill(state, now, task, p, recipe)
        z = torch.from_numpy(state["carry/z"])
        z = torch.where(fresh[:, None, None, None], first_state, z)
        answer = torch.from_numpy(state["carry/answer"])
        x = model.embed(weights, torch.from_numpy(state["carry/question"]), p)
        z = model.training_step(weights, z, x, p)
        logits, q = model.observe(weights, z, p)
        correct = (logits.argmax(dim=-1) == answer).all(dim=1)
        loss = functional.cross_entropy(logits.flatten(0, 1), answer.flatten())
        loss = loss + recipe.q_weight * functional.binary_cross_entropy_with_logits(q[:, 0], correct.float())
        if recipe.flossing.weight:
            floss = flossing.penalty(weights, z, x, p, recipe.flossing, now)
            penalties.append(float(floss.detach()))
            loss = loss + recipe.flossing.weight * floss
        loss.backward()
        _update(weights, first, second, now, recipe)
        keep = min(recipe.average, (1 + now) / (10 + now))
        with torch.no_grad():
            for name, mean in average.items():
                mean.lerp_(weights[name], 1.0 - keep)
        state["carry/z"] = z.detach().numpy()
        state["carry/steps"] = state["carry/steps"] + 1
        halt = q[:, 0].detach().numpy() > 0
        out_of_time = state["carry/steps"] >= p.act_steps
        state["carry/free"] = out_of_time | (halt & (state["carry/steps"] >= state["carry/least"]))
        losses.append(float(loss.detach()))
        accuracies.append(float(correct.float().mean()))
    state["loss"] = np.array(losses)
    state["batch_accuracy"] = np.array(accuracies)
    if recipe.flossing.weight:
        state["flossing"] = np.array(penalties)
    return state


def refill(state: State, now: int, task: Task, p: Network, recipe: Recipe) -> None:
    """Give every free slot a training puzzle in a randomly drawn symmetric copy, and its least number of steps.

    That number is 1 or, with the probability of exploration, uniform on 2 .. act_steps. Numbers are drawn for all
    slots, whether free or not, so that their shape is fixed.
    """
    free = state["carry/free"]
    seed = p.seed
    chosen = streams.integers(seed, "reasoning.batch", 0, now, recipe.batch, len(task.train))
    question, answer = task.train.question[chosen], task.train.answer[chosen]
    if task.augment is not None:
        draws = streams.uniform(seed, "reasoning.augment", 0, now, recipe.batch * task.n_draws)
        question, answer = task.augment(question, answer, draws.reshape(recipe.batch, -1))
    explore = streams.uniform(seed, "reasoning.explore", 0, now, 2 * recipe.batch).reshape(2, -1)
    long = 2 + (explore[1] * (p.act_steps - 1)).astype(np.int64)
    least = np.where(explore[0] < recipe.exploration, long, 1)
    for name, value in (("question", question), ("answer", answer), ("least", least)):
        where = free if value.ndim == 1 else free[:, None]
        state[f"carry/{name}"] = np.where(where, value, state[f"carry/{name}"])
    # The first puzzle of each slot gets a different number of steps, else all slots would be at the same ACT step.
    begin = np.arange(recipe.batch) % p.act_steps if now == 0 else 0
    state["carry/steps"] = np.where(free, begin, state["carry/steps"])


def accuracy(w: model.Weights, question: np.ndarray, answer: np.ndarray, p: Network) -> float:
    """Return the share of puzzles whose answer is wholly right after all ACT steps."""
    with torch.no_grad():
        x = model.embed(w, torch.from_numpy(question), p)
        z = model.initial(p).expand(len(question), -1, -1, -1)
        for _ in range(p.act_steps):
            z = model.step(w, z, x, p)
        logits, _ = model.observe(w, z, p)
    return float((logits.argmax(dim=-1).numpy() == answer).all(axis=1).mean())


def under(state: Mapping[str, np.ndarray], group: str) -> dict[str, np.ndarray]:
    """Return the arrays of a group, by names without its prefix."""
    return {name.removeprefix(f"{group}/"): a for name, a in state.items() if name.startswith(f"{group}/")}


def _update(
    weights: model.Weights, first: model.Weights, second: model.Weights, done: int, recipe: Recipe
) -> None:
    """AdamW after `done` updates, in place, gradients clipped and used up; biases and the halting head decay too, as
    in the authors' code. It calls torch's function, since torch's class imports a compiler for 2 s.
    """
    used = list(weights.values())
    torch.nn.utils.clip_grad_norm_(used, recipe.clip)
    with torch.no_grad():
        adamw(
            used,
            [w.grad for w in used],
            [first[name] for name in weights],
            [second[name] for name in weights],
            [],
            [torch.tensor(float(done)) for _ in used],
            foreach=True,
            amsgrad=False,
            beta1=recipe.beta1,
            beta2=recipe.beta2,
            lr=recipe.rate,
            weight_decay=recipe.decay,
            eps=1e-8,
            maximize=False,
        )
    for w in used:
        w.grad = None
