"""A second code of the self-replicating NCA: the known values of nca/theory.py, written apart from the library.

Plain NumPy, a weight matrix in every cell, NumPy's own random numbers, measures by their definitions; nothing of
`emergent_dynamics` is imported. The rule is that of the thesis (sequential inheritance, alpha rounded to one decimal).

Run: python performance/nca_second_code.py WORLD [RUNS [FIRST_SEED]], WORLD one of those below. It prints, for each
measure, the mean over runs and its standard error; RUNS defaults to what theory.py rests on.
"""

import sys

import numpy as np

THESIS = {
    "side": 200,
    "seeds": 0.08,
    "inherit": 0.1,
    "mutate": 0.02,
    "budget": 4,
    "board": "sigmoid",
    "bar": 0.5,
}
WORLDS = {  # changes of THESIS, window of generations, stride of the measured frames, runs
    "experiment5": ({}, (500, 1000), 10, 8),
    "garden": ({"side": 60, "inherit": 0.5}, (150, 300), 5, 64),
    "early1": ({"seeds": 0.02}, (150, 200), 1, 8),
    "early2": ({"seeds": 0.02, "board": "tanh", "bar": 0.0}, (150, 200), 1, 8),
    "early3": ({"seeds": 0.02, "budget": 8}, (150, 200), 1, 8),
    "early5": ({}, (150, 200), 1, 8),
    "early7": ({"budget": 8}, (150, 200), 1, 8),
    "early9": ({"seeds": 0.02, "inherit": 0.5}, (150, 200), 1, 8),
    "early15": ({"inherit": 0.5, "budget": 8}, (150, 200), 1, 8),
    "early19": ({"budget": np.inf}, (150, 200), 1, 8),
    "early21": ({"seeds": 0.02, "inherit": 0.05, "budget": np.inf}, (150, 200), 1, 8),
}
PLACES = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1)]
GREYS = np.array([3, 17, 30])  # the parameters that RWSP shows, all weights of the first layer


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def start(world, rng):
    """Alpha and one hidden channel (2, y, x), weights (y, x, 40), age (y, x)."""
    side = world["side"]
    cells = rng.permutation(side * side)[: int(side * side * world["seeds"])]
    alpha, nets = np.zeros((2, side * side)), np.zeros((side * side, 40), np.float32)
    alpha[:, cells] = 1
    nets[cells, :36] = rng.uniform(-1, 1, (cells.size, 36)) * np.sqrt(6 / (18 + 2))
    nets[cells, 36:] = rng.uniform(-1, 1, (cells.size, 4)) * np.sqrt(6 / (2 + 2))
    return alpha.reshape(2, side, side), nets.reshape(side, side, 40), np.zeros((side, side))


def around(grid):
    """(9, y, x) the values of the nine cells around each cell of a torus."""
    return np.stack([np.roll(grid, (-dy, -dx), (0, 1)) for dy, dx in PLACES])


def advance(grid, nets, age, world, rng):
    """One generation; everything is changed in place but the grid, which is returned."""
    side, bar = world["side"], world["bar"]
    seen = np.concatenate([around(grid[0]), around(grid[1])])  # (18, y, x)
    active = (seen > bar).any(axis=0)
    nets[~active] = 0
    y, x = np.nonzero(active)
    first, second = nets[y, x, :36].reshape(-1, 2, 18), nets[y, x, 36:].reshape(-1, 2, 2)
    hidden = sigmoid(np.einsum("nij,jn->ni", first, seen[:, y, x]))
    raw = np.zeros((2, side, side))
    raw[:, y, x] = np.einsum("nij,nj->in", second, hidden)
    newborn = np.zeros((side, side), bool)
    living = seen[:9] > bar
    for cell in np.flatnonzero(active & (rng.random((side, side)) < world["inherit"])):
        row, column = divmod(int(cell), side)
        choices = np.flatnonzero(living[:, row, column])
        if not choices.size:
            continue
        dy, dx = PLACES[choices[rng.integers(choices.size)]]
        net = nets[(row + dy) % side, (column + dx) % side].copy()
        if not nets[row, column].any():
            newborn[row, column] = True
            hit = rng.random(40) < world["mutate"]
            net[hit] += rng.uniform(-1, 1, hit.sum())
        nets[row, column] = net
    grid = np.tanh(raw) if world["board"] == "tanh" else sigmoid(raw)
    grid[:, grid[0] <= bar] = 0
    age[:] = np.where(np.round(grid[0], 1) > bar + 1e-9, age + 1, 0)
    spent = age > world["budget"]
    age[spent] = 0
    grid[:, age == 0] = 0
    nets[(age == 0) & (spent | ~newborn)] = 0
    return grid


def measures(grid, nets):
    """The measures of one frame by their definitions, alpha to one decimal."""
    q = np.round(grid[0] * 10).astype(int)
    values, index, counts = np.unique(q, return_inverse=True, return_counts=True)
    share = counts / q.size
    scaled = (counts - counts.min()) / max(1, counts.max() - counts.min())
    local = around(scaled[index].reshape(q.shape)).std(axis=0)
    weights = nets.reshape(-1, 40)
    bits = (np.floor(np.round(10 * np.abs(np.round(weights[:, :24].astype(float), 2)), 6)) % 2).astype(int)
    bits[np.round(weights[:, :24].astype(float), 2) == -0.1] = 0
    colours = np.trunc(255 * np.round(weights[:, GREYS].astype(float), 1)).astype(int) % 256
    held = weights[weights.any(axis=1)]
    return {
        "alive_share": float((q > 0).mean()),
        "gep": float(-(share * np.log(share)).sum() / np.log(len(values))) if len(values) > 1 else 0.0,
        "gcvp": float(np.sqrt((q != round(float(np.median(q)))).mean())),
        "clogv": float(local.std()),
        "exact": len({net.tobytes() for net in held}),
        "ghc": len({row.tobytes() for row in bits}) - 1,
        "rwsp": len({row.tobytes() for row in colours}) - 1,
    }


def run(world, window, stride, seed):
    """Means over the measured frames of one run."""
    rng = np.random.default_rng([2024, seed])
    grid, nets, age = start(world, rng)
    rows = []
    for generation in range(1, window[1] + 1):
        grid = advance(grid, nets, age, world, rng)
        if generation >= window[0] and (generation - window[0]) % stride == 0:
            rows.append(measures(grid, nets))
    return {name: np.mean([row[name] for row in rows]) for name in rows[0]}


def main():
    changes, window, stride, runs = WORLDS[sys.argv[1]]
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else runs
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    rows = [run(THESIS | changes, window, stride, seed) for seed in range(first, first + runs)]
    print(sys.argv[1], f"generations {window[0]} to {window[1]}, {runs} runs")
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        print(f"  {name:12s} {values.mean():12.6g} +- {values.std(ddof=1) / np.sqrt(runs):.2g}", flush=True)


if __name__ == "__main__":
    main()
