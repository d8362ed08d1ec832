"""Official files: what is refused, in one line that names file, key and reason; and what makes no difference."""

import json
import pickle
import re
import resource
import shutil
import struct
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
import yaml

from emergent_dynamics.reasoning import checks
from emergent_dynamics.reasoning.official import Refused, configuration, headers, inspection, puzzles, weights
from emergent_dynamics.runtime.job import LIBRARY
from tests.reasoning.official.cases import CASES, GOLDEN, PUBLISHED, STEPS, experiment, load

pytestmark = pytest.mark.inputs

CASE = "trm_mlp_16"


@pytest.fixture
def run(tmp_path):
    """A copy of a golden run's folder."""
    shutil.copytree(GOLDEN / CASE, tmp_path / "run")
    return tmp_path / "run"


def state(path):
    return torch.load(path, weights_only=True)


def write_safetensors(path, tensors):
    """The format by hand: length of the header, JSON, bytes."""
    kinds = {torch.float32: "F32", torch.bfloat16: "BF16", torch.int64: "I64"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().view(torch.uint8).numpy().tobytes()
        ends = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "data_offsets": ends}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def faults(folder, **change):
    """What the check of the configuration says: at most one fault, on one line."""
    found = list(checks.check(experiment(folder, **change)))
    assert len(found) <= 1 and all("\n" not in str(part) for part in found)
    return found


def fault(folder, **change):
    ((key, _, text),) = faults(folder, **change)
    return key, text


@pytest.mark.parametrize("case", CASES)
def test_every_golden_run_is_accepted(case):
    assert faults(GOLDEN / case) == []


@pytest.mark.parametrize(("case", "step"), STEPS)
def test_the_header_reader_sees_what_torch_reads(case, step):
    """Names, shapes and dtypes, without torch."""
    path = GOLDEN / case / step
    if path.suffix == ".safetensors":
        return
    kinds = {torch.float32: "F32", torch.bfloat16: "BF16"}
    found = headers.strip(state(path), case)
    assert {n: (t.shape, t.dtype) for n, t in headers.read(path).items()} == {
        n: (tuple(t.shape), kinds[t.dtype]) for n, t in found.items()
    }


