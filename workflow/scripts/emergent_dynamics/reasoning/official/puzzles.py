"""Data folders of the official builders: `<folder>/<split>/dataset.json` and five `all__*.npy`, read without pickle.

An example belongs to a puzzle, a puzzle has an identifier (its row of the puzzle embedding), and a group is a base
puzzle with its augmented copies: the unit that is independent of others. Only drawn rows are read. Instead of a folder
there may be a file with a user's own Sudoku puzzles, each its own group.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.inputs.content import located
from emergent_dynamics.reasoning.official import Refused
from emergent_dynamics.reasoning.official.configuration import Sizes


class TooFew(Refused):
    """More examples were requested than the split can provide."""


ARRAYS = ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")
NOT_COUNTED = -1  # a cell of an answer that the data set marks as ignored
SUDOKU = (81, 11)  # (cells, vocabulary) of data in which tokens above 1 are given digits


@dataclass(frozen=True)
class Split:
    """One split: sizes, the label that does not count (None if all count), and memory maps of the arrays. inputs,
    labels : (example, S) integers. identifiers : (puzzle,). puzzles, groups : where puzzles begin in examples, and
    groups in puzzles.
    """

    folder: Path
    sizes: Sizes
    ignored: int | None
    inputs: np.ndarray
    labels: np.ndarray
    identifiers: np.ndarray
    puzzles: np.ndarray
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Drawn:
    """Examples of a split. idx : rows of the split. question, answer (example, S) int64, the answer NOT_COUNTED where
    the label does not count. identifier : rows of the puzzle embedding. base_puzzle : groups. givens : filled cells of
    a 9x9 sudoku, else -1. unlabelled : number of examples left out of the draw because none of their labels counts.
    """

    idx: np.ndarray
    question: np.ndarray
    answer: np.ndarray
    identifier: np.ndarray
    base_puzzle: np.ndarray
    givens: np.ndarray
    unlabelled: int


def files(folder: Path, split: str) -> dict[str, Path]:
    """The six files of a split by name, or the one file of puzzles."""
    if located(str(folder))[0].is_file():
        return {"puzzles": folder}
    here = folder / split
    return {"dataset": here / "dataset.json", **{name: here / f"all__{name}.npy" for name in ARRAYS}}


def read(folder: Path, split: str) -> Split:
    """Open a split and check its shapes and indices, or a file of puzzles; raises Refused."""
    if located(str(folder))[0].is_file():
        return own(folder)
    paths = files(folder, split)
    for path in paths.values():
        if not path.is_file():
            raise Refused(f"{path}: no such file; a data folder has {split}/dataset.json and five all__*.npy")
    about = _about(paths["dataset"])
    arrays = {name: _array(paths[name]) for name in ARRAYS}
    sizes = Sizes(about["vocab_size"], about["seq_len"], about["num_puzzle_identifiers"])
    inputs, labels = arrays["inputs"], arrays["labels"]
    for name in ("inputs", "labels"):
        wanted = (len(inputs), sizes.positions)
        if arrays[name].shape != wanted:
            raise Refused(
                f"{paths[name]}: shape {arrays[name].shape}; must be {wanted}, as seq_len is {sizes.positions}"
            )
    identifiers = arrays["puzzle_identifiers"]
    if identifiers.ndim != 1:
        raise Refused(f"{paths['puzzle_identifiers']}: shape {identifiers.shape}; must be (puzzles,)")
    if len(identifiers) and not (identifiers.min() >= 0 and identifiers.max() < sizes.identifiers):
        raise Refused(
            f"{paths['puzzle_identifiers']}: identifiers from {identifiers.min()} to {identifiers.max()}; "
            f"must be from 0 to {sizes.identifiers - 1}, as num_puzzle_identifiers is {sizes.identifiers}"
        )
    _ascending(arrays["puzzle_indices"], len(identifiers), len(inputs), paths["puzzle_indices"])
    _ascending(
        arrays["group_indices"], len(arrays["group_indices"]) - 1, len(identifiers), paths["group_indices"]
    )
    return Split(
        paths["dataset"].parent,
        sizes,
        about["ignore_label_id"],
        inputs,
        labels,
        np.asarray(identifiers),
        np.asarray(arrays["puzzle_indices"]),
        np.asarray(arrays["group_indices"]),
    )


def own(path: Path) -> Split:
    """Sudoku puzzles of any file that `puzzle_files` reads, as the official builder writes them: 0 is padding, which
    does not occur, 1 an empty cell, 2 the digit 1; one identifier for all. Raises Refused."""
    from emergent_dynamics.reasoning import puzzle_files  # imports Numba

    try:
        puzzles = puzzle_files.read(str(path))
    except Unusable as error:
        raise Refused(f"{path}: not a file of sudoku puzzles; it {error}") from None
    each = np.arange(len(puzzles.question) + 1)
    return Split(
        path,
        Sizes(puzzle_files.size_of(puzzles) + 2, puzzles.question.shape[1], 1),
        None,
        puzzles.question + 1,
        puzzles.answer + 1,
        np.zeros(len(puzzles.question), int),
        each,
        each,
    )


def draw(split: Split, selection: str, examples: int, seed: int) -> Drawn:
    """Choose examples of a split.

    selection : `random` takes one example from each of `examples` random groups, without replacement, and passes over
    examples none of whose labels counts; `first` takes the first rows; `all` takes every row.
    Raises TooFew where the split has fewer examples, Refused where a chosen example has no label that counts.
    """
    unlabelled = 0
    if selection == "random":
        rows, unlabelled = _random(split, examples, seed)
    else:
        rows = np.arange(len(split) if selection == "all" else examples)
    if len(rows) != examples or examples > len(split):
        raise TooFew(f"{split.folder}: {len(split)} examples, but {examples} are requested")
    question = _tokens(split, split.inputs, rows, "inputs")
    answer = _tokens(split, split.labels, rows, "labels", split.ignored)
    empty = int(np.count_nonzero((answer == NOT_COUNTED).all(axis=1)))
    if empty:
        raise Refused(
            f"{split.folder}: {empty} of the {examples} drawn examples have no label that counts; "
            "draw: random leaves such examples out"
        )
    puzzle = np.searchsorted(split.puzzles, rows, side="right") - 1
    is_sudoku = (split.sizes.positions, split.sizes.vocabulary) == SUDOKU
    givens = np.count_nonzero(question > 1, axis=1) if is_sudoku else np.full(len(rows), -1)
    return Drawn(
        idx=rows.astype(np.int64),
        question=question,
        answer=answer,
        identifier=split.identifiers[puzzle].astype(np.int64),
        base_puzzle=(np.searchsorted(split.groups, puzzle, side="right") - 1).astype(np.int64),
        givens=givens.astype(np.int16),
        unlabelled=unlabelled,
    )


def _random(split: Split, examples: int, seed: int) -> tuple[np.ndarray, int]:
    groups = len(split.groups) - 1
    if examples > groups:
        raise TooFew(
            f"{split.folder}: {groups} groups, but {examples} examples are requested; "
            "draw: random takes one of each group; set draw to first or all to take more than one"
        )
    order = np.argsort(streams.uniform(seed, "reasoning.draw", 0, 0, groups), kind="stable")
    place = streams.uniform(seed, "reasoning.draw", 0, 1, groups)
    rows: list[int] = []
    passed = 0
    for group in order:
        begin, end = (int(split.puzzles[split.groups[group + i]]) for i in (0, 1))
        if begin == end:
            continue
        row = begin + int(place[group] * (end - begin))
        if split.ignored is not None and (split.labels[row] == split.ignored).all():
            passed += 1
            continue
        rows.append(row)
        if len(rows) == examples:
            return np.sort(np.array(rows)), passed
    raise TooFew(
        f"{split.folder}: only {len(rows)} of {groups} groups have an example with a label that counts, "
        f"but {examples} are requested"
    )


def _tokens(
    split: Split, array: np.ndarray, rows: np.ndarray, name: str, ignored: int | None = None
) -> np.ndarray:
    values = np.asarray(array[rows], np.int64)
    counted = np.ones(values.shape, bool) if ignored is None else values != ignored
    wrong = counted & ((values < 0) | (values >= split.sizes.vocabulary))
    if wrong.any():
        raise Refused(
            f"{split.folder}/all__{name}.npy: token {values[wrong][0]} in row {rows[wrong.any(axis=1)][0]}; "
            f"must be from 0 to {split.sizes.vocabulary - 1}, as vocab_size is {split.sizes.vocabulary}"
        )
    return np.where(counted, values, NOT_COUNTED)


def _about(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise Refused(f"{path}: not JSON") from None
    if not isinstance(content, dict):
        raise Refused(f"{path}: not a JSON object")
    for key in ("vocab_size", "seq_len", "num_puzzle_identifiers"):
        value = content.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Refused(f"{path}: {key} = {value}: must be an integer from 1")
    ignored = content.setdefault("ignore_label_id", None)
    if ignored is not None and (not isinstance(ignored, int) or isinstance(ignored, bool)):
        raise Refused(f"{path}: ignore_label_id = {ignored}: must be an integer or null")
    if content.get("sets", ["all"]) != ["all"]:
        raise Refused(f'{path}: sets = {content["sets"]}: must be ["all"]')
    return content


def _array(path: Path) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise Refused(
            f"{path}: not an npy file of plain numbers ({' '.join(str(error).split())[:80]})"
        ) from None
    if array.dtype.kind not in "iu":
        raise Refused(f"{path}: dtype {array.dtype}; must be integers")
    return array


def _ascending(indices: np.ndarray, parts: int, last: int, path: Path) -> None:
    if indices.shape != (parts + 1,) or parts < 1:
        raise Refused(
            f"{path}: shape {indices.shape}; must be ({parts + 1},), one entry more than there are parts"
        )
    if indices[0] != 0 or indices[-1] != last or (np.diff(indices.astype(np.int64)) < 0).any():
        raise Refused(
            f"{path}: must ascend from 0 to {last}; it begins at {indices[0]} and ends at {indices[-1]}"
        )
