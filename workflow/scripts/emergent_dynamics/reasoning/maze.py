"""Mazes with exactly one path: a spanning tree on a grid of rooms, in which the path from start to goal is to be
marked.
"""

import numpy as np

from emergent_dynamics import streams

WALL, FREE, START, GOAL = 0, 1, 2, 3
OFF, ON = 0, 1


def generate(side: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """question (n, side^2) of WALL, FREE, START, GOAL; answer (n, side^2) ON the path or OFF; path length
    (n,).

    side is odd: rooms at even places, walls between them. The tree is grown by randomised depth-first search;
    start and goal are two different rooms. Maze i is a function of (seed, i), duplicates are left out.
    """
    if side < 3 or side % 2 == 0:
        raise ValueError(f"side = {side}: must be odd and at least 3")
    rooms = (side + 1) // 2
    questions: list[np.ndarray] = []
    answers, lengths, seen = [], [], set()
    attempt = 0
    while len(questions) < n and attempt < 20 * n:
        draws = streams.uniform(seed, "reasoning.maze", attempt, 0, 4 * rooms**2 + 2)
        attempt += 1
        grid = _tree(rooms, draws[:-2].reshape(rooms, rooms, 4))
        start, goal = _two_rooms(rooms, draws[-2:])
        path = _path(grid, start, goal)
        question = grid.copy()
        question[start], question[goal] = START, GOAL
        if question.tobytes() in seen:
            continue
        seen.add(question.tobytes())
        answer = np.full_like(grid, OFF)
        answer[tuple(np.array(path).T)] = ON
        questions.append(question.ravel())
        answers.append(answer.ravel())
        lengths.append(len(path))
    return np.array(questions), np.array(answers), np.array(lengths)


def base_classes(question: np.ndarray, side: int) -> np.ndarray:
    """(maze,) int64 labels, equal for mazes that rotation and reflection turn into each other."""
    square = question.reshape(-1, side, side)
    images = [np.rot90(one, k, axes=(1, 2)) for one in (square, square[:, :, ::-1]) for k in range(4)]
    forms = np.sort(
        np.stack([[cell.tobytes() for cell in image.astype(np.int8)] for image in images]), axis=0
    )
    return np.unique(forms[0], return_inverse=True)[1]


def _tree(rooms: int, order: np.ndarray) -> np.ndarray:
    """(side, side) int8 of WALL and FREE; order (rooms, rooms, 4) ranks the four directions in every room."""
    side = 2 * rooms - 1
    grid = np.full((side, side), WALL, np.int8)
    stack = [(0, 0)]
    grid[0, 0] = FREE
    while stack:
        r, c = stack[-1]
        for direction in np.argsort(order[r, c]):
            dr, dc = ((0, 1), (1, 0), (0, -1), (-1, 0))[direction]
            nr, nc = r + dr, c + dc
            if 0 <= nr < rooms and 0 <= nc < rooms and grid[2 * nr, 2 * nc] == WALL:
                grid[2 * r + dr, 2 * c + dc] = grid[2 * nr, 2 * nc] = FREE
                stack.append((nr, nc))
                break
        else:
            stack.pop()
    return grid


def _two_rooms(rooms: int, draws: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    first = int(draws[0] * rooms**2)
    second = (first + 1 + int(draws[1] * (rooms**2 - 1))) % rooms**2
    start, goal = ((2 * (one // rooms), 2 * (one % rooms)) for one in (first, second))
    return start, goal


def _path(grid: np.ndarray, start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]]:
    """The cells of the only way from start to goal, both included."""
    came: dict[tuple[int, int], tuple[int, int] | None] = {start: None}
    queue = [start]
    for r, c in queue:
        for cell in ((r, c + 1), (r + 1, c), (r, c - 1), (r - 1, c)):
            inside = 0 <= cell[0] < len(grid) and 0 <= cell[1] < len(grid)
            if inside and cell not in came and grid[cell] != WALL:
                came[cell] = (r, c)
                queue.append(cell)
    path, at = [], goal
    while at is not None:
        path.append(at)
        at = came[at]  # type: ignore[assignment]
    return path