CHANGES = {
    "missing": lambda s, k: {n: t for n, t in s.items() if n != k("L_level.layers.0.mlp.down_proj.weight")},
    "unknown": lambda s, k: s | {k("L_level.layers.2.mlp.down_proj.weight"): torch.zeros(64, 256)},
    "shape": lambda s, k: s | {k("L_level.layers.0.mlp_t.gate_up_proj.weight"): torch.zeros(512, 33)},
    "hier6": lambda s, k: s | {k("L1_init"): torch.zeros(64)},
    "singlez": lambda s, k: {n: t for n, t in s.items() if n != k("H_init")},
    "neither": lambda s, k: {"fc.weight": torch.zeros(3), "fc.bias": torch.zeros(3)},
    "level": lambda s, k: s | {k("H_level.layers.0.mlp.down_proj.weight"): torch.zeros(64, 256)},
    "integer": lambda s, k: s | {k("lm_head.weight"): torch.zeros(8, 64, dtype=torch.int64)},
    "twice": lambda s, k: s | {"model.inner.H_init": torch.zeros(64)},
}
SAYS = {
    "missing": r": L_level\.layers\.0\.mlp\.down_proj\.weight is missing; expected \(64, 256\)",
    "unknown": r"L_level\.layers\.2\.mlp\.down_proj\.weight \(64, 256\) is unknown; .*L_level with 2 layers",
    "shape": r"gate_up_proj\.weight: \(512, 33\); expected \(512, 32\) from seq_len 16 \+ prefix 16",
    "hier6": "trm_hier6",
    "singlez": "trm_singlez",
    "neither": "not a TRM or HRM state dict; found fc.weight, fc.bias",
    "level": "H_level in a state dict whose arch.name is a TRM's",
    "integer": "lm_head.weight is I64; must be F32, F16, BF16",
    "twice": "are both H_init without their prefixes",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("suffix", ["", ".safetensors"])
def test_a_wrong_key_is_named_before_anything_runs(run, change, suffix):
    """And the job, which reads with torch, says the same."""
    whole = state(run / "step_1000")
    prefix = next(iter(whole)).partition("inner.")[0] + "inner."
    changed = CHANGES[change](dict(whole), lambda name: prefix + name)
    (run / "step_1000").unlink()
    path = run / f"step_1000{suffix}"
    write_safetensors(path, changed) if suffix else torch.save(changed, path)
    key, text = fault(run)
    assert key == "checkpoint.path"
    assert re.search(SAYS[change], text), text
    sizes = load(CASE).sizes
    with pytest.raises(Refused):
        weights.read(path, sizes, np.zeros(1, np.int64))


class Harmful:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (exec, (f"open({str(self.path)!r}, 'w')",))


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_in_a_file_is_refused_and_not_run(run, tmp_path, protocol):
    target = tmp_path / "written"
    whole = dict(state(run / "step_1000")) | {"H": Harmful(target)}
    torch.save(whole, run / "step_1000", pickle_protocol=protocol)
    key, text = fault(run)
    assert key == "checkpoint.path" and "nothing of it was run" in text and "weights_only" not in text
    with pytest.raises(Refused, match=r"nothing of it was run"):
        weights.read(run / "step_1000", load(CASE).sizes, np.zeros(1, np.int64))
    assert not target.exists()


def test_a_bare_pickle_and_a_whole_module_are_refused_without_running(run, tmp_path):
    path, target = run / "step_1000", tmp_path / "written"
    path.write_bytes(pickle.dumps(Harmful(target)))
    with pytest.raises(Refused, match=r"nothing of it was run|not a file that torch.save wrote"):
        weights.read(path, load(CASE).sizes, np.zeros(1, np.int64))
    torch.save(torch.nn.Linear(2, 2), path)
    assert "objects other than tensors" in fault(run)[1]
    assert not target.exists()


@pytest.mark.parametrize("content", [b"", b"some text", b"PK\x03\x04 cut"])
def test_what_is_no_state_dict_is_said_in_one_line(run, content):
    (run / "step_1000").write_bytes(content)
    sizes = load(CASE).sizes
    with pytest.raises(Refused, match=r"empty|not a file|objects other|incomplete") as error:
        headers.read(run / "step_1000") or weights.read(run / "step_1000", sizes, np.zeros(1, np.int64))
    assert "\n" not in str(error.value)


def test_a_cut_file_is_refused(run):
    for name in ("step_1000", "step_1000.safetensors"):
        write_safetensors(run / "step_1000.safetensors", state(GOLDEN / CASE / "step_1000"))
        whole = (run / name).read_bytes()
        (run / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Refused):
            weights.read(run / name, load(CASE).sizes, np.zeros(1, np.int64))


@pytest.mark.parametrize("missing", [1, 22, 1000, 500_000])
def test_a_cut_zip_and_any_other_content_are_refused_by_the_headers_before_anything_runs(run, missing):
    """The end of a zip lists its parts; without it the file was taken for one of torch's old format."""
    whole = (run / "step_1000").read_bytes()
    (run / "step_1000").write_bytes(whole[:-missing])
    with pytest.raises(Refused, match="step_1000: an incomplete or damaged zip file"):
        headers.read(run / "step_1000")
    (run / "step_1000").write_bytes(b"anything" * missing)
    with pytest.raises(Refused, match=r"step_1000: not a file that torch.save wrote"):
        headers.read(run / "step_1000")
    for protocol in (2, 3, 4, 5):
        torch.save({}, run / "old", _use_new_zipfile_serialization=False, pickle_protocol=protocol)
        assert headers.read(run / "old") is None


def test_values_that_are_not_finite_are_named(run):
    whole = state(run / "step_1000")
    name = next(n for n in whole if n.endswith("lm_head.weight"))
    whole[name][0, :3] = torch.nan
    torch.save(whole, run / "step_1000")
    with pytest.raises(Refused, match=r"lm_head\.weight .* has 3 values that are not finite"):
        weights.read(run / "step_1000", load(CASE).sizes, np.zeros(1, np.int64))


def test_prefixes_and_formats_make_no_difference(run, tmp_path):
    """With and without each prefix, nested, of the old format, and as safetensors: the same arrays."""
    sizes, rows = load(CASE).sizes, np.array([2, 0])
    whole = headers.strip(state(run / "step_1000"), "")
    wanted, embedding = weights.read(run / "step_1000", sizes, rows)
    for prefix in ("", "inner.", "model.inner.", "module.model.inner.", "_orig_mod.model.inner."):
        named = OrderedDict((prefix + name, tensor) for name, tensor in whole.items())
        torch.save(named, tmp_path / "a.pt")
        torch.save({"model_state_dict": named, "step": 7}, tmp_path / "b.pth")
        torch.save(named, tmp_path / "c.pt", _use_new_zipfile_serialization=False)
        write_safetensors(tmp_path / "d.safetensors", named)
        for path in sorted(tmp_path.glob("?.*")):
            found, some = weights.read(path, sizes, rows)
            assert found.keys() == wanted.keys() and np.array_equal(some, embedding), path
            assert all(np.array_equal(found[name], wanted[name]) for name in wanted), path


CONFIGS = {
    "hidden_size": ({"hidden_size": None}, "arch.hidden_size is missing"),
    "pos_encodings": ({"pos_encodings": "alibi"}, "arch.pos_encodings = alibi: must be rope, learned, none"),
    "heads": ({"mlp_t": False, "num_heads": 5}, "arch.num_heads = 5: must divide hidden_size = 64"),
    "odd": ({"mlp_t": False, "num_heads": 64, "pos_encodings": "rope"}, "must be even"),
    "name": ({"name": "recursive_reasoning.trm_singlez@X"}, "must be of a module trm, hrm, hrm_act_v1"),
    "prefix": ({"puzzle_emb_ndim": 0}, "arch.puzzle_emb_len = 16 with puzzle_emb_ndim = 0: must be 0"),
    "cycles": ({"H_cycles": 0}, "arch.H_cycles = 0: must be an integer from 1"),
    "eps": ({"rms_norm_eps": "small"}, "arch.rms_norm_eps = small: must be a positive number"),
}


@pytest.mark.parametrize("change", CONFIGS)
def test_a_wrong_configuration_is_one_line(run, change):
    new, says = CONFIGS[change]
    content = yaml.safe_load((run / "all_config.yaml").read_text())
    content["arch"] = {k: v for k, v in {**content["arch"], **new}.items() if v is not None}
    (run / "all_config.yaml").write_text(yaml.safe_dump(content))
    key, text = fault(run)
    assert key == "checkpoint.config" and says in text


def test_a_missing_configuration_says_what_cannot_be_read_off_the_weights(run):
    arch = configuration.read(run / "all_config.yaml")
    (run / "all_config.yaml").unlink()
    key, text = fault(run)
    assert key == "checkpoint.config" and "num_heads" in text and "all_config.yaml: no such file" in text
    assert faults(run, checkpoint={"config": arch}) == []


def test_yaml_that_would_make_objects_is_refused(run, tmp_path):
    (run / "all_config.yaml").write_text(f"arch: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n")
    assert "not YAML of plain values" in fault(run)[1]
    assert not (tmp_path / "made").exists()


def edit(name, change):
    def apply(folder):
        path = folder / "data" / "test" / name
        if path.suffix == ".json":
            path.write_text(json.dumps(json.loads(path.read_text()) | change))
        else:
            np.save(path, change(np.load(path)))

    return apply


def put(at, value):
    def change(array):
        array[at] = value
        return array

    return change


DATA = {
    "vocabulary": (edit("dataset.json", {"vocab_size": 5}), "embed_tokens|token"),
    "length": (edit("dataset.json", {"seq_len": 25}), r"inputs\.npy: shape \(12, 16\); must be \(12, 25\)"),
    "identifiers": (
        edit("dataset.json", {"num_puzzle_identifiers": 2}),
        "identifiers from 1 to 3; must be from 0 to 1",
    ),
    "table": (
        edit("dataset.json", {"num_puzzle_identifiers": 9}),
        r"puzzle_emb\.weights: \(4, .*; expected \(9, ",
    ),
    "token": (edit("all__inputs.npy", put((3, 5), 99)), r"inputs\.npy: token 99 in row 3; must be from 0 to"),
    "label": (edit("all__labels.npy", put((3, 5), 99)), r"labels\.npy: token 99 in row 3"),
    "unlabelled": (
        edit("all__labels.npy", put((slice(2, 4),), 0)),
        "2 of the 12 drawn examples have no label",
    ),
    "order": (edit("all__puzzle_indices.npy", put(2, 0)), r"puzzle_indices\.npy: must ascend from 0 to 12"),
    "end": (
        edit("all__group_indices.npy", put(-1, 3)),
        r"group_indices\.npy: must ascend from 0 to 7; .* ends at 3",
    ),
    "floats": (edit("all__inputs.npy", lambda a: a.astype(float)), "dtype float64; must be integers"),
    "absent": (lambda f: (f / "data/test/all__labels.npy").unlink(), r"all__labels\.npy: no such file"),
}


@pytest.mark.parametrize("change", DATA)
def test_a_wrong_data_folder_is_one_line(run, change):
    apply, says = DATA[change]
    apply(run)
    key, text = fault(run)
    assert key in ("checkpoint.data", "checkpoint.path") and re.search(says, text), text


def test_too_many_examples_say_how_many_there_are():
    assert "12 examples, but 13 are requested" in fault(GOLDEN / CASE, examples=13)[1]
    key, text = fault(GOLDEN / CASE, checkpoint={"draw": "random"})
    assert key == "examples" and "4 groups, but 12 examples are requested" in text


def test_steps_are_in_order_of_their_number_and_named_where_absent(run):
    for name in ("step_9", "step_20.pt", "step_100.safetensors_all_preds.0", "notes.txt"):
        shutil.copy(run / "step_1000", run / name)
    assert list(inspection.step_files(run)) == [9, 20, 1000]
    key, text = fault(run, checkpoint={"steps": [9, 21]})
    assert key == "checkpoint.steps" and "no checkpoint of step 21; there are 9, 20, 1000" in text
    shutil.copy(run / "step_9", run / "step_9.pt")
    assert "both of step 9" in fault(run)[1]


def test_steps_of_different_shapes_name_both_files(run):
    whole = state(run / "step_1000")
    name = next(n for n in whole if n.endswith("q_head.bias"))
    torch.save(whole | {name: torch.zeros(3)}, run / "step_2000")
    text = fault(run)[1]
    assert "step_1000 and" in text and "step_2000 differ in q_head.bias: (2,) and (3,)" in text


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"model": "hrm"}, "model"),
        ({"network": {"width": 32}}, "network"),
        ({"checkpoints": [5]}, "checkpoints"),
        ({"act_steps": 20}, "act_steps"),
        ({"late_steps": 17}, "late_steps"),
        ({"roll_out": 8}, "roll_out"),
        ({"checkpoint": {"path": ""}}, "checkpoint.path"),
        ({"checkpoint": {"path": "nowhere"}}, "checkpoint.path"),
    ],
)
def test_keys_that_the_files_decide_are_refused(change, key):
    assert fault(GOLDEN / CASE, **change)[0] == key


