"""Sudoku of 4x4 (2x2 boxes) and 6x6 (boxes of 2 rows, 3 columns), each with exactly one solution.

4x4 has only 288 grids (Felgenhauer & Jarvis count the larger sizes the same way), so its held-out puzzles
share solutions with training: a fixture for tests, not a claim about generalisation. 6x6 has 28,200,960.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.runtime.compiler import numba

BOXES = {4: (2, 2), 6: (2, 3)}  # size: (rows, columns) of a box
N_GRIDS = {4: 288, 6: 28_200_960}


@dataclass(frozen=True)
class Puzzles:
    """question, answer (puzzle, cell) int8, 0 is an empty cell; givens and nodes (puzzle,): filled cells,
    and nodes of the exact solver's search; base (puzzle,) int64: symmetry class, equal for puzzles that are
    copies."""

    question: np.ndarray
    answer: np.ndarray
    givens: np.ndarray
    nodes: np.ndarray
    base: np.ndarray


@numba.njit(cache=True)
def _taken(used, units, c):
    """The digits that cell c cannot take, as bits; used (unit,) are the digits of every row, column and box."""
    return used[units[c, 0]] | used[units[c, 1]] | used[units[c, 2]]


@numba.njit(cache=True)
def _toggle(used, units, c, digit):
    """Put a digit into cell c, or take it away again."""
    for u in range(3):
        used[units[c, u]] ^= 1 << digit


@numba.njit(cache=True)
def _solve(grid, units, free, order, limit, solution):
    """Count solutions up to `limit` by depth-first search on the cell with fewest candidates; the first goes
    to `solution`. order (size,) is the sequence in which digits are tried. Returns (solutions, nodes)."""
    # Floor: one visit a node, 36 mask lookups each. Copies are loops: Numba compiles a slice's assignment for 5 s.
    cells, size = units.shape[0], order.size
    used = np.zeros(3 * size, np.int64)
    work = np.zeros(cells, np.int8)
    for c in range(cells):
        if grid[c] > 0:
            if (_taken(used, units, c) >> grid[c]) & 1:
                return 0, 0
            work[c] = grid[c]
            _toggle(used, units, c, grid[c])
    stack_cell = np.empty(cells, np.int64)
    stack_next = np.empty(cells, np.int64)
    depth, solutions, nodes, descend = 0, 0, 0, True
    while True:
        if descend:
            best, least = -1, size + 1
            for c in range(cells):
                if work[c] == 0:
                    candidates = free[_taken(used, units, c)]
                    if candidates < least:
                        best, least = c, candidates
            if best < 0:
                solutions += 1
                if solutions == 1:
                    for c in range(cells):
                        solution[c] = work[c]
                if solutions >= limit:
                    return solutions, nodes
                depth -= 1
            else:
                nodes += 1
                stack_cell[depth] = best
                stack_next[depth] = 0
            descend = False
        if depth < 0:
            return solutions, nodes
        c = stack_cell[depth]
        if work[c] > 0:
            _toggle(used, units, c, work[c])
            work[c] = 0
        taken = _taken(used, units, c)
        at = stack_next[depth]
        while at < size and (taken >> order[at]) & 1:
            at += 1
        if at == size:
            depth -= 1
            continue
        stack_next[depth] = at + 1
        work[c] = order[at]
        _toggle(used, units, c, order[at])
        depth += 1
        descend = True


@numba.njit(cache=True)
def _canonical(question, size, permutations, best):
    """Smallest relabelled image of the puzzle under the cell permutations (symmetry, cell); written to
    `best`. Empty cells sort last, so that labels are given in order of appearance."""
    cells = size * size
    label = np.empty(size + 1, np.int8)
    best.fill(127)
    for s in range(permutations.shape[0]):
        label.fill(0)
        fresh = 1
        smaller = False
        for c in range(cells):
            digit = question[permutations[s, c]]
            value = size + 1
            if digit > 0:
                if label[digit] == 0:
                    label[digit] = fresh
                    fresh += 1
                value = label[digit]
            if not smaller:
                if value > best[c]:
                    break
                smaller = value < best[c]
            best[c] = value


def symmetries(size: int) -> np.ndarray:
    """(symmetry, cell) cell permutations: bands, stacks, rows within, columns within and, for square boxes,
    the transpose. 128 for 4x4, 3456 for 6x6; digits are relabelled besides."""
    box_rows, box_columns = BOXES[size]
    rows = _line_orders(size // box_rows, box_rows)
    columns = _line_orders(size // box_columns, box_columns)
    permutations = (rows[:, None, :, None] * size + columns[None, :, None, :]).reshape(-1, size * size)
    if box_rows == box_columns:
        transpose = np.arange(size * size).reshape(size, size).T.ravel()
        permutations = np.concatenate([permutations, permutations[:, transpose]])
    return permutations.astype(np.int16)


def _line_orders(blocks: int, lines: int) -> np.ndarray:
    """Orders of blocks x lines that keep blocks together."""
    from itertools import permutations, product

    inner = list(permutations(range(lines)))
    return np.array(
        [
            [block * lines + line for block, order in zip(outer, inside, strict=True) for line in order]
            for outer in permutations(range(blocks))
            for inside in product(inner, repeat=blocks)
        ]
    )


@cache
def _geometry(size: int) -> tuple[np.ndarray, np.ndarray]:
    """units (cell, 3): every cell's row, column and box among the 3 size units; free (2^(size + 1),): how many
    digits are not in a mask, whose bit d is digit d."""
    box_rows, box_columns = BOXES[size]
    row, column = np.divmod(np.arange(size * size), size)
    box = row // box_rows * (size // box_columns) + column // box_columns
    free = np.array([size - (mask >> 1).bit_count() for mask in range(2 << size)])
    return np.stack([row, size + column, 2 * size + box], axis=1), free


def solve(
    question: np.ndarray, size: int, limit: int = 2, order: np.ndarray | None = None
) -> tuple[np.ndarray, int, int]:
    """The first solution (cell,) int8, how many there are (counted to `limit`) and the search's nodes. order
    (size,): the sequence in which digits are tried, 1, 2, ... without."""
    solution = np.zeros(size * size, np.int8)
    digits = np.arange(1, size + 1) if order is None else order
    solutions, nodes = _solve(question.astype(np.int8), *_geometry(size), digits, limit, solution)
    return solution, solutions, nodes


def make(size: int, givens: int, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """One puzzle: a grid filled from a shuffled first row, then cells emptied in a random order while the
    solution stays unique, until `givens` are left or no cell can go.  draws (2 size + size^2,) uniform on
    [0, 1). Returns question and answer (cell,) int8, and the nodes of the puzzle's own search."""
    first_row, order = (np.argsort(part) + 1 for part in (draws[:size], draws[size : 2 * size]))
    start = np.zeros(size * size, np.int8)
    start[:size] = first_row
    answer, _, _ = solve(start, size, limit=1, order=order)
    question = answer.copy()
    left = question.size
    for c in np.argsort(draws[2 * size :]):
        if left == givens:
            break
        question[c] = 0
        if solve(question, size)[1] == 1:
            left -= 1
        else:
            question[c] = answer[c]
    return question, answer, solve(question, size)[2]


