"""Sudoku of 4x4 (2x2 boxes), 6x6 (boxes of 2 rows, 3 columns) and 9x9, each with exactly one solution.

4x4 has only 288 grids (Felgenhauer & Jarvis count the larger sizes the same way), so its held-out puzzles
share solutions with training: a fixture for tests, not a claim about generalisation. 6x6 has 28,200,960.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.runtime.compiler import numba

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}  # {size: (rows, columns) of a box}
MOST_NODES = 20_000_000  # nodes of a search, about 20 s; with few givens and no solution more may be needed
PIECE = 4096  # puzzles whose colours are refined together: 24 MB
UNDECIDED = -1  # in place of the number of solutions if the search was given up
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
    """Mark a digit as used by the units of cell c, or as free again."""
    for u in range(3):
        used[units[c, u]] ^= 1 << digit


@numba.njit(cache=True)
def _solve(grid, units, free, order, limit, most, solution):
    """Count solutions up to `limit` by depth-first search on the cell with fewest candidates; the first goes
    to `solution`. order (size,) is the sequence in which digits are tried. Returns (solutions, nodes), (-1, nodes)
    where more than `most` nodes are visited."""
    # Floor: one visit per node with 36 look-ups of masks. Copies are loops, since Numba takes 5 s to compile the
    # assignment of a slice.
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
        if nodes > most:
            return UNDECIDED, nodes
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
    `best`. Empty cells sort last, so that digits are relabelled in order of appearance."""
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
    """(symmetry, cell) all cell permutations: 128 for 4x4, 3456 for 6x6; digits are relabelled besides."""
    return permuted_cells(size, np.arange(n_symmetries(size)))


def n_symmetries(size: int) -> int:
    """Cell permutations: orders of bands, stacks, rows within, columns within and, for square boxes, the transpose."""
    rows, columns = _orders(size)
    return len(rows) * len(columns) * (2 if BOXES[size][0] == BOXES[size][1] else 1)


def permuted_cells(size: int, which: np.ndarray) -> np.ndarray:
    """(symmetry, cell) the cell permutations of these numbers, from 0 to `n_symmetries`; 9x9 has 3,359,232."""
    rows, columns = _orders(size)
    transposed, rest = np.divmod(which, len(rows) * len(columns))
    row, column = np.divmod(rest, len(columns))
    squares = rows[row][:, :, None] * size + columns[column][:, None, :]
    squares = np.where(transposed[:, None, None] > 0, squares.swapaxes(1, 2), squares)
    return squares.reshape(len(which), size * size).astype(np.int16)


@cache
def _orders(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Orders (order, size) of rows that keep bands together, and of columns that keep stacks together."""
    box_rows, box_columns = BOXES[size]
    return _line_orders(size // box_rows, box_rows), _line_orders(size // box_columns, box_columns)


def _line_orders(blocks: int, lines: int) -> np.ndarray:
    """All orders of blocks x lines rows that keep the rows of a block together."""
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
    question: np.ndarray, size: int, limit: int = 2, order: np.ndarray | None = None, most: int = MOST_NODES
) -> tuple[np.ndarray, int, int]:
    """The first solution (cell,) int8, how many there are (counted to `limit`; UNDECIDED after `most` nodes) and the
    search's nodes. order (size,): the sequence in which digits are tried, 1, 2, ... without."""
    solution = np.zeros(size * size, np.int8)
    digits = np.arange(1, size + 1) if order is None else order
    solutions, nodes = _solve(question.astype(np.int8), *_geometry(size), digits, limit, most, solution)
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


def generate(
    size: int, n: int, givens: tuple[int, int], seed: int, stream: str = "reasoning.sudoku"
) -> Puzzles:
    """n different puzzles with givens[0] to givens[1] cells filled, each with one solution; puzzle i is a
    function of (seed, stream, i) but for the duplicates that are left out. Fewer when the size has no more (4x4)."""
    questions: list[np.ndarray] = []
    answers, nodes, seen = [], [], set()
    attempt = 0
    while len(questions) < n and attempt < 20 * n + 1000:
        draws = streams.uniform(seed, stream, attempt, 0, 2 * size + size * size + 1)
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
    """(puzzle,) int64, equal for puzzles that symmetry and relabelling turn into each other (53 bits of a digest).

    Of 4x4 and 6x6 the digest is of the canonical form, so that other puzzles differ. Of 9x9, which has too many
    symmetries to try all, it is of a refined colouring: in rare cases two puzzles that are no copies have equal
    colourings, and then share a class.
    """
    import hashlib

    if size == 9:
        pieces = range(0, len(question), PIECE)
        return np.concatenate([_colour_classes(question[at : at + PIECE]) for at in pieces])
    permutations = symmetries(size)
    best = np.empty(size * size, np.int8)
    names = np.empty(len(question), np.int64)
    for i, one in enumerate(question):
        _canonical(one, size, permutations, best)
        names[i] = int.from_bytes(hashlib.sha256(best.tobytes()).digest()[:8], "little") >> 11
    return names


def _colour_classes(question: np.ndarray) -> np.ndarray:
    """(puzzle,) int64 of 9x9 puzzles: cells, lines, boxes, bands and digits are coloured by the multiset of colours
    that they meet (Weisfeiler & Leman 1968), six times over, and the class is the multiset of colours of the cells."""
    with np.errstate(over="ignore"):
        square = question.reshape(-1, 9, 9).astype(np.uint64)
        given = square > 0
        digits = square[..., None] == np.arange(1, 10, dtype=np.uint64)  # (puzzle, row, column, digit)
        colour = _mixed(given.astype(np.uint64))
        for _ in range(6):
            rows, columns = _mixed(colour.sum(axis=2)), _mixed(colour.sum(axis=1))
            boxes = _mixed(colour.reshape(-1, 3, 3, 3, 3).sum(axis=(2, 4)))
            bands, stacks = (_mixed(line.reshape(-1, 3, 3).sum(axis=2)) for line in (rows, columns))
            label = _mixed(np.einsum("prc,prcd->pd", colour, digits.astype(np.uint64)))
            own = np.einsum("pd,prcd->prc", label, digits.astype(np.uint64))
            across, down = (
                _mixed(lines + 3 * blocks.repeat(3, axis=1))
                for lines, blocks in ((rows, bands), (columns, stacks))
            )
            box = boxes.repeat(3, axis=1).repeat(3, axis=2)
            colour = _mixed(colour * 5 + 7 * box + 11 * own + across[:, :, None] + down[:, None, :])
        return (_mixed(colour).sum(axis=(1, 2)) >> np.uint64(11)).astype(np.int64)


def _mixed(x: np.ndarray) -> np.ndarray:
    """SplitMix64's output function of uint64, so that sums of colours are those of multisets."""
    x = (x + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def augment(
    question: np.ndarray, answer: np.ndarray, size: int, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each puzzle under a random symmetry and relabelling.  draws (puzzle, size + 1) uniform on [0, 1)."""
    chosen = permuted_cells(size, (draws[:, 0] * n_symmetries(size)).astype(int))
    relabel = np.concatenate([np.zeros((len(draws), 1), int), np.argsort(draws[:, 1:], axis=1) + 1], axis=1)
    moved = [np.take_along_axis(a, chosen.astype(np.int64), axis=1) for a in (question, answer)]
    new_question, new_answer = (
        np.take_along_axis(relabel, a.astype(np.int64), axis=1).astype(np.int8) for a in moved
    )
    return new_question, new_answer