def test_the_official_initialisation_is_known():
    made = load(CASE).weights
    assert not weights.untrained(made)
    made |= {"q_head.weight": np.zeros((2, 64), np.float32), "q_head.bias": np.full(2, -5.0, np.float32)}
    assert weights.untrained(made)


def test_rounding_to_bfloat16_is_torch_s(seed=1):
    """Random bits that are finite numbers, ties among them."""
    bits = np.random.default_rng(seed).integers(0, 2**32, 20_000, dtype=np.uint32)
    bits[::3] &= 0xFFFF8000
    values = bits.view(np.float32)
    values = values[np.isfinite(values) & (np.abs(values) < 1e38)]
    assert np.array_equal(weights.rounded(values), torch.from_numpy(values).bfloat16().float().numpy())


def test_one_example_per_group_without_replacement_and_the_same_for_a_seed():
    split = puzzles.read(GOLDEN / CASE / "data", "test")
    drawn = puzzles.draw(split, "random", 4, 1)
    assert sorted(drawn.base_puzzle) == [0, 1, 2, 3]
    assert np.array_equal(drawn.idx, puzzles.draw(split, "random", 4, 1).idx)
    every = {tuple(puzzles.draw(split, "random", 4, seed).idx) for seed in range(30)}
    assert len(every) > 3
    assert (drawn.answer[split.labels[drawn.idx] == 0] == puzzles.NOT_COUNTED).all()


