"""Write what a run of the official code leaves behind, at full size, with weights by formula: nothing was trained.

python performance/reasoning_official_files.py RUN FOLDER: `step_0`, all_config.yaml and data/test of the published run
trm_mlp, trm_attention or hrm, 90 puzzles of random givens, and two configurations. The labels of every other of the
first 16 examples are what the model itself answers in float64. For measuring memory and time from the configuration to
the report, on a machine that does nothing else:

    python performance/reasoning_official_files.py trm_mlp full
    time snakemake --cores 2 --resources mem_mb=2048 --configfile full/exponents.yaml --directory full
    time snakemake --cores 2 --resources mem_mb=2048 --configfile full/drift.yaml --directory full

`exponents` diagnoses 16 examples with 8 exponents, `drift` 90 examples without any.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
from emergent_dynamics.reasoning.official import diagnosis, network
from emergent_dynamics.reasoning.official.architecture import Architecture
from tests.reasoning.official.cases import PUBLISHED, filled, leave_behind, write_split

EXAMPLES = 90
ANSWERED = 16  # of the first so many every other one has the model's own answer as its label
EXPERIMENTS = {"exponents": {"examples": 16, "exponents": 8}, "drift": {"examples": EXAMPLES, "exponents": 0}}
GAINS = {"trm_mlp": 0.3, "trm_attention": 0.9, "hrm": 0.7}  # of the layers: states move, and do not explode


def puzzles(sizes: Architecture, examples: int) -> np.ndarray:
    """(example, position) tokens: a third of the cells given."""
    rng = np.random.default_rng(1)
    given = rng.random((examples, sizes.positions)) < 1 / 3
    return np.where(given, rng.integers(2, sizes.vocabulary, given.shape), 1).astype(np.uint8)


@torch.no_grad()
def answers(weights: dict[str, np.ndarray], sizes: Architecture, tokens: np.ndarray) -> np.ndarray:
    """What the model answers after all steps, one example at a time."""
    arrays = dict(weights)
    row = arrays.pop("puzzle_emb.weights")[:1]
    net = network.build(arrays, sizes, torch.float64)
    said = []
    for one in tokens:
        question = diagnosis.Question(one[None].astype(np.int64), np.zeros_like(one)[None], row, np.zeros(1))
        _, states = diagnosis.trajectory(net, question, sizes.act_steps, last=True)
        said.append(network.observe(net, states[-1])[0].argmax(dim=-1)[0].numpy())
    return np.array(said)


def configurations(folder: Path) -> None:
    """`<name>.yaml` with one experiment each, whose paths start in the folder."""
    for name, asked in EXPERIMENTS.items():
        files = {"path": "step_0", "data": "data", "draw": "first"}
        experiment = {"source": "checkpoint", "checkpoint": files, "resamples": 100, **asked}
        whole = {"experiments": {"reasoning": {name: experiment}}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(whole))


def write(name: str, folder: Path, examples: int = EXAMPLES) -> None:
    """All files of one published run."""
    sizes = PUBLISHED[name]
    weights = filled(sizes, GAINS[name])
    tokens = puzzles(sizes, examples)
    labels = np.random.default_rng(2).integers(2, sizes.vocabulary, tokens.shape)
    labels[:ANSWERED:2] = answers(weights, sizes, tokens[:ANSWERED:2])
    write_split(folder / "data", sizes, tokens, labels)
    leave_behind(folder, sizes, {0: weights})
    configurations(folder)


if __name__ == "__main__":
    torch.set_num_threads(1)
    write(sys.argv[1], Path(sys.argv[2]))
