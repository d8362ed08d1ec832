"""Films: rgb frames streamed to an H.264 MP4 that every browser plays, with equal bytes for equal frames.

The time of encoding is proportional to the number of pixels, so small frames are passed to ffmpeg as they are, and
ffmpeg enlarges them (`scale`). The binary is imageio-ffmpeg's, so no system ffmpeg is needed.

The memory of ffmpeg is proportional to the pixels of a frame. Its queues hold eight frames each, and no option makes
them shorter; so frames are read and converted inside of its input, and those in the queues take half of what rgb takes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from emergent_dynamics.runtime import peak

LOOK_AHEAD = 4  # frames that x264 holds before it decides; films are not larger than with the preset's 10


class FilmError(RuntimeError):
    """Raised for a film that could not be written; the message is one line that starts with its path."""


def write_film(
    frames: Iterable[np.ndarray],
    path: str | os.PathLike[str],
    fps: float,
    scale: int = 1,
    quality: int = 30,
) -> int:
    """Stream frames, each (height, width, 3) uint8 and all of one size, to `path`; returns their number.

    scale : each pixel becomes a square of scale x scale, edges sharp. Odd sizes gain a black row or column.
    quality : x264's constant rate factor, 0 (lossless) to 51; 22 shows no loss on maps of cells, 30 takes half the
        bytes and is legible.

    One encoder thread and no time stamps: the bytes depend on the frames alone. The film appears whole or
    not at all.
    """
    path = Path(path)
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        raise FilmError(f"{path}: a film needs at least one frame")
    _check(first, first.shape, path, 0)
    height, width, _ = first.shape
    unfinished = path.with_name(f".{path.stem}.unfinished.mp4")
    command = _command(width, height, fps, scale, quality, unfinished)
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert encoder.stdin is not None and encoder.stderr is not None
    written = 0
    try:
        try:
            for frame in _chain(first, stream):
                _check(frame, first.shape, path, written)
                encoder.stdin.write(np.ascontiguousarray(frame).data)
                written += 1
            peak.record_child(encoder.pid)
            encoder.stdin.close()
        except BrokenPipeError:
            pass  # the encoder ended early; its error message is on stderr
        complaint = encoder.stderr.read().decode(errors="replace").split("\n")
        if encoder.wait() != 0:
            message = "; ".join(line.strip() for line in complaint if line.strip())
            raise FilmError(f"{path}: ffmpeg failed after {written} frames: {message or 'no message'}")
        unfinished.replace(path)
    finally:
        encoder.kill()
        encoder.wait()
        encoder.stderr.close()
        with suppress(BrokenPipeError):  # what is still in the buffer
            encoder.stdin.close()
        unfinished.unlink(missing_ok=True)
    return written


def read_film(path: str | os.PathLike[str]) -> Iterator[np.ndarray]:
    """The frames of a film, each (height, width, 3) uint8, one at a time."""
    reader = imageio_ffmpeg.read_frames(str(path), pix_fmt="rgb24")
    width, height = next(reader)["size"]
    for frame in reader:
        yield np.frombuffer(frame, np.uint8).reshape(height, width, 3)


def poster(path: str | os.PathLike[str], width: int = 640) -> bytes:
    """The middle frame of a film as a JPEG, `width` pixels wide."""
    reader = imageio_ffmpeg.read_frames(str(path))
    about = next(reader)
    reader.close()
    half = max(0.0, about["duration"] - 1.5 / about["fps"]) / 2  # the one frame of a short film begins at 0
    scaled = f"scale={width}:-2:in_color_matrix=bt709:out_color_matrix=bt601:out_range=full"
    # fmt: off
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-threads", "1", "-ss", f"{half:.3f}",
        "-i", str(path), "-frames:v", "1", "-vf", scaled, "-c:v", "mjpeg", "-q:v", "6",
        "-f", "image2pipe", "pipe:1",
    ]
    # fmt: on
    shown = subprocess.run(command, capture_output=True, check=False)
    if not shown.stdout:
        raise FilmError(f"{path}: no frame at {half:.1f} s: {shown.stderr.decode(errors='replace').strip()}")
    return shown.stdout


def _chain(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _check(frame: np.ndarray, shape: tuple[int, ...], path: Path, index: int) -> None:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or frame.shape != shape:
        like = f" like frame 0, {shape}" if index else ""
        raise FilmError(
            f"{path}: frame {index} is {frame.dtype} {frame.shape}; must be uint8 (height, width, 3){like}"
        )


def _command(width: int, height: int, fps: float, scale: int, quality: int, target: Path) -> list[str]:
    wide, high = width * scale, height * scale
    pixels = f"pixel_format=rgb24\\:video_size={width}x{height}\\:framerate={fps:g}"
    filters = [f"movie=filename='pipe\\:0':format_name=rawvideo:format_opts='{pixels}'"]
    if scale > 1:
        filters.append(f"scale={wide}:{high}:flags=neighbor")
    if wide % 2 or high % 2:
        filters.append(f"pad={wide + wide % 2}:{high + high % 2}")
    filters.append("scale=out_color_matrix=bt709:out_range=tv:flags=fast_bilinear+bitexact,format=yuv420p")
    # fmt: off
    return [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y",
        "-f", "lavfi", "-i", ",".join(filters), "-an",
        "-c:v", "libx264", "-preset", "veryfast", "-x264-params", f"rc-lookahead={LOOK_AHEAD}",
        "-crf", str(quality), "-threads", "1",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
        "-movflags", "+faststart", "-f", "mp4", str(target),
    ]
    # fmt: on
