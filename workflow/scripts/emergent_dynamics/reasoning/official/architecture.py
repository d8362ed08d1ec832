"""Sizes of an official TRM or HRM, and the name and shape of every tensor of its state dict (imports no torch).

Linear layers are stored (out, in). `H_init` and `L_init` are stored in bfloat16, everything else in float32.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from emergent_dynamics.reasoning.official import Refused

ROUNDED_TO = 256  # hidden sizes of gated layers are multiples of this number
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Architecture:
    """The properties of a trained model that its forward pass depends on.

    kind : trm (one net, `L_level`) or hrm (`L_level` and `H_level`). mixer : mlp (over the positions of each channel)
    or attention. encoding : rope, learned or none. width : D. heads, expansion : of the layers. h_layers (hrm only),
    l_layers : blocks per net. h_cycles, l_cycles : updates of z_H per ACT step, and of z_L per update of z_H.
    act_steps : halt_max_steps. vocabulary : number of tokens, and of labels. positions : S, cells of a puzzle. prefix
    : P, tokens before them. identifiers, puzzle_width : rows and columns of the puzzle embedding (0 columns: there is
    none). epsilon : of the norms. theta : of RoPE. halts_alone : whether the halting rule is q_halt > 0, with
    q_continue untrained. averaged : whether the weights are an exponential average.
    """

    kind: str
    mixer: str
    encoding: str
    width: int
    heads: int
    expansion: float
    h_layers: int
    l_layers: int
    h_cycles: int
    l_cycles: int
    act_steps: int
    vocabulary: int
    positions: int
    prefix: int
    identifiers: int
    puzzle_width: int
    epsilon: float
    theta: float
    halts_alone: bool
    averaged: bool

    @property
    def length(self) -> int:
        """L = P + S tokens of a latent."""
        return self.prefix + self.positions

    @property
    def state_size(self) -> int:
        """n = 2 L D, dimensions of the joint state (z_H, z_L)."""
        return 2 * self.length * self.width

    @property
    def sub_updates(self) -> int:
        """Applications of a net in one ACT step: h_cycles (l_cycles + 1)."""
        return self.h_cycles * (self.l_cycles + 1)

    @property
    def layer_updates(self) -> int:
        """Number of times that a block is applied in one step of adaptive computation time (ACT)."""
        if self.kind == "trm":
            return self.sub_updates * self.l_layers
        return self.h_cycles * (self.l_cycles * self.l_layers + self.h_layers)

    @property
    def scale(self) -> float:
        """Norm of each latent: every token has norm sqrt(D), epsilon aside."""
        return math.sqrt(self.length * self.width)

    def hidden(self, size: int) -> int:
        """Hidden size of a gated layer over `size` entries: 2/3 expansion size, rounded up to a multiple of 256."""
        return -(-round(self.expansion * size * 2 / 3) // ROUNDED_TO) * ROUNDED_TO

    def levels(self) -> dict[str, int]:
        """{name of a net: its number of blocks}."""
        return (
            {"L_level": self.l_layers}
            if self.kind == "trm"
            else {"H_level": self.h_layers, "L_level": self.l_layers}
        )

    def shapes(self) -> dict[str, Shape]:
        """Name and shape of every tensor of the state dict, in the order in which faults are reported."""
        return {name: shape for name, (shape, _) in self._tensors().items()}

    def reason(self, name: str) -> str:
        """For an error message: which keys of the configuration or sizes of the data set decide a tensor's shape."""
        return self._tensors()[name][1]

    def _tensors(self) -> dict[str, tuple[Shape, str]]:
        d, by_width = self.width, f"hidden_size {self.width}"
        by_length = f"seq_len {self.positions} + prefix {self.prefix}"
        words = (self.vocabulary, d)
        by_words = f"vocab_size {self.vocabulary} of the data set, {by_width}"
        tensors: dict[str, tuple[Shape, str]] = {
            "H_init": ((d,), by_width),
            "L_init": ((d,), by_width),
            "embed_tokens.embedding_weight": (words, by_words),
            "lm_head.weight": (words, by_words),
            "q_head.weight": ((2, d), by_width),
            "q_head.bias": ((2,), "halt and continue"),
        }
        if self.puzzle_width:
            tensors["puzzle_emb.weights"] = (
                (self.identifiers, self.puzzle_width),
                f"num_puzzle_identifiers {self.identifiers} of the data set, puzzle_emb_ndim {self.puzzle_width}",
            )
        if self.encoding == "learned":
            tensors["embed_pos.embedding_weight"] = ((self.length, d), f"{by_length}, {by_width}")
        for level, layers in self.levels().items():
            for layer in range(layers):
                at = f"{level}.layers.{layer}"
                if self.mixer == "mlp":
                    across = self.hidden(self.length)
                    tensors[f"{at}.mlp_t.gate_up_proj.weight"] = ((2 * across, self.length), by_length)
                    tensors[f"{at}.mlp_t.down_proj.weight"] = ((self.length, across), by_length)
                else:
                    tensors[f"{at}.self_attn.qkv_proj.weight"] = ((3 * d, d), by_width)
                    tensors[f"{at}.self_attn.o_proj.weight"] = ((d, d), by_width)
                hidden = self.hidden(d)
                by_hidden = f"{by_width}, expansion {self.expansion:g}"
                tensors[f"{at}.mlp.gate_up_proj.weight"] = ((2 * hidden, d), by_hidden)
                tensors[f"{at}.mlp.down_proj.weight"] = ((d, hidden), by_hidden)
        return tensors

    def check(self, found: Mapping[str, Shape], file: str) -> None:
        """Refuse a state dict ({name without prefix: shape}) that is not of this architecture, in one line."""
        recognise(found, self.kind, file)
        wanted = self._tensors()
        faults = []
        for name, (shape, why) in wanted.items():
            if name not in found:
                faults.append(f"{name} is missing; expected {shape} from {why}")
            elif tuple(found[name]) != shape:
                faults.append(f"{name}: {tuple(found[name])}; expected {shape} from {why}")
        known = ", ".join(f"{level} with {n} layers" for level, n in self.levels().items())
        for name in sorted(set(found) - set(wanted)):
            faults.append(
                f"{name} {tuple(found[name])} is unknown; the configuration has {self.mixer} mixing, "
                f"pos_encodings {self.encoding}, puzzle_emb_ndim {self.puzzle_width} and {known}"
            )
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise Refused(f"{file}: {faults[0]}{more}")

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The architecture from the dictionary that `to_dict` returned."""
        return cls(**values)


def recognise(names: Iterable[str], kind: str, file: str) -> None:
    """Refuse the state dict of another model, which is recognised by the names of its latents and levels."""
    found = list(names)
    levels = {name.split(".")[0] for name in found}
    if "L1_init" in levels:
        raise Refused(f"{file}: L1_init: this is trm_hier6, whose six z_L are not supported")
    if "H_init" not in levels and "L_init" not in levels:
        first = ", ".join(found[:3]) or "no tensor"
        raise Refused(f"{file}: neither H_init nor L_init: not a TRM or HRM state dict; found {first}")
    if "H_init" not in levels:
        raise Refused(f"{file}: L_init without H_init: this is trm_singlez, which is not supported")
    if "H_level" in levels and "L_level" not in levels:
        raise Refused(
            f"{file}: H_level without L_level: this is transformers_baseline, which is not supported"
        )
    if kind == "trm" and "H_level" in levels:
        raise Refused(f"{file}: H_level in a state dict whose arch.name is a TRM's; a TRM has L_level only")
