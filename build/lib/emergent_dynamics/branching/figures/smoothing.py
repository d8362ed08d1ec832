"""Blurring spikes in time, for films only: a spike is there or not, but blinking tires the eye."""

import numpy as np
from scipy.ndimage import convolve1d

TAPS = 100  # of the notebook's kernel, from 0 to 1
SLOPE = 60.0  # its decay over that range: a factor exp(-60 / 99) = 0.5455 from frame to frame
FADE = float(np.exp(-SLOPE / (TAPS - 1)))


def smooth(spikes: np.ndarray, kind: str, stretch: int) -> np.ndarray:
    """(step, ...) bool to (step * stretch, ...) float32 brightness.

    causal : bright 1 at the spike's frame, then a fading glow; from 0 to 1, never before the spike.
    seed : the notebook's symmetric kernel: peaks 1 and 2 frames early, sums beyond 1 where spikes follow each
    other.
    none : the spike's step, at 1.
    """
    if kind == "none":
        return np.repeat(spikes.astype(np.float32), stretch, axis=0)
    stuffed = np.zeros((len(spikes) * stretch, *spikes.shape[1:]), np.float32)
    stuffed[::stretch] = spikes
    if kind == "seed":
        distance = np.abs(np.arange(TAPS) - (TAPS - 1) / 2) - 0.5  # 49 ... 0 0 ... 49
        return convolve1d(stuffed, FADE**distance, axis=0, mode="constant", origin=1)
    for frame in range(1, len(stuffed)):
        np.maximum(stuffed[frame], FADE * stuffed[frame - 1], out=stuffed[frame])
    return stuffed