def test_what_the_check_imports_is_light():
    """Without torch: every job of a cluster checks the configuration anew."""
    code = (
        "import sys, json; from emergent_dynamics.reasoning import checks, plan, resources\n"
        "p = json.loads(sys.argv[1]); assert not list(checks.check(p)); checks.inputs(p); plan.shards(p)\n"
        "print(resources.diagnose_mb(p) > 0, 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, json.dumps(experiment(GOLDEN / CASE))]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=LIBRARY.parent, check=True)
    assert ran.stdout.split() == ["True", "False"]


def test_two_rows_of_a_large_embedding_cost_little_memory(tmp_path):
    """A sparse safetensors file with 2 GB of puzzle embeddings: less than 100 MB more in the process."""
    from dataclasses import replace

    golden = load(CASE)
    width, count = golden.sizes.puzzle_width, 2_000_000_000 // (4 * golden.sizes.puzzle_width)
    sizes = replace(golden.sizes, identifiers=count)
    arrays = {name: torch.from_numpy(value) for name, value in golden.weights.items()}
    write_safetensors(tmp_path / "small.safetensors", arrays)
    whole = (tmp_path / "small.safetensors").read_bytes()
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + length])
    data = whole[8 + length :]
    ends = [len(data), len(data) + 4 * width * count]
    header["puzzle_emb.weights"] = {"dtype": "F32", "shape": [count, width], "data_offsets": ends}
    text = json.dumps(header).encode()
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
        file.truncate(8 + len(text) + ends[1])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, rows = weights.read(path, sizes, np.array([5, count - 1]))
    assert rows.shape == (2, width) and not rows.any()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_published_runs_cost_what_was_derived():
    """GFLOP per step forward and with 8 tangents: 25.6 and 231, 28.6 and 264, 13.7 and 126."""
    from emergent_dynamics.reasoning.official import cost

    found = {n: [cost.step_flops(a) / 1e9, cost.step_flops(a, 8) / 1e9] for n, a in PUBLISHED.items()}
    assert found["trm_mlp"] == pytest.approx([25.6, 231], rel=5e-3)
    assert found["trm_attention"] == pytest.approx([28.6, 264], rel=5e-3)
    assert found["hrm"] == pytest.approx([13.7, 126], rel=5e-3)
    work = cost.Work(8, False, 16, "float32")
    for a in PUBLISHED.values():  # a job ends in time, and none is much shorter than another
        size = cost.shard(a, work, 16)
        jobs = -(-16 // size)
        assert size * cost.example_seconds(a, work) <= cost.JOB_SECONDS
        assert 0 <= size * jobs - 16 < jobs


@pytest.mark.parametrize("name", ["trm_mlp", "trm_attention"])
def test_two_jobs_of_a_full_size_trm_run_beside_each_other_in_2_gib(name):
    """16 examples with k = 8 are two jobs, which Snakemake starts together with --resources mem_mb=2048."""
    from emergent_dynamics.reasoning.official import cost
    from emergent_dynamics.reasoning.resources import LIBRARIES, TORCH

    work = cost.Work(8, False, 16, "float32")
    assert cost.shard(PUBLISHED[name], work, 16) == 8
    assert cost.batch(PUBLISHED[name], work) == 2
    assert 2 * round(LIBRARIES + TORCH + cost.job_mb(PUBLISHED[name], work)) <= 2048


def test_long_work_is_an_even_number_of_jobs_and_short_work_one():
    """90 examples of drift alone: four jobs for two cores. A small model: one job."""
    from emergent_dynamics.reasoning.official import cost

    drift = cost.Work(0, False, 16, "float32")
    for name in ("trm_mlp", "trm_attention", "hrm"):
        size = cost.shard(PUBLISHED[name], drift, 90)
        assert (
            -(-90 // size) in (2, 4)
            and size * cost.example_seconds(PUBLISHED[name], drift) <= cost.JOB_SECONDS
        )
    assert cost.shard(load("trm_mlp_16").sizes, drift, 90) == 90


def test_work_beside_the_trajectory_is_counted():
    """A tangent for each of 81 positions; with 8 starts 17 more float64 trajectories."""
    from emergent_dynamics.reasoning.official import cost

    sizes, drift = PUBLISHED["trm_mlp"], cost.Work(0, False, 16, "float32")
    positions = cost.Work(0, False, 16, "float32", positions=True)
    starts = cost.Work(0, False, 16, "float32", starts=8)
    one = cost.step_flops(sizes)
    assert cost.example_flops(sizes, positions) == pytest.approx(16 * (one + cost.step_flops(sizes, 81)))
    more = cost.example_seconds(sizes, starts) - cost.example_seconds(sizes, drift)
    assert more == pytest.approx(17 * 16 * one / cost.RATE["float64"])
    assert cost.example_bytes(sizes, starts) > cost.example_bytes(sizes, drift)
