"""Sudoku puzzles of a user's own: formats, refusals in one line, and the tasks that are made of them."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.config import schema
from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.reasoning import checks, puzzle_files, sudoku, tasks

# The puzzle of Wikipedia's article on sudoku with its solution, and one of 17 givens (Royle's collection, the first).
NINE = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
SEVENTEEN = "000000010400000000020000000000050407008000300001090000300400200050100000000806000"


def digits(text):
    return np.array([int(c) for c in text], np.int8)


@pytest.fixture(scope="module")
def small():
    return sudoku.generate(4, 12, (4, 6), 3)


def written(folder, kind, question):
    """The puzzles in a file of a kind; the path as the configuration would have it."""
    texts = ["".join(map(str, one)).replace("0", ".") for one in question]
    if kind == "npy":
        np.save(folder / "p.npy", question)
        return str(folder / "p.npy")
    if kind == "square npy":
        np.save(folder / "p.npy", question.reshape(-1, 4, 4).astype(float))
        return str(folder / "p.npy")
    if kind == "npz":
        np.savez(folder / "p.npz", quizzes=question, solutions=question)
        return f"{folder / 'p.npz'}#quizzes"
    lines = {
        "table": [",".join(map(str, one)) for one in question],
        "named table": [",".join(f"c{i}" for i in range(16)), *(",".join(map(str, one)) for one in question)],
        "texts": texts,
        "official csv": ["source,question,answer,rating", *(f"x,{text},,3" for text in texts)],
        "other column": ["puzzle,answer", *(f"{text},1" for text in texts)],
    }[kind]
    (folder / "p.csv").write_text("\n".join(lines))
    return str(folder / "p.csv") + ("#puzzle" if kind == "other column" else "")


KINDS = ("npy", "square npy", "npz", "table", "named table", "texts", "official csv", "other column")


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_the_same_puzzles_and_their_answers(kind, small, tmp_path):
    read = puzzle_files.read(written(tmp_path, kind, small.question))
    for name in ("question", "answer", "givens", "nodes", "base"):
        assert np.array_equal(getattr(read, name), getattr(small, name)), name
    assert puzzle_files.size_of(read) == 4


def test_a_9x9_puzzle_has_its_published_solution(tmp_path):
    (tmp_path / "nine.csv").write_text(f"question\n{NINE}\n{SEVENTEEN}\n")
    read = puzzle_files.read(str(tmp_path / "nine.csv"))
    assert np.array_equal(read.answer[0], digits(SOLVED))
    assert read.givens.tolist() == [30, 17]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["1.......", "2......."], "must be a text of 16, 36 or 81 characters"),
        (["1..4............", "1..5............"], "'1..5............' as puzzle 1; must be 16 characters"),
        (["." * 16], "more than one solution for puzzle 0"),
        (["11" + "." * 14], "no solution for puzzle 0"),
        (["question"], "no puzzle"),
        (["1,2,3,4,5", "1,2,3,4,5"], r"shape \(2, 5\); must be \(puzzle, cell\) with 16, 36 or 81 cells"),
        ([",".join("1234" * 3 + "1236")], "holds 6.0 in puzzle 0; must be digits from 0"),
        ([",".join("1234" * 4), ",".join("1234" * 3 + "123x")], "'x' in line 2 where a number is expected"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(lines, wanted, tmp_path):
    (tmp_path / "p.csv").write_text("\n".join(lines))
    with pytest.raises(Unusable, match=wanted) as error:
        puzzle_files.read(str(tmp_path / "p.csv"))
    assert "\n" not in str(error.value)


def test_a_puzzle_that_is_there_twice_is_refused(small, tmp_path):
    path = written(tmp_path, "npy", small.question[[0, 1, 0]])
    with pytest.raises(Unusable, match="puzzle 0 again as puzzle 2"):
        puzzle_files.read(path)
    with pytest.raises(Unusable, match="no column quiz; it has"):
        puzzle_files.read(written(tmp_path, "texts", small.question) + "#quiz")
    (tmp_path / "two.csv").write_text("question,question\n1,2\n")
    with pytest.raises(Unusable, match="has two columns with the name question"):
        puzzle_files.read(str(tmp_path / "two.csv"))


def test_a_search_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    """The puzzle of 17 givens takes more than ten nodes; so does the refusal of its file, with that limit."""
    assert sudoku.solve(digits(SEVENTEEN), 9)[1] == 1
    assert sudoku.solve(digits(SEVENTEEN), 9, most=10)[1:] == (sudoku.UNDECIDED, 11)
    monkeypatch.setattr(sudoku, "solve", functools.partial(sudoku.solve, most=10))
    (tmp_path / "p.csv").write_text(SEVENTEEN)
    with pytest.raises(Unusable, match="no solution that a search finds for puzzle 0"):
        puzzle_files.read(str(tmp_path / "p.csv"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from("0123456789.,xq\t -"), max_size=40), max_size=6))
def test_any_text_is_puzzles_or_refused_in_one_line(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "p.csv"
    path.write_text("\n".join(lines))
    try:
        read = puzzle_files.read(str(path))
    except Unusable as error:
        assert "\n" not in str(error)
    else:
        assert read.question.shape == read.answer.shape


def test_copies_of_9x9_puzzles_share_their_class_and_others_do_not():
    """Forty puzzles under random bands, stacks, lines, transposes and relabellings."""
    made = sudoku.generate(9, 40, (28, 32), 1)
    draws = np.random.default_rng(0).random((40, 10))
    question, answer = sudoku.augment(made.question, made.answer, 9, draws)
    assert np.array_equal(sudoku.base_classes(question, 9), made.base)
    assert len(np.unique(made.base)) == 40 and not (question == made.question).all(axis=1).any()
    for one, solution in zip(question, answer, strict=True):
        found, solutions, _ = sudoku.solve(one, 9)
        assert solutions == 1 and np.array_equal(found, solution)


def test_permutations_by_number_are_those_of_the_table():
    assert sudoku.n_symmetries(9) == 2 * 6**8
    for size in (4, 6):
        which = np.array([0, 5, sudoku.n_symmetries(size) - 1])
        assert np.array_equal(sudoku.permuted_cells(size, which), sudoku.symmetries(size)[which])


TASK = {"kind": "sudoku", "size": 4, "puzzles": 300, "givens": [5, 6], "test": 30, "validation": 20}


def completed(**change):
    whole = schema.read_schemas()[1]["reasoning"]
    return schema.resolve(whole, {"source": "train", "examples": 8, "task": TASK | change})


def rows(examples):
    return {one.tobytes() for one in examples.question}


def test_test_puzzles_have_the_givens_that_are_asked_for_and_are_not_trained_on():
    made = tasks.make(completed(test_givens=[8, 9])["task"], 1)
    assert set(made.test.givens) == {8, 9} and len(made.test) == 30
    assert set(made.train.givens) | set(made.validation.givens) == {5, 6}
    again = tasks.make(completed()["task"], 1)
    assert set(again.test.givens) == {5, 6}


@pytest.mark.parametrize("split", ["puzzle", "class"])
def test_files_of_both_parts_share_nothing(split, small, tmp_path):
    """Three test puzzles are also in the file of the training, of 6x6 as copies: they are left out there."""
    pool = sudoku.generate(6, 60, (12, 16), 3)
    draws = np.random.default_rng(1).random((3, 7))
    copied = sudoku.augment(pool.question[:3], pool.answer[:3], 6, draws)[0]
    tested = pool.question[:3] if split == "puzzle" else copied
    np.save(tmp_path / "train.npy", pool.question)
    np.save(tmp_path / "test.npy", np.concatenate([tested, sudoku.generate(6, 9, (17, 20), 8).question]))
    own = {name: str(tmp_path / f"{name}.npy") for name in ("train", "test")}
    made = tasks.make(completed(size=6, own=own, split=split)["task"], 1)
    assert (len(made.test), len(made.validation), len(made.train)) == (12, 20, 60 - 3 - 20)
    if split == "class":
        assert not set(made.test.base_puzzle) & (
            set(made.train.base_puzzle) | set(made.validation.base_puzzle)
        )
    assert not rows(made.test) & (rows(made.train) | rows(made.validation))


def test_what_does_not_go_together_with_own_puzzles_is_named(small, tmp_path):
    path = written(tmp_path, "npy", small.question)
    (tmp_path / "bad.csv").write_text("1234\n")

    def first(**change):
        return next(checks.check(completed(**change)), None)

    assert first(own={"test": path}) is None
    assert first(own={"train": path}, test=8, validation=2) is None
    assert first(own={"test": path}, size=6)[:2] == ("task.size", 6)
    assert first(own={"test": str(tmp_path / "bad.csv")})[0] == "task.own.test"
    assert first(own={"test": path}, test_givens=[7, 8])[0] == "task.test_givens"
    assert first(own={"train": path})[0] == "task.own.train"
    assert first(test_givens=[9, 7])[0] == "task.test_givens"
    assert first(givens=[9, 17])[0] == "task.givens"
    assert first(size=9, givens=[17, 22])[0] == "task.givens"  # the search would go on for minutes
    assert first(size=9, givens=[24, 30], test_givens=[17, 20])[0] == "task.test_givens"
    assert first(own={"test": path}, kind="maze", size=5)[0] == "task.own.test"
    many = completed(own={"test": path}) | {"examples": 13}
    assert next(checks.check(many))[:2] == ("examples", 13)


def test_a_network_is_trained_and_diagnosed_on_own_puzzles(tmp_path):
    """Trained on a file with 4 to 6 givens, diagnosed on another with 8 to 10, whose order and givens are kept."""
    pytest.importorskip("torch")
    from emergent_dynamics.runtime import provenance
    from emergent_dynamics import driver, store
    from emergent_dynamics.reasoning import analysis, simulation

    tested = sudoku.generate(4, 9, (8, 10), 5).question
    np.save(tmp_path / "train.npy", sudoku.generate(4, 60, (4, 6), 4).question)
    (tmp_path / "test.csv").write_text("\n".join(["question", *("".join(map(str, one)) for one in tested)]))
    own = {"train": str(tmp_path / "train.npy"), "test": str(tmp_path / "test.csv")}
    whole = completed(own=own) | {"checkpoints": [2], "resamples": 20, "exponents": 1, "act_steps": 4}
    whole["network"] |= {"width": 8, "layers": 1, "heads": 1}
    assert list(checks.check(whole)) == []
    path = tmp_path / "trajectory.zarr"
    about = provenance.attributes("reasoning", "t", whole, "")
    driver.run(simulation.build(whole), tmp_path / "c", path, about)
    stored = store.open_complete(path, group="test")
    assert np.array_equal(stored["question"].values, tested)
    assert store.open_complete(path).attrs["examples"] == "train=40; validation=20; test=9"
    table = analysis.diagnose(str(path), whole)["step_2"]
    assert table["givens"].values.tolist() == np.count_nonzero(tested, axis=1)[:8].tolist()
