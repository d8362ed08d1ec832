"""The golden cases, and models of full size whose weights a formula gives."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import yaml

from emergent_dynamics.reasoning import sudoku
from emergent_dynamics.reasoning.official import configuration, network, puzzles, weights
from emergent_dynamics.reasoning.official.architecture import Architecture

GOLDEN = Path(__file__).parents[1] / "golden" / "official"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
STEPS = [(case, path.name) for case in CASES for path in sorted((GOLDEN / case).glob("step_*"))]


@dataclass
class Case:
    """One golden model with its twelve examples and the numbers of the official modules."""

    sizes: Architecture
    weights: dict
    puzzle: np.ndarray
    drawn: puzzles.Drawn
    expected: dict

    def network(self, dtype=torch.float64):
        return network.build(self.weights, self.sizes, dtype)

    def embedded(self, net, rows=slice(None)):
        tokens = torch.from_numpy(self.drawn.question[rows])
        return network.embed(net, tokens, torch.from_numpy(self.puzzle[rows]).to(net.start.dtype))

    def states(self, net, rows=slice(None), steps=None):
        """z(0)..z(T), (example, step, 2, L, D)."""
        with torch.no_grad():
            x = self.embedded(net, rows)
            states = [network.initial(net, len(x))]
            for _ in range(steps or self.sizes.act_steps):
                states.append(network.step(net, states[-1], x))
        return torch.stack(states, dim=1)


def load(case, step="step_1000"):
    folder = GOLDEN / case
    split = puzzles.read(folder / "data", "test")
    sizes = configuration.architecture(configuration.read(folder / "all_config.yaml"), split.sizes, case)
    drawn = puzzles.draw(split, "first", 12, 1)
    arrays, rows = weights.read(folder / step, sizes, drawn.identifier)
    with np.load(folder / f"expected_{step.split('_')[1].split('.')[0]}.npz") as file:
        return Case(sizes, arrays, rows, drawn, dict(file))


RUN = {
    "width": 512,
    "heads": 8,
    "expansion": 4.0,
    "act_steps": 16,
    "vocabulary": 11,
    "positions": 81,
    "identifiers": 1,
    "puzzle_width": 512,
    "epsilon": 1e-5,
    "theta": 1e4,
    "averaged": True,
}
TRM = {"kind": "trm", "prefix": 16, "h_layers": 0, "l_layers": 2, "h_cycles": 3, "l_cycles": 6}
HRM = {"kind": "hrm", "prefix": 1, "h_layers": 4, "l_layers": 4, "h_cycles": 2, "l_cycles": 2}
PUBLISHED = {
    "trm_mlp": Architecture(mixer="mlp", encoding="none", halts_alone=True, **TRM, **RUN),
    "trm_attention": Architecture(mixer="attention", encoding="rope", halts_alone=True, **TRM, **RUN),
    "hrm": Architecture(mixer="attention", encoding="rope", halts_alone=False, **HRM, **RUN),
}


def filled(sizes, gain):
    """Weights by formula: SplitMix64's output of entry i of tensor t, uniform, scaled to 1/sqrt(last axis)."""
    shapes = sizes.shapes()
    made = {}
    for t, full in enumerate(sorted(f"inner.{name}" for name in shapes)):
        name = full.removeprefix("inner.")
        n = int(np.prod(shapes[name]))
        with np.errstate(over="ignore"):
            z = (np.arange(n, dtype=np.uint64) + np.uint64(t * 2**40 + 1)) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
        u = (z >> np.uint64(11)).astype(np.float64) / 2**53
        scale = 1.0 if name.endswith("_init") else shapes[name][-1] ** -0.5
        scale = 0.5 if name == "q_head.bias" else scale * (gain if "layers" in name else 1.0)
        value = ((2 * u - 1) * np.sqrt(3) * scale).astype(np.float32).reshape(shapes[name])
        made[name] = weights.rounded(value) if name.endswith("_init") else value
    return made


NAMES = {
    "trm": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1",
    "hrm": "recursive_reasoning.hrm@HierarchicalReasoningModel_ACTV1",
}


