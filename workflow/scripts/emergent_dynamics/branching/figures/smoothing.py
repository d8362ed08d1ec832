"""Smoothing of spikes in time, for films only, since neurons that blink for a single frame are hard to watch."""

import numpy as np
from scipy.ndimage import convolve1d

TAPS = 100  # length of the kernel of the original notebook, in frames
SLOPE = 60.0  # exponent of the decay over these frames: a factor exp(-60 / 99) = 0.5455 from frame to frame
FADE = float(np.exp(-SLOPE / (TAPS - 1)))


def smooth(spikes: np.ndarray, kind: str, stretch: int) -> np.ndarray:
    """Return (step * stretch, ...) float32 brightness from spikes (step, ...) bool.

    causal : brightness 1 at the frame of the spike, then an exponential decay; from 0 to 1, never before the spike.
    seed : the symmetric kernel of the original notebook, which peaks 1 and 2 frames early and whose sums exceed 1
    where spikes follow each other. none : brightness 1 during the whole step of the spike.
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
