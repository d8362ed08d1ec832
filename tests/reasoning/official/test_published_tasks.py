"""Sudoku of 9x9 and mazes of 30x30 in the folders of the official builders: from the files to the exponents."""

import dataclasses

import numpy as np
import pytest
import torch

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.reasoning import analysis, checks, maze, simulation, sudoku
from emergent_dynamics.reasoning.official import diagnosis, network
from tests.reasoning.official.cases import PUBLISHED, experiment, filled, leave_behind, write_split

WALL, SPACE, START, GOAL, WAY = 1, 2, 3, 4, 5  # tokens of the official mazes; 0 is padding
TINY = {
    "width": 16,
    "heads": 2,
    "puzzle_width": 16,
    "act_steps": 4,
    "h_cycles": 1,
    "l_cycles": 1,
    "l_layers": 1,
}
SIZES = {
    "sudoku": dataclasses.replace(PUBLISHED["trm_attention"], positions=81, vocabulary=11, **TINY),
    "maze": dataclasses.replace(PUBLISHED["hrm"], positions=900, vocabulary=6, h_layers=1, **TINY),
}
EXAMPLES = 8


def puzzles(task):
    """Tokens and labels (example, cell) as the builders write them."""
    if task == "sudoku":
        made = sudoku.generate(9, EXAMPLES, (30, 34), 1)
        return made.question + 1, made.answer + 1
    question, answer, _ = maze.generate(29, EXAMPLES, 1)
    square = np.full((EXAMPLES, 30, 30), WALL)
    square[:, :29, :29] = np.array([WALL, SPACE, START, GOAL])[question].reshape(-1, 29, 29)
    on = np.zeros(square.shape, bool)
    on[:, :29, :29] = answer.reshape(-1, 29, 29) == maze.ON
    return square.reshape(EXAMPLES, -1), np.where(on & (square == SPACE), WAY, square).reshape(EXAMPLES, -1)


@pytest.mark.parametrize("task", SIZES)
def test_a_published_task_is_read_and_diagnosed(task, tmp_path):
    """The labels of the first half are the model's own answers, which are right wherever they are no padding."""
    sizes = SIZES[task]
    weights = filled(sizes, 0.6)
    tokens, labels = (cells.astype(np.int64) for cells in puzzles(task))
    arrays = dict(weights)
    row = np.repeat(arrays.pop("puzzle_emb.weights"), EXAMPLES // 2, axis=0)
    net = network.build(arrays, sizes, torch.float64)
    half = diagnosis.Question(tokens[: EXAMPLES // 2], labels[: EXAMPLES // 2], row, np.arange(EXAMPLES // 2))
    _, states = diagnosis.trajectory(net, half, sizes.act_steps, last=True)
    said_first = network.observe(net, states[-1])[0].argmax(dim=-1).numpy()
    labels[: EXAMPLES // 2] = np.where(said_first == 0, 1, said_first)  # a padding label would not count
    write_split(tmp_path / "data", sizes, tokens, labels)
    leave_behind(tmp_path / "run", sizes, {7: weights})
    where = {"path": str(tmp_path / "run"), "data": str(tmp_path / "data"), "draw": "all"}
    given = experiment(tmp_path, examples=EXAMPLES, exponents=1, checkpoint=where)
    assert list(checks.check(given)) == []
    path = tmp_path / "trajectory.zarr"
    driver.run(
        simulation.build(given), tmp_path / "c", path, provenance.attributes("reasoning", "t", given, "")
    )
    table = analysis.diagnose(str(path), given)["step_7"]
    counted = np.mean(said_first != 0, axis=1)  # the share of its own answers that could be labels
    assert np.allclose(table["token_acc"].values[: EXAMPLES // 2], counted, atol=1e-12)
    assert not table["exact_correct"].values[EXAMPLES // 2 :].any()
    assert np.isfinite(table["lyap_raw"].values).all() and (table["drift_zH"].values > 0).all()
    wanted = np.count_nonzero(tokens > 1, axis=1) if task == "sudoku" else np.full(EXAMPLES, -1)
    assert table["givens"].values.tolist() == wanted.tolist()
