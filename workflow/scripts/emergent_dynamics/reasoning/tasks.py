"""The puzzles on which a network is trained and diagnosed, split so that no test puzzle is a training puzzle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.reasoning import maze, sudoku


@dataclass(frozen=True)
class Examples:
    """question (example, position) int64 tokens, answer (example, position) int64 labels, idx, base_puzzle,
    givens and difficulty (example,)."""

    question: np.ndarray
    answer: np.ndarray
    idx: np.ndarray
    base_puzzle: np.ndarray
    givens: np.ndarray
    difficulty: np.ndarray

    def __len__(self) -> int:
        return len(self.question)

    def take(self, rows: np.ndarray) -> "Examples":
        """The examples at these rows, in this order."""
        return Examples(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


Augment = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Task:
    """train, validation and test examples (disjoint symmetry classes), n_tokens and n_labels; `augment` turns
    (question, answer, draws (example, n_draws)) into symmetric copies and is None when there is no
    augmentation."""

    train: Examples
    validation: Examples
    test: Examples
    n_tokens: int
    n_labels: int
    augment: Augment | None
    n_draws: int


def make(config: Mapping[str, object], seed: int) -> Task:
    """The task of an experiment's `task` block: kind sudoku|maze, size, puzzles, givens, test,
    validation, augment, split class|puzzle (4x4 has 109 classes in all: there only single puzzles can be
    held out)."""
    size, n = int(str(config["size"])), int(str(config["puzzles"]))
    if config["kind"] == "sudoku":
        low, high = (int(g) for g in config["givens"])  # type: ignore[attr-defined]
        made = sudoku.generate(size, n, (low, high), seed)
        everything = Examples(
            made.question.astype(np.int64),
            made.answer.astype(np.int64) - 1,
            np.arange(len(made.question)),
            made.base,
            made.givens,
            made.nodes.astype(float),
        )
        n_tokens, n_labels, n_draws = size + 1, size, size + 1
    else:
        question, answer, length = maze.generate(size, n, seed)
        base = maze.base_classes(question, size)
        givens = np.full(len(question), -1)
        everything = Examples(
            question.astype(np.int64),
            answer.astype(np.int64),
            np.arange(len(base)),
            base,
            givens,
            length.astype(float),
        )
        n_tokens, n_labels, n_draws = 4, 2, 0
    wanted = {name: int(str(config[name])) for name in ("test", "validation")}
    unit = everything.base_puzzle if config["split"] == "class" else everything.idx
    train, validation, test = split(everything, unit, wanted["validation"], wanted["test"], seed)

    def symmetric(
        question: np.ndarray, answer: np.ndarray, draws: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        moved_question, moved_answer = sudoku.augment(question, answer + 1, size, draws)
        return moved_question.astype(np.int64), moved_answer.astype(np.int64) - 1

    augment = symmetric if config["augment"] and config["kind"] == "sudoku" else None
    return Task(train, validation, test, n_tokens, n_labels, augment, n_draws)


def split(
    examples: Examples, unit: np.ndarray, validation: int, test: int, seed: int
) -> tuple[Examples, Examples, Examples]:
    """Divide whole units (symmetry classes, or single puzzles) among test, validation and training.

    In random order they go to test until it has `test` examples, then to validation, and the rest to training. A
    class that does not fit is cut: the part left over is discarded and never trained on. Raises ValueError when
    nothing is left to train on.
    """
    classes, member = np.unique(unit, return_inverse=True)
    order = np.argsort(streams.uniform(seed, "reasoning.split", 0, 0, len(classes)), kind="stable")
    parts: dict[str, list[np.ndarray]] = {"test": [], "validation": [], "train": []}
    room = {"test": test, "validation": validation}
    rows = np.argsort(member, kind="stable")
    edges = np.searchsorted(member[rows], np.arange(len(classes) + 1))
    for one in order:
        here = rows[edges[one] : edges[one + 1]]
        name = next((part for part, left in room.items() if left > 0), "train")
        taken = here[: room[name]] if name in room else here
        parts[name].append(taken)
        if name in room:
            room[name] -= len(taken)
    if any(room.values()) or not parts["train"]:
        raise ValueError(
            f"task.puzzles = {len(member)}: too few for test = {test} and validation = {validation}"
        )
    taken_parts = (np.sort(np.concatenate(parts[name])) for name in ("train", "validation", "test"))
    trained, validated, tested = (examples.take(part) for part in taken_parts)
    return trained, validated, tested
