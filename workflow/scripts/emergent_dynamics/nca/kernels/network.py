"""The networks of all cells at once: `model.net` and the activation of the board, by slots of the genome table."""

import numpy as np

from emergent_dynamics.nca.kernels.prefetch import AHEAD, fetch
from emergent_dynamics.nca.kernels.workspace import BATCH
from emergent_dynamics.runtime.compiler import numba


@numba.njit(cache=True)
def forward(layers, slot, table, k, s):
    """Overwrite layers with g(fc2 phi(fc1 x)), by the nets before inheritance.

    An empty net gives g(0), or 0 if a cell with this value would be dead everywhere. The inputs are the unrolled
    copy in s.padded. Each row of fc1 has three partial sums, one per column of the neighbourhood.
    """
    # 16 ns per cell with a net for C = 2, half of it the gather of 160 bytes of weights, and 10 ns of exponentials.
    # Transposing 64 cells for full vectors (28 ns) and hardware gathers (35 ns) were slower. Fetching rows of the table
    # ahead takes a tenth off a generation with thousands of genomes.
    channels, (height, width) = len(k.lanes), slot.shape
    rest = np.zeros(1, np.float32)
    activate(rest, rest.size, k.board, s.bits)
    least = k.threshold.min()
    dead = rest[0] <= least if k.inclusive else rest[0] < least
    layers[:] = np.float32(0) if dead else rest[0]
    inputs = np.empty(9 * channels, np.float32)
    places = np.empty(BATCH, np.int64)
    count = 0
    for y in range(height):
        nets, n = slot[y], 0
        for x in range(width):  # no branch, since it cannot be predicted which cells have a net
            s.netted[n] = x
            n += nets[x] != 0
        s.netted[n : n + AHEAD] = 0
        for i in range(n):
            x = s.netted[i]
            row = nets[x]
            fetch(table, nets[s.netted[i + AHEAD]])
            for c in range(channels):
                for dy in range(3):
                    for dx in range(3):
                        inputs[9 * c + 3 * dy + dx] = s.padded[c, y + dy, x + dx]
            for j in range(channels):
                left = middle = right = np.float32(0)
                for m in range(3 * channels):
                    left += table[row, 9 * channels * j + 3 * m] * inputs[3 * m]
                    middle += table[row, 9 * channels * j + 3 * m + 1] * inputs[3 * m + 1]
                    right += table[row, 9 * channels * j + 3 * m + 2] * inputs[3 * m + 2]
                s.hidden[j, count] = left + middle + right
            places[count] = y * width + x
            count += 1
            if count == BATCH:
                emit(layers, slot, table, places, count, k, s)
                count = 0
    emit(layers, slot, table, places, count, k, s)


@numba.njit(cache=True)
def emit(layers, slot, table, places, count, k, s):
    """Compute the second half of `forward` for a batch: layers at `places` become g(fc2 phi(hidden))."""
    channels, flat = len(k.lanes), slot.reshape(-1)
    planes = layers.reshape(layers.shape[0], -1)
    first = 9 * channels * channels
    for j in range(channels):
        activate(s.hidden[j], count, k.hidden, s.bits)
    for i in range(count):
        row = flat[places[i]]
        for j in range(channels):
            total = np.float32(0)
            for m in range(channels):
                total += table[row, first + channels * j + m] * s.hidden[m, i]
            s.out[j, i] = total
    for j in range(channels):
        activate(s.out[j], count, k.board, s.bits)
        for i in range(count):
            planes[j, places[i]] = s.out[j, i]


@numba.njit(cache=True)
def activate(x, n, code, bits):
    """Replace the first n values of x by phi(x), x (BATCH,) float32, contiguous.

    Sigmoid and tanh use one vectorised exponential.
    """
    # libm takes 8 ns (exp) and 23 ns (tanh) per value, this 2 to 3 ns; the error is below 1.8e-7, three
    # float32 roundings.
    one = np.float32(1)
    if code == 0:
        exponential(x, n, np.float32(-1), bits)
        for i in range(n):
            x[i] = one / (one + x[i])
    elif code == 1:
        small = x[:n].copy()
        exponential(x, n, np.float32(2), bits)
        for i in range(n):
            z = small[i] * small[i]
            series = np.float32(-5.70498872745e-3)  # Cephes tanhf, |x| < 0.625
            series = series * z + np.float32(2.06390887954e-2)
            series = series * z + np.float32(-5.37397155531e-2)
            series = series * z + np.float32(1.33314422036e-1)
            series = series * z + np.float32(-3.33332819422e-1)
            near = small[i] + small[i] * z * series
            far = one - np.float32(2) / (x[i] + one)
            x[i] = near if z < np.float32(0.390625) else far
    elif code == 2:
        for i in range(n):
            x[i] = max(x[i], np.float32(0))
    elif code == 3:
        for i in range(n):
            x[i] = x[i] if x[i] > 0 else np.float32(0.01) * x[i]


@numba.njit(cache=True)
def exponential(x, n, scale, bits):
    """Replace x by exp(scale x): 2^n times the polynomial of Cephes' expf; arguments are clipped to +-87."""
    power = bits.view(np.float32)
    for i in range(n):
        value = min(max(scale * x[i], np.float32(-87)), np.float32(87))
        whole = np.floor(value * np.float32(1.44269504) + np.float32(0.5))
        r = value - whole * np.float32(0.693359375)
        r = r + whole * np.float32(2.12194440e-4)
        series = np.float32(1.9875691500e-4)
        series = series * r + np.float32(1.3981999507e-3)
        series = series * r + np.float32(8.3334519073e-3)
        series = series * r + np.float32(4.1665795894e-2)
        series = series * r + np.float32(1.6666665459e-1)
        series = series * r + np.float32(5.0000001201e-1)
        x[i] = series * r * r + r + np.float32(1)
        bits[i] = (np.int32(whole) + np.int32(127)) << np.int32(23)
    for i in range(n):
        x[i] *= power[i]
