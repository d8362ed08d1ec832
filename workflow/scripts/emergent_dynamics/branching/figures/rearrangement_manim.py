"""The film of the rearrangement drawn by Manim, with the same neurons, spikes, edges and motion as
`rearrangement.frames`.

This is the only module that needs Manim (envs/manim.yaml); only the optional rule `branching_manim` imports it.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import manim  # type: ignore[import-not-found,unused-ignore]
import numpy as np
import xarray as xr

from emergent_dynamics.branching.figures import cells, rearrangement
from emergent_dynamics.branching.figures.smoothing import smooth

WIDTH, HEIGHT = 13.0, 7.0  # size of the drawing in units of Manim, in which the frame is 14.2 x 8


class Rearranging(manim.Scene):
    """A scene of dots and lines that follow one clock from 0 to 1."""

    def __init__(
        self, levels: np.ndarray, places: tuple[np.ndarray, np.ndarray], edges: np.ndarray, seconds: float
    ) -> None:
        """levels (frame, node) rows of `cells.GLOW`; places (node, 2) scattered and layered; edges (edge, 2)."""
        super().__init__()
        self.levels, self.places, self.edges, self.seconds = levels, places, edges, seconds
        self.colours = [manim.ManimColor.from_rgb(tuple(int(c) for c in rgb)) for rgb in cells.GLOW]

    def construct(self) -> None:
        """Build the scene, as Manim requires: one animation of the clock, which everything else follows."""
        clock = manim.ValueTracker(0.0)
        start = self._points(0.0)
        lines = manim.VGroup(
            *(manim.Line(start[a], start[b], stroke_width=0.5, color=manim.GRAY) for a, b in self.edges)
        )
        dots = manim.VGroup(*(manim.Dot(point, radius=0.14) for point in start))
        shown = [-1.0]

        def follow(drawing: Any) -> None:
            progress = clock.get_value()
            points = self._points(progress)
            frame = min(int(progress * len(self.levels)), len(self.levels) - 1)
            for dot, point, level in zip(dots, points, self.levels[frame], strict=True):
                dot.move_to(point).set_color(self.colours[level])
            if rearrangement.arrangement(progress) != shown[0]:
                for line, (a, b) in zip(lines, self.edges, strict=True):
                    line.put_start_and_end_on(points[a], points[b])
                shown[0] = rearrangement.arrangement(progress)

        drawing = manim.VGroup(lines, dots)
        drawing.add_updater(follow)
        self.add(drawing)
        self.play(clock.animate.set_value(1.0), run_time=self.seconds, rate_func=manim.linear)

    def _points(self, progress: float) -> np.ndarray:
        """(node, 3) positions in units of Manim."""
        at = rearrangement.arrangement(progress)
        plane = (1.0 - at) * self.places[0] + at * self.places[1]
        return np.column_stack([(plane - 0.5) * (WIDTH, HEIGHT), np.zeros(len(plane))])


def render(
    windows: xr.Dataset, smoothing: str, stretch: int, fps: float, seed: int, path: Path | str
) -> None:
    """Write the film of the panel nearest to sigma = 1 to `path` (MP4), 854 x 480."""
    _, mask = rearrangement.rearranged(windows)
    scattered, layered, edges = rearrangement.graph(mask.shape[1], mask.shape[2], seed)
    levels = cells.glow(smooth(mask, smoothing, stretch)).reshape(len(mask) * stretch, -1)
    with tempfile.TemporaryDirectory() as folder:
        quiet = {"quality": "medium_quality", "frame_rate": fps, "pixel_width": 854, "pixel_height": 480}
        quiet |= {"media_dir": folder, "output_file": "film", "verbosity": "ERROR", "progress_bar": "none"}
        with manim.tempconfig(quiet):
            scene = Rearranging(levels, (scattered, layered), edges, len(levels) / fps)
            scene.render()
            rendered = Path(scene.renderer.file_writer.movie_file_path)
        shutil.move(rendered, path)
