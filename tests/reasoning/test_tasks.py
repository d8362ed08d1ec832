"""Sudoku, mazes and their split."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import maze, sudoku, tasks

SUDOKU = {
    "kind": "sudoku",
    "size": 4,
    "puzzles": 300,
    "givens": [4, 6],
    "test": 50,
    "validation": 30,
    "split": "puzzle",
    "augment": False,
    "own": {"train": None, "test": None},
    "test_givens": [],
}


def grids(size):
    """Number of completed grids by counting solutions of an empty one (4x4 only)."""
    rows = list(__import__("itertools").permutations(range(1, size + 1)))
    count = 0
    for a in rows:
        for b in rows:
            if any(set(a[c : c + 2]) & set(b[c : c + 2]) for c in (0, 2)):
                continue
            for c in rows:
                if any(c[i] in (a[i], b[i]) for i in range(4)):
                    continue
                for d in rows:
                    fits = all(d[i] not in (a[i], b[i], c[i]) for i in range(4))
                    count += fits and not any(set(c[k : k + 2]) & set(d[k : k + 2]) for k in (0, 2))
    return count


def test_there_are_288_grids_of_4x4():
    assert grids(4) == sudoku.N_GRIDS[4]


@pytest.mark.parametrize(("size", "givens"), [(4, (4, 6)), (6, (10, 14))])
def test_every_puzzle_has_exactly_its_answer(size, givens):
    made = sudoku.generate(size, 40, givens, 1)
    rows, columns = sudoku.BOXES[size]
    for question, answer, n in zip(made.question, made.answer, made.givens, strict=True):
        solution, count, _ = sudoku.solve(question, size)
        assert count == 1 and np.array_equal(solution, answer)
        square = answer.reshape(size, size)
        boxes = (
            square.reshape(size // rows, rows, size // columns, columns).swapaxes(1, 2).reshape(size, size)
        )
        for line in (*square, *square.T, *boxes):
            assert sorted(line) == list(range(1, size + 1))
        assert (question > 0).sum() == n and givens[0] <= n <= givens[1]
        assert (question[question > 0] == answer[question > 0]).all()


def test_the_symmetry_groups_have_128_and_3456_elements():
    assert (len(sudoku.symmetries(4)), len(sudoku.symmetries(6))) == (128, 3456)
    assert len(np.unique(sudoku.symmetries(4), axis=0)) == 128


def test_symmetric_copies_share_their_class_and_stay_solved():
    made = sudoku.generate(6, 30, (10, 14), 2)
    draws = np.random.default_rng(0).random((30, 7))
    question, answer = sudoku.augment(made.question, made.answer, 6, draws)
    assert np.array_equal(sudoku.base_classes(question, 6), made.base)
    assert not np.array_equal(question, made.question)
    for one, solution in zip(question, answer, strict=True):
        assert np.array_equal(sudoku.solve(one, 6)[0], solution)


def test_a_puzzle_without_or_with_many_solutions_is_counted_so():
    assert sudoku.solve(np.zeros(16), 4)[1] == 2  # counted to two
    clash = np.zeros(16)
    clash[:2] = 1
    assert sudoku.solve(clash, 4)[1] == 0


def test_the_split_by_class_shares_no_class_and_loses_no_unit_to_two_parts():
    made = tasks.make(SUDOKU | {"size": 6, "givens": [10, 14], "split": "class"}, 1)
    parts = [set(part.base_puzzle) for part in (made.train, made.validation, made.test)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert (len(made.test), len(made.validation)) == (50, 30)


def test_puzzles_do_not_repeat_across_the_split():
    made = tasks.make(SUDOKU, 1)
    everything = np.concatenate([part.question for part in (made.train, made.validation, made.test)])
    assert len(np.unique(everything, axis=0)) == len(everything)


def test_too_few_puzzles_for_the_split_are_an_error():
    with pytest.raises(ValueError, match="60 puzzles are too few"):
        tasks.make(SUDOKU | {"puzzles": 60}, 1)


def test_the_only_way_through_a_maze_is_marked():
    question, answer, length = maze.generate(9, 20, 1)
    for one, path, n in zip(question.reshape(-1, 9, 9), answer.reshape(-1, 9, 9), length, strict=True):
        assert path.sum() == n and (one[path == maze.ON] != maze.WALL).all()
        assert path[one == maze.START] == 1 and path[one == maze.GOAL] == 1
        free = one != maze.WALL
        edges = (free[1:] & free[:-1]).sum() + (free[:, 1:] & free[:, :-1]).sum()
        assert edges == free.sum() - 1  # a tree: one way between any two cells


def test_turned_mazes_share_their_class():
    question, _, _ = maze.generate(5, 10, 1)
    turned = np.rot90(question.reshape(-1, 5, 5), axes=(1, 2)).reshape(10, 25)
    base = maze.base_classes(np.concatenate([question, turned]), 5)
    assert np.array_equal(base[:10], base[10:])