def generate(size: int, n: int, givens: tuple[int, int], seed: int) -> Puzzles:
    """n different puzzles with givens[0] to givens[1] cells filled, each with one solution; puzzle i is a
    function of (seed, i) but for the duplicates that are left out. Fewer when the size has no more (4x4)."""
    questions: list[np.ndarray] = []
    answers, nodes, seen = [], [], set()
    attempt = 0
    while len(questions) < n and attempt < 20 * n + 1000:
        draws = streams.uniform(seed, "reasoning.sudoku", attempt, 0, 2 * size + size * size + 1)
        attempt += 1
        wanted = givens[0] + int(draws[-1] * (givens[1] - givens[0] + 1))
        question, answer, searched = make(size, wanted, draws[:-1])
        if np.count_nonzero(question) > givens[1] or question.tobytes() in seen:
            continue
        seen.add(question.tobytes())
        questions.append(question)
        answers.append(answer)
        nodes.append(searched)
    question = np.array(questions)
    filled = np.count_nonzero(question, axis=1)
    return Puzzles(question, np.array(answers), filled, np.array(nodes), base_classes(question, size))


def base_classes(question: np.ndarray, size: int) -> np.ndarray:
    """(puzzle,) int64, equal exactly for puzzles that symmetry and relabelling turn into each other (53 bits
    of the canonical form's digest)."""
    import hashlib

    permutations = symmetries(size)
    best = np.empty(size * size, np.int8)
    names = np.empty(len(question), np.int64)
    for i, one in enumerate(question):
        _canonical(one, size, permutations, best)
        names[i] = int.from_bytes(hashlib.sha256(best.tobytes()).digest()[:8], "little") >> 11
    return names


def augment(
    question: np.ndarray, answer: np.ndarray, size: int, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each puzzle under a random symmetry and relabelling.  draws (puzzle, size + 1) uniform on [0, 1)."""
    permutations = symmetries(size)
    chosen = permutations[(draws[:, 0] * len(permutations)).astype(int)]
    relabel = np.concatenate([np.zeros((len(draws), 1), int), np.argsort(draws[:, 1:], axis=1) + 1], axis=1)
    moved = [np.take_along_axis(a, chosen.astype(np.int64), axis=1) for a in (question, answer)]
    new_question, new_answer = (
        np.take_along_axis(relabel, a.astype(np.int64), axis=1).astype(np.int8) for a in moved
    )
    return new_question, new_answer
