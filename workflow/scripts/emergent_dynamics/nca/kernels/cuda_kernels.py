"""One generation of all worlds on CUDA: `model.step` on the same draws, both update orders, ids exactly as there.

    decide    every cell's output, who inherits from which cell, which births mutate
    offsets   ranks of all mutants, which give genome ids and places in the log, in the order (run, cell)
    settle    inheritance of nets, new values of mutated genes, threshold, age, clearing; frame and log

Every cell carries its own weights, gene by gene (run, gene, cell), in two buffers: reads and writes are coalesced. Nets
of genome 0 are empty and never read. Arrays are flat, offsets unsigned: Numba tests signed ones for a negative index.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import float32, float64, int32, int64, uint32, uint64

from emergent_dynamics.device import cuda, kernel
from emergent_dynamics.nca.kernels.workspace import constants
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.streams.philox import philox4x32

THREADS = 256
OFFSETS = 1024  # threads that rank the mutants of all blocks
ONE = 1 << 32  # adds one mutant; the lower bits count changed genes, so that one scan gives both ranks
OUT, KEEPS = (
    int32(-3),
    int32(-2),
)  # source of a cell without anything hot around it, and of a cell that keeps its net

philox = cuda.jit(device=True, inline="always")(philox4x32.py_func)


@cuda.jit(device=True, inline="always")
def _sigmoid(x):
    return float32(1) / (float32(1) + math.exp(-x))


@cuda.jit(device=True, inline="always")
def _tanh(x):
    return math.tanh(x)


@cuda.jit(device=True, inline="always")
def _relu(x):
    return max(x, float32(0))


@cuda.jit(device=True, inline="always")
def _leakyrelu(x):
    return x if x > float32(0) else float32(0.01) * x


@cuda.jit(device=True, inline="always")
def _noact(x):
    return x


ACTIVATIONS = {"sigmoid": _sigmoid, "tanh": _tanh, "relu": _relu, "leakyrelu": _leakyrelu, "noact": _noact}


class Kernels(NamedTuple):
    """The three launches of a generation."""

    decide: Any
    offsets: Any
    settle: Any


@kernel()
def open_block(clock, rows, begin):
    """Reset the counters, so that frames and the log of the next generations begin at 0."""
    begin[0] = clock[0]
    rows[0] = 0
    rows[1] = 0


def make(p: Parameters, runs: int, threads: int = THREADS, rankers: int = OFFSETS) -> Kernels:
    """Compile the kernels of an experiment; its shape and probabilities are compile-time constants."""
    k = constants(p)
    blocks = -(-p.cells // threads)
    decide = _make_decide(p, k, threads)
    return Kernels(decide, _make_offsets(runs, blocks, rankers), _make_settle(p, k, threads))


def _make_decide(p: Parameters, k: Any, threads: int) -> Any:
    C, H, W, G, T = p.channels, p.height, p.width, p.genes, threads
    cells, inputs, words, quads = H * W, 9 * C, -(-G // 64), -(-G // 4)
    first = 9 * C * C
    phi, board = ACTIVATIONS[p.activation], ACTIVATIONS[p.board]
    threshold, inherit, mutate = k.threshold[0], np.uint64(k.inherit), np.uint64(k.mutate[0])
    choice0, choice1 = k.choice_key
    mutation0, mutation1 = k.mutation_key

    @kernel()
    def decide(layers, weights, gid, clock, out, source, hits, rank, sums):
        # Floor: reading weights and layers of every cell takes 4 (genes + 2 channels) B, out of 8 genes + 80
        # B of a whole generation.
        t, block, run = cuda.threadIdx.x, cuda.blockIdx.x, cuda.blockIdx.y
        cell, generation = block * T + t, uint32(clock[0] + 1)
        scan = cuda.shared.array(T, int64)
        packed = int64(0)
        if cell < cells:
            seen = cuda.local.array(inputs, float32)
            hidden = cuda.local.array(C, float32)
            y, x = cell // W, cell % W
            pattern, hot = 0, False
            for place in range(9):
                yy, xx = y + place // 3 - 1, x + place % 3 - 1
                yy = H - 1 if yy < 0 else (0 if yy == H else yy)
                xx = W - 1 if xx < 0 else (0 if xx == W else xx)
                for c in range(C):
                    value = layers[uint64((run * C + c) * cells + yy * W + xx)]
                    seen[9 * c + place] = value
                    if value > threshold:
                        hot = True
                        if c == 0:
                            pattern |= 1 << place
            here = uint64(run * cells + cell)
            net = run * G * cells + cell
            own = gid[here] if hot else int32(0)
            if own != 0:
                for j in range(C):
                    total = float32(0)
                    for m in range(inputs):
                        total += weights[uint64(net + (inputs * j + m) * cells)] * seen[m]
                    hidden[j] = phi(total)
                for j in range(C):
                    total = float32(0)
                    for m in range(C):
                        total += weights[uint64(net + (first + C * j + m) * cells)] * hidden[m]
                    out[uint64((run * C + j) * cells + cell)] = board(total)
            else:  # the output of an empty net is board(0)
                for j in range(C):
                    out[uint64((run * C + j) * cells + cell)] = board(float32(0))
            chosen = KEEPS if hot else OUT
            if pattern != 0:
                w0, w1, _, _ = philox(uint32(cell), generation, uint32(0), uint32(run), choice0, choice1)
                if uint64(w0) < inherit:
                    living = 0
                    for place in range(9):
                        living += pattern >> place & 1
                    wanted = int64((uint64(w1) * uint64(living)) >> uint64(32))
                    at = 0
                    for place in range(9):
                        if pattern >> place & 1:
                            if wanted == 0:
                                at = place
                            wanted -= 1
                    yy, xx = y + at // 3 - 1, x + at % 3 - 1
                    yy = H - 1 if yy < 0 else (0 if yy == H else yy)
                    xx = W - 1 if xx < 0 else (0 if xx == W else xx)
                    chosen = int32(yy * W + xx)
                    count = 0
                    if own == 0:
                        word = uint64(0)
                        for b in range(quads):
                            m0, m1, m2, m3 = philox(
                                uint32(cell * quads + b),
                                generation,
                                uint32(0),
                                uint32(run),
                                mutation0,
                                mutation1,
                            )
                            bits = uint64(0)
                            if uint64(m0) < mutate:
                                bits |= uint64(1)
                                count += 1
                            if uint64(m1) < mutate and 4 * b + 1 < G:
                                bits |= uint64(2)
                                count += 1
                            if uint64(m2) < mutate and 4 * b + 2 < G:
                                bits |= uint64(4)
                                count += 1
                            if uint64(m3) < mutate and 4 * b + 3 < G:
                                bits |= uint64(8)
                                count += 1
                            word |= bits << uint64(4 * (b % 16))
                            if b % 16 == 15 or b == quads - 1:
                                hits[uint64((run * words + b // 16) * cells + cell)] = word
                                word = uint64(0)
                    if count > 0:
                        packed = int64(ONE) + int64(count)
            source[here] = chosen
        scan[t] = packed
        cuda.syncthreads()
        reach = 1
        while reach < T:
            more = scan[t - reach] if t >= reach else int64(0)
            cuda.syncthreads()
            scan[t] += more
            cuda.syncthreads()
            reach *= 2
        if cell < cells:
            rank[uint64(run * cells + cell)] = scan[t] - packed if packed != 0 else int64(-1)  # -1: no mutant
        if t == T - 1:
            sums[run * cuda.gridDim.x + block] = scan[t]

    return decide


def _make_offsets(runs: int, blocks: int, threads: int) -> Any:
    R, B, T = runs, blocks, threads
    n, share = runs * blocks, -(-runs * blocks // threads)

    @kernel()
    def offsets(sums, n_genomes, rows, clock, tick):
        """Runs in one block. sums (run block,) become exclusive sums over all runs in order; n_genomes (run, 2) and
        rows (2,) hold before, after: genomes of a run, packed rows and changes of the log. tick: the new generation.
        """
        t = cuda.threadIdx.x
        scan = cuda.shared.array(T, int64)
        total = int64(0)
        for i in range(t * share, min((t + 1) * share, n)):
            total += sums[i]
        scan[t] = total
        cuda.syncthreads()
        reach = 1
        while reach < T:
            more = scan[t - reach] if t >= reach else int64(0)
            cuda.syncthreads()
            scan[t] += more
            cuda.syncthreads()
            reach *= 2
        before = scan[t] - total
        for i in range(t * share, min((t + 1) * share, n)):
            value = sums[i]
            sums[i] = before
            before += value
        cuda.syncthreads()
        for run in range(t, R, T):
            end = sums[(run + 1) * B] if run < R - 1 else scan[T - 1]
            n_genomes[2 * run] = n_genomes[2 * run + 1]
            n_genomes[2 * run + 1] += (end >> 32) - (sums[run * B] >> 32)
        if t == 0:
            rows[0] = rows[1]
            rows[1] += scan[T - 1]
            tick[0] = clock[0] + 1

    return offsets


def _make_settle(p: Parameters, k: Any, threads: int) -> Any:
    C, H, W, G, T = p.channels, p.height, p.width, p.genes, threads
    cells, words, twos, blocks = H * W, -(-G // 64), -(-G // 2), -(-H * W // threads)
    threshold, alive_from, budget = k.threshold[0], k.alive_from[0], int(k.budget[0])
    uniform, sequential, grace, inclusive = k.change == 0, not k.synchronous, bool(k.grace), bool(k.inclusive)
    strike_every, strike, strike_next = int(k.strike_every), np.uint64(k.strike), bool(k.strike_next)
    choice0, choice1 = k.choice_key
    change0, change1 = k.change_key

    @cuda.jit(device=True)
    def delta(cell, gene, generation, run):
        """Return what a mutation adds to a gene."""
        w0, w1, w2, w3 = philox(
            uint32(cell * twos + gene // 2), uint32(generation), uint32(0), uint32(run), change0, change1
        )
        u0, u1 = (w2, w3) if gene % 2 else (w0, w1)
        if uniform:
            return float32(2.0 * (float64(u0) / 4294967296.0) - 1.0)
        radius = math.sqrt(-2.0 * math.log((float64(u0) + 1.0) / 4294967296.0))
        return float32(radius * math.cos(2.0 * math.pi * (float64(u1) / 4294967296.0)))

    @cuda.jit(device=True)
    def struck(cell, generation, run):
        """Return whether the catastrophe of this generation hits a cell."""
        _, _, word, _ = philox(uint32(cell), uint32(generation), uint32(0), uint32(run), choice0, choice1)
        return uint64(word) < strike

    @cuda.jit(device=True, inline="always")
    def genome(run, cell, n_genomes, sums, rank):
        """Return the id of the genome that a mutant cell gets."""
        here = (sums[uint64(run * blocks + cell // T)] + rank[uint64(run * cells + cell)]) >> 32
        return int32(n_genomes[uint64(2 * run)] + here - (sums[uint64(run * blocks)] >> 32) + 1)

    @kernel()
    def settle(
        layers, weights, weights_new, gid, gid_new, age, clock, tick, out, source, hits, rank, sums, n_genomes, rows,
        begin, log, log_gene, log_value, frame_gid, frame_alpha,
    ):  # fmt: skip
        # Floor: weights read and written, 8 genes B per cell. A generation of 512 x 512, frames and log on the
        # host: 0.15 ms on an H200. In the prototype more than half of it was here: a warp waits for its few mutants. A
        # fourth kernel over the compacted list, a thread per (mutant, gene), would be next.
        cell, run = cuda.grid(1), cuda.blockIdx.y
        generation = tick[0]
        if cell == 0 and run == 0:
            clock[0] = generation
        if cell >= cells:
            return
        here = uint64(run * cells + cell)
        chosen = source[here]
        mutant = rank[here] >= 0
        newborn = chosen >= 0 and gid[here] == 0
        base, nearest, parent, depth = cell, -1, -1, 0
        if chosen >= 0:
            at = cell
            while (
                True
            ):  # go up the chain of heirs to an old net; each step has a probability below inheritance / 2
                if rank[uint64(run * cells + at)] >= 0:
                    depth += 1
                    if nearest < 0:
                        nearest = at
                    elif parent < 0:
                        parent = at
                up = int64(source[uint64(run * cells + at)])
                if sequential and up < at and source[uint64(run * cells + up)] >= 0:
                    at = up
                else:
                    base = up
                    break
        own = gid[uint64(run * cells + base)] if chosen > OUT else int32(0)
        kept = own
        if nearest >= 0:
            kept = genome(run, nearest, n_genomes, sums, rank)
        alpha = out[uint64(run * C * cells + cell)]
        dead = alpha <= threshold if inclusive else alpha < threshold
        erased = False
        if strike_every > 0 and generation % strike_every == 0:
            hit = struck(cell, generation, run)
            dead = dead or hit
            erased = (cell > 0 and struck(cell - 1, generation, run)) if strike_next else hit
        alive = (float32(0) if dead else alpha) >= alive_from
        older = age[here] + 1 if alive else 0
        spent = older > budget
        gone = spent or not alive
        age[here] = 0 if spent else older
        dead = dead or gone
        if erased or (gone and not (grace and newborn and not spent)):
            kept = int32(0)
        for c in range(C):
            plane = uint64((run * C + c) * cells + cell)
            layers[plane] = float32(0) if dead else out[plane]
        gid_new[here] = kept
        frame = uint64((generation - 1 - begin[0]) % frame_gid.shape[0])
        frame_gid[frame, here] = kept
        tenth = round(10.0 * float64(float32(0) if dead else alpha))
        frame_alpha[frame, here] = min(max(tenth, 0), 255)
        if kept != 0 and depth == 0:
            for gene in range(G):
                at = run * G + gene
                weights_new[uint64(at * cells + cell)] = weights[uint64(at * cells + base)]
        elif kept != 0 or mutant:
            place = sums[uint64(run * blocks + cell // T)] + rank[here]
            row = (rows[0] >> 32) + (place >> 32)
            entry = (rows[0] & int64(0xFFFFFFFF)) + (place & int64(0xFFFFFFFF))
            begun = entry
            for gene in range(G):
                at = run * G + gene
                value = weights[uint64(at * cells + base)] if own != 0 else float32(0)
                changes = False
                for level in range(depth, 0, -1):  # first the mutant nearest to the base
                    up, count = int64(cell), 0
                    while True:
                        if rank[uint64(run * cells + up)] >= 0:
                            count += 1
                            if count == level:
                                break
                        up = int64(source[uint64(run * cells + up)])
                    changes = False
                    if hits[uint64((run * words + gene // 64) * cells + up)] >> uint64(gene % 64) & uint64(1):
                        value += delta(up, gene, generation, run)
                        changes = up == cell
                if changes and mutant:
                    log_gene[uint64(entry)] = gene
                    log_value[uint64(entry)] = value
                    entry += 1
                if kept != 0:
                    weights_new[uint64(at * cells + cell)] = value
            if mutant:
                was = genome(run, parent, n_genomes, sums, rank) if parent >= 0 else own
                log[uint64(row), 0] = run
                log[uint64(row), 1] = generation
                log[uint64(row), 2] = was
                log[uint64(row), 3] = cell
                log[uint64(row), 4] = int32(entry - begun)
                log[uint64(row), 5] = genome(run, cell, n_genomes, sums, rank)

    return settle
