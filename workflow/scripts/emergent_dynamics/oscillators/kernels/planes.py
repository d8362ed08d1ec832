"""The form of a field in the fast kernels: planes of rows with a halo, so that neighbours are shifted views.

A packed array is (run, 2, channel, cell): real and imaginary part, float32 or float64. A plane has height + 2 rows
of `pitch` cells; the halo is zero on an open edge and the opposite edge on a periodic one.
"""

from dataclasses import dataclass

import numpy as np

from emergent_dynamics.oscillators.codes import CODES
from emergent_dynamics.runtime.compiler import numba

LINE = 64  # bytes of a cache line
LANE = 16  # float32 per 512-bit vector: rows start aligned to it


@dataclass(frozen=True)
class Layout:
    """Where a (channel, y, x) field lies in packed cells."""

    shape: tuple[int, int, int]
    pitch: int  # cells per row; at least width + 2, so that the two halo columns of neighbouring rows differ
    start: int  # cell of (y, x) = (0, 0)
    cells: int  # per plane


def layout(shape: tuple[int, int, int]) -> Layout:
    """The layout of a field of this shape."""
    _, height, width = shape
    pitch = -(-(width + 2) // LANE) * LANE
    start = pitch + LANE
    return Layout(shape, pitch, start, (height + 2) * pitch + 2 * LANE)


def zeros(shape: tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """Zeros that begin at a cache line, unlike NumPy's: vectors that span two cache lines take 15 % more time."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    room = np.zeros(count + LINE // dtype.itemsize, dtype)
    skip = -room.ctypes.data % LINE // dtype.itemsize
    return room[skip : skip + count].reshape(shape)


def pack(
    z: np.ndarray, where: Layout, periodic: tuple[bool, bool, bool], dtype: np.dtype | type
) -> np.ndarray:
    """Convert (run, channel, y, x) complex numbers to packed cells with their halo."""
    packed = zeros((z.shape[0], 2, where.shape[0], where.cells), dtype)
    inner = interior(packed, where)
    inner[:, 0], inner[:, 1] = z.real, z.imag
    for run in range(z.shape[0]):
        wrap(packed[run], where.start, where.pitch, where.shape[1], where.shape[2], periodic[1], periodic[2])
    return packed


def unpack(packed: np.ndarray, where: Layout) -> np.ndarray:
    """Convert packed cells to (run, channel, y, x), complex64 or complex128."""
    inner = interior(packed, where)
    return inner[:, 0] + np.array(1j, np.result_type(packed, np.complex64)) * inner[:, 1]


def interior(packed: np.ndarray, where: Layout) -> np.ndarray:
    """The (..., channel, y, x) view of packed cells without their halo."""
    _, height, width = where.shape
    rows = packed[..., where.start : where.start + height * where.pitch]
    return rows.reshape(*packed.shape[:-1], height, where.pitch)[..., :width]


def spread(values: np.ndarray, where: Layout, dtype: np.dtype | type) -> np.ndarray:
    """Copy (..., channel, y, x) real numbers to (..., channel, cell), with zeros outside the field."""
    packed = zeros((*values.shape[:-2], where.cells), dtype)
    interior(packed, where)[:] = values
    return packed


@numba.njit(cache=True)
def wrap(planes, start, pitch, height, width, wraps_y, wraps_x):
    """Copy opposite edges into the halo of planes (2, channel, cell) along periodic axes."""
    for part in range(planes.shape[0]):
        for d in range(planes.shape[1]):
            plane = planes[part, d]
            if wraps_x:
                for y in range(height):
                    row = start + y * pitch
                    plane[row - 1] = plane[row + width - 1]
                    plane[row + width] = plane[row]
            if wraps_y:
                last = start + height * pitch
                for x in range(width):
                    plane[start - pitch + x] = plane[last - pitch + x]
                    plane[last + x] = plane[start + x]


@numba.njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def encode(packed, start, pitch, height, width, codes):
    """Write the phase codes of packed cells (run, 2, channel, cell) to codes (run, channel, y, x) uint16.

    code = round((theta + pi) 65536 / 2 pi) mod 65536, theta = arg z; -pi and pi share code 0. The error of the
    polynomial is 2e-7 rad, that of the code pi / 65536 = 4.8e-5 rad.
    """
    # Floor: about 25 vector operations per 8 or 16 units. The loop runs over a whole plane, since rows of 28
    # do not fill vectors. Libm's atan2 does not vectorise and costs 15 ns per unit.
    scale, tiny = np.float32(CODES / (2 * np.pi)), np.float32(1e-30)
    half, quarter, none = np.float32(CODES / 2), np.float32(CODES / 4), np.float32(0.0)
    length = height * pitch
    row = np.empty(length, np.int32)
    for run in range(packed.shape[0]):
        for d in range(packed.shape[2]):
            re = packed[run, 0, d, start:]
            im = packed[run, 1, d, start:]
            for i in range(length):
                x, v = np.float32(re[i]), np.float32(im[i])
                across, along = abs(x), abs(v)
                a = min(across, along) / max(across, along, tiny)
                s = a * a
                # Abramowitz & Stegun 4.4.49, |error| <= 2e-8 rad on [0, 1]
                arc = np.float32(0.0028662257)
                arc = arc * s + np.float32(-0.0161657367)
                arc = arc * s + np.float32(0.0429096138)
                arc = arc * s + np.float32(-0.0752896400)
                arc = arc * s + np.float32(0.1065626393)
                arc = arc * s + np.float32(-0.1420889944)
                arc = arc * s + np.float32(0.1999355085)
                arc = arc * s + np.float32(-0.3333314528)
                arc = (arc * s + np.float32(1.0)) * a * scale
                arc = quarter - arc if along > across else arc
                arc = half - arc if x < none else arc
                arc = -arc if v < none else arc
                row[i] = np.int32(arc + half + np.float32(0.5))  # the floor, as it is positive
            for y in range(height):
                for i in range(width):
                    codes[run, d, y, i] = np.uint16(row[y * pitch + i] & 0xFFFF)
