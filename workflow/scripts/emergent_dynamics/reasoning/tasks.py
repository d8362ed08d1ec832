"""The puzzles on which a network is trained and diagnosed, split so that no test puzzle is a training puzzle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.reasoning import maze, puzzle_files, sudoku


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


def make(config: Mapping[str, Any], seed: int) -> Task:
    """The task of an experiment's `task` block; raises ValueError where nothing is left to train on.

    Test and training puzzles are drawn from the same set unless `own.test` names a file of test puzzles or
    `test_givens` has other numbers of givens. In every case no test or validation puzzle (`split: puzzle`), or no
    symmetric copy of one (`split: class`; 4x4 has 109 classes in all), is trained on.
    """
    size = int(config["size"])
    everything, test = _puzzles(config, size, seed)
    unit, test_unit = _units(config["split"], everything, test)
    if test is None:
        parts = split(everything, unit, config["validation"], config["test"], seed)
    else:
        free = np.flatnonzero(~np.isin(unit, test_unit))
        trained, validated, _ = split(everything.take(free), unit[free], config["validation"], 0, seed)
        parts = (trained, validated, test)

    def symmetric(
        question: np.ndarray, answer: np.ndarray, draws: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        moved_question, moved_answer = sudoku.augment(question, answer + 1, size, draws)
        return moved_question.astype(np.int64), moved_answer.astype(np.int64) - 1

    if config["kind"] == "maze":
        return Task(*parts, 4, 2, None, 0)
    return Task(*parts, size + 1, size, symmetric if config["augment"] else None, size + 1)


def _puzzles(config: Mapping[str, Any], size: int, seed: int) -> tuple[Examples, Examples | None]:
    """All puzzles to be divided, and the test puzzles if they come from elsewhere."""
    if config["kind"] == "maze":
        return _mazes(size, config["puzzles"], seed), None
    own, givens = config["own"], config["test_givens"]
    train = own["train"] and puzzle_files.read(own["train"])
    train = train or sudoku.generate(size, config["puzzles"], tuple(config["givens"]), seed)
    test = own["test"] and puzzle_files.read(own["test"])
    if givens:
        test = sudoku.generate(size, config["test"], tuple(givens), seed, "reasoning.sudoku.test")
        if len(test.question) < config["test"]:
            raise ValueError(f"task.test_givens = {givens}: only {len(test.question)} puzzles were found")
    return _examples(train), _examples(test) if test else None


def _examples(made: sudoku.Puzzles) -> Examples:
    return Examples(
        made.question.astype(np.int64),
        made.answer.astype(np.int64) - 1,
        np.arange(len(made.question)),
        made.base,
        made.givens,
        made.nodes.astype(float),
    )


def _mazes(size: int, n: int, seed: int) -> Examples:
    question, answer, length = maze.generate(size, n, seed)
    return Examples(
        question.astype(np.int64),
        answer.astype(np.int64),
        np.arange(len(question)),
        maze.base_classes(question, size),
        np.full(len(question), -1),
        length.astype(float),
    )


def _units(kind: str, everything: Examples, test: Examples | None) -> tuple[np.ndarray, np.ndarray]:
    """Labels (example,) of undivided units, symmetry classes or equal puzzles: of all puzzles, and of test puzzles."""
    if test is None:
        return everything.base_puzzle if kind == "class" else everything.idx, np.empty(0, int)
    if kind == "class":
        return everything.base_puzzle, test.base_puzzle
    both = np.concatenate([everything.question, test.question])
    unit = np.unique(both, axis=0, return_inverse=True)[1].ravel()
    return unit[: len(everything)], unit[len(everything) :]


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
    parts: dict[str, list[np.ndarray]] = {"test": [np.empty(0, int)], "validation": [], "train": []}
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
        raise ValueError(f"{len(member)} puzzles are too few for {test} to test and {validation} to validate")
    taken_parts = (np.sort(np.concatenate(parts[name])) for name in ("train", "validation", "test"))
    trained, validated, tested = (examples.take(part) for part in taken_parts)
    return trained, validated, tested
