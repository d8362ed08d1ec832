"""Films: what goes in comes out, in equal bytes, or nothing is left behind."""

import hashlib
from io import BytesIO

import numpy as np
import pytest
from matplotlib import image

from emergent_dynamics.plotting.film import FilmError, poster, read_film, write_film

COLOURS = np.array([[200, 30, 30], [20, 160, 60], [30, 60, 200], [240, 240, 240], [15, 15, 15]], np.uint8)


def squares(n=12, height=40, width=60):
    """Frame i is COLOURS[i % 5] on the left and COLOURS[(i + 1) % 5] on the right."""
    for i in range(n):
        frame = np.empty((height, width, 3), np.uint8)
        frame[:, : width // 2] = COLOURS[i % 5]
        frame[:, width // 2 :] = COLOURS[(i + 1) % 5]
        yield frame


def test_a_film_decodes_to_the_frames_that_went_in(tmp_path):
    """Count, size and order exactly; colours within 6 of 255 away from edges (8-bit limited-range YUV and
    crf 22).
    """
    assert write_film(squares(), tmp_path / "a.mp4", fps=10) == 12
    back = list(read_film(tmp_path / "a.mp4"))
    assert len(back) == 12
    for i, frame in enumerate(back):
        assert frame.shape == (40, 60, 3)
        for left, colour in ((4, COLOURS[i % 5]), (36, COLOURS[(i + 1) % 5])):
            assert np.abs(frame[4:36, left : left + 20].mean((0, 1)) - colour).max() < 6


@pytest.mark.parametrize("fps", [1, 8, 15, 60])
@pytest.mark.parametrize(("frames", "middle"), [(1, {0}), (2, {0, 1}), (5, {1, 2}), (12, {5, 6})])
def test_a_still_picture_is_one_of_the_middle_frames_also_of_a_film_of_one(tmp_path, frames, middle, fps):
    """Durations are told to a hundredth of a second; a JPEG keeps colours to 12 of 255."""
    write_film(squares(frames, 64, 96), tmp_path / "a.mp4", fps=fps)
    still = image.imread(BytesIO(poster(tmp_path / "a.mp4", 96)), format="jpeg").astype(float)
    assert still.shape == (64, 96, 3)
    off = [np.abs(still[4:60, 4:40].mean((0, 1)) - COLOURS[i % 5]).max() for i in range(frames)]
    assert min(off) < 12 and int(np.argmin(off)) % 5 in {i % 5 for i in middle}


def test_equal_frames_give_equal_bytes(tmp_path):
    for name in "ab":
        write_film(squares(), tmp_path / f"{name}.mp4", fps=10)
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    assert len(digests) == 1


def test_scale_turns_each_pixel_into_a_square(tmp_path):
    frame = np.kron(np.array([[0, 1], [1, 0]], np.uint8), np.ones((4, 4), np.uint8))[..., None] * np.uint8(
        [[[255] * 3]]
    )
    write_film([frame] * 3, tmp_path / "a.mp4", fps=5, scale=6)
    back = next(read_film(tmp_path / "a.mp4")).astype(int)
    assert back.shape == (48, 48, 3)
    expected = np.kron(frame[..., 0], np.ones((6, 6), np.uint8))[..., None]
    assert np.abs(back - expected).max() < 24  # ringing beside a black and white edge


def test_odd_sizes_are_padded_to_even(tmp_path):
    """yuv420p needs even sizes: 853 x 479 fails in x264 itself."""
    write_film(squares(3, 33, 51), tmp_path / "a.mp4", fps=5)
    assert next(read_film(tmp_path / "a.mp4")).shape == (34, 52, 3)


def test_the_index_comes_before_the_pictures(tmp_path):
    """faststart: a browser can play before it has the whole file."""
    write_film(squares(), tmp_path / "a.mp4", fps=10)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_no_frames_is_an_error_of_one_line(tmp_path):
    with pytest.raises(FilmError, match=r"a\.mp4: a film needs at least one frame$"):
        write_film([], tmp_path / "a.mp4", fps=10)


def test_a_frame_of_another_size_is_named_and_leaves_nothing_behind(tmp_path):
    frames = [*squares(3), np.zeros((8, 8, 3), np.uint8)]
    with pytest.raises(
        FilmError, match=r"frame 3 is uint8 \(8, 8, 3\); must be uint8 .* like frame 0, \(40, 60, 3\)$"
    ):
        write_film(frames, tmp_path / "a.mp4", fps=10)
    assert list(tmp_path.iterdir()) == []


def test_what_ffmpeg_says_is_one_line_with_the_path(tmp_path):
    with pytest.raises(FilmError) as caught:
        write_film(squares(), tmp_path / "missing" / "a.mp4", fps=10)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/missing/a.mp4: ffmpeg failed after")
    assert "No such file" in str(caught.value)


def test_a_failing_source_of_frames_leaves_the_old_film_alone(tmp_path):
    def broken():
        yield from squares(2)
        raise KeyError("time")

    write_film(squares(), tmp_path / "a.mp4", fps=10)
    before = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(KeyError):
        write_film(broken(), tmp_path / "a.mp4", fps=10)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == before