def configured(sizes):
    """The keys of all_config.yaml that are read."""
    arch = {
        "name": NAMES[sizes.kind],
        "H_cycles": sizes.h_cycles,
        "L_cycles": sizes.l_cycles,
        "H_layers": sizes.h_layers,
        "L_layers": sizes.l_layers,
        "hidden_size": sizes.width,
        "num_heads": sizes.heads,
        "expansion": sizes.expansion,
        "puzzle_emb_ndim": sizes.puzzle_width,
        "pos_encodings": sizes.encoding,
        "halt_max_steps": sizes.act_steps,
        "mlp_t": sizes.mixer == "mlp",
        "forward_dtype": "bfloat16",
    }
    own = {"puzzle_emb_len": sizes.prefix, "no_ACT_continue": True} if sizes.kind == "trm" else {}
    return {"arch": arch | own, "ema": sizes.averaged}


def leave_behind(folder, sizes, steps):
    """all_config.yaml and `step_<n>` for {n: weights}, under the names that the official code writes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all_config.yaml").write_text(yaml.safe_dump(configured(sizes)))
    for step, weights_of_step in steps.items():
        named = {f"_orig_mod.model.inner.{k}": torch.from_numpy(v) for k, v in weights_of_step.items()}
        named |= {key: value.bfloat16() for key, value in named.items() if key.endswith("_init")}
        torch.save(named, folder / f"step_{step}")


def write_split(folder, sizes, tokens, labels):
    """dataset.json and five arrays of test puzzles, a group each, as the official builders write them; label 0 does not
    count."""
    split = folder / "test"
    split.mkdir(parents=True)
    each = np.arange(len(tokens) + 1, dtype=np.int32)
    arrays = {"inputs": tokens.astype(np.uint8), "labels": labels.astype(np.uint8)}
    arrays |= {"puzzle_identifiers": 0 * each[1:], "puzzle_indices": each, "group_indices": each}
    for key, value in arrays.items():
        np.save(split / f"all__{key}.npy", value)
    about = {"pad_id": 0, "ignore_label_id": 0, "blank_identifier_id": 0, "vocab_size": sizes.vocabulary}
    about |= {"seq_len": sizes.positions, "num_puzzle_identifiers": sizes.identifiers, "sets": ["all"]}
    about |= {"total_groups": len(tokens), "mean_puzzle_examples": 1.0, "total_puzzles": len(tokens)}
    (split / "dataset.json").write_text(json.dumps(about))


SMALL = {"width": 32, "heads": 2, "positions": 16, "vocabulary": 6, "puzzle_width": 32, "act_steps": 8}
SMALL_RUNS = {
    "trm_attention": replace(PUBLISHED["trm_attention"], prefix=4, h_cycles=2, l_cycles=2, **SMALL),
    "hrm": replace(PUBLISHED["hrm"], h_layers=2, l_layers=1, **SMALL),
}


def small_run(folder, name, steps, puzzles=12):
    """A small attention TRM or HRM, {step: gain of its layers}, and own 4x4 puzzles in a .csv as Sudoku-Extreme has
    them: the paths, as the block `checkpoint` has them, and the puzzles."""
    sizes = SMALL_RUNS[name]
    leave_behind(folder / "run", sizes, {step: filled(sizes, gain) for step, gain in steps.items()})
    made = sudoku.generate(4, puzzles, (4, 6), 1)
    texts = ("".join(map(str, one)).replace("0", ".") for one in made.question)
    (folder / "p.csv").write_text("\n".join(["source,question", *(f"own,{text}" for text in texts)]))
    return {"path": str(folder / "run"), "data": str(folder / "p.csv")}, made


def experiment(folder, **change):
    """A complete experiment on a folder of the shape of a golden case; `checkpoint` and other keys can be changed."""
    from emergent_dynamics.config import schema

    given = {
        "source": "checkpoint",
        "examples": 12,
        "exponents": 3,
        "resamples": 20,
        "checkpoint": {"path": str(folder), "data": str(folder / "data"), "draw": "first"},
    }
    given["checkpoint"] |= change.pop("checkpoint", {})
    return schema.resolve(schema.read_schemas()[1]["reasoning"], given | change)
