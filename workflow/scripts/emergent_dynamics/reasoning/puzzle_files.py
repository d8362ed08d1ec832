"""A user's own Sudoku puzzles, 4x4, 6x6 or 9x9, from any file that `inputs` reads.

An array (puzzle, cell) or (puzzle, row, column) of digits with 0 in empty cells; a table whose columns are the cells;
or a column of a .csv (`file.csv#question`) with a text of as many characters as cells, where `.`, `0`, `_`, `-` and `*`
are empty. Answers are not read: every puzzle must have exactly one solution, which is searched for.
"""

import functools
from collections.abc import Iterable

import numpy as np

from emergent_dynamics.inputs import files
from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.inputs.content import located
from emergent_dynamics.reasoning import sudoku

SIZES = {size * size: size for size in sudoku.BOXES}  # {number of cells: size}
QUESTION = "question"  # the column of a .csv unless its path names another
EMPTY = str.maketrans("._-*", "0000")
SOLUTIONS = {
    0: "no solution",
    2: "more than one solution",
    sudoku.UNDECIDED: "no solution that a search finds",
}


def read(path: str) -> sudoku.Puzzles:
    """The puzzles of a file, solved, in its order. Raises Unusable, one line."""
    file, _ = located(path)
    try:
        stat = file.stat()
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror or error})") from None
    return _read(path, stat.st_size, stat.st_mtime_ns)


def size_of(puzzles: sudoku.Puzzles) -> int:
    """Side of the puzzles: 4, 6 or 9."""
    return SIZES[puzzles.question.shape[1]]


@functools.lru_cache(maxsize=8)
def _read(path: str, size: int, mtime_ns: int) -> sudoku.Puzzles:
    written = files.texts(path, QUESTION)
    question = _table(path) if written is None else _texts(written)
    return _solved(question, SIZES[question.shape[1]])


def _table(path: str) -> np.ndarray:
    """The puzzles in an array of numbers, (puzzle, cell) int8."""
    values = files.read(path)
    if values.ndim == 3 and values.shape[1] == values.shape[2]:
        values = values.reshape(len(values), -1)
    if values.ndim != 2 or values.shape[1] not in SIZES or not len(values):
        raise Unusable(
            f"has the shape {values.shape}; must be (puzzle, cell) with {_listed(SIZES)} cells, or "
            "(puzzle, row, column)"
        )
    size = SIZES[values.shape[1]]
    wrong = np.argwhere(~((values >= 0) & (values <= size) & (values == np.trunc(values))))
    if len(wrong):
        row, cell = map(int, wrong[0])
        raise Unusable(f"holds {values[row, cell]} in puzzle {row}; must be digits from 0 (empty) to {size}")
    return values.astype(np.int8)


def _texts(written: list[str]) -> np.ndarray:
    """The puzzles in texts with a character for each cell, (puzzle, cell) int8."""
    if not written:
        raise Unusable("holds no puzzle")
    cells = len(written[0])
    if cells not in SIZES:
        raise Unusable(
            f"has {written[0][:20]!r} as puzzle 0; must be a text of {_listed(SIZES)} characters (file.csv#column "
            "names another column)"
        )
    digits = "0123456789"[: SIZES[cells] + 1]
    for row, text in enumerate(written):
        plain = text.translate(EMPTY)
        if len(text) != cells or plain.strip(digits):
            raise Unusable(
                f"has {text[:20]!r} as puzzle {row}; must be {cells} characters, digits to {SIZES[cells]} "
                "or . for empty"
            )
    joined = "".join(written).translate(EMPTY)
    return (np.frombuffer(joined.encode(), np.uint8).reshape(-1, cells) - ord("0")).astype(np.int8)


def _solved(question: np.ndarray, size: int) -> sudoku.Puzzles:
    """The puzzles with their answers; refuses a puzzle that occurs twice or does not have exactly one solution."""
    first: dict[bytes, int] = {}
    answers, nodes = [], []
    for row, one in enumerate(question):
        if (before := first.setdefault(one.tobytes(), row)) != row:
            raise Unusable(f"has puzzle {before} again as puzzle {row}; must hold each once")
        answer, solutions, searched = sudoku.solve(one, size)
        if solutions != 1:
            raise Unusable(f"has {SOLUTIONS[solutions]} for puzzle {row}; must have exactly one")
        answers.append(answer)
        nodes.append(searched)
    givens = np.count_nonzero(question, axis=1)
    return sudoku.Puzzles(
        question, np.array(answers), givens, np.array(nodes), sudoku.base_classes(question, size)
    )


def _listed(numbers: Iterable[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}"
