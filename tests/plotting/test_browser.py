"""Every kind of page, run by a real browser without a network."""

import re
import shutil
import subprocess

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,650",
    "--virtual-time-budget=3000",
    "--dump-dom",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]


def opened(folder, name, text, fragment=""):
    """The document after its scripts ran."""
    (folder / f"{name}.html").write_text(text)
    command = [
        BROWSER,
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"file://{folder / name}.html{fragment}",
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture(scope="module")
def documents(example_pages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {name: opened(folder, name, text, "#frame=7") for name, text in example_pages(folder).items()}


@pytest.mark.parametrize("name", ["fields", "plane", "circle", "sphere", "numbers", "film"])
def test_a_page_runs_to_its_end(documents, name):
    assert 'data-ready="true"' in documents[name]
    assert '<p role="alert">' not in documents[name]


@pytest.mark.parametrize("name", ["fields", "plane", "circle", "sphere"])
def test_a_page_in_motion_starts_at_the_frame_of_its_address(documents, name):
    assert re.search(r"<output[^>]*>t = 7</output>", documents[name])
    assert 'aria-valuetext="t = 7"' in documents[name]


def test_a_legend_counts_the_points_shown(documents):
    assert documents["sphere"].count('<span class="count">10</span>') == 3


def test_a_table_shows_its_rows_and_marks_what_is_undefined(documents):
    assert "&lt;/script&gt;&lt;b&gt;" in documents["numbers"]
    assert "[1, 1.5]" in documents["numbers"]
    assert '<td class="number undefined">–</td>' in documents["numbers"]
    assert "value (rad)" in documents["numbers"]


def test_a_film_has_pictures(example_pages, tmp_path):
    """The browser decodes the H.264 film that is inside the page and knows its size."""
    text = example_pages(tmp_path)["film"].replace("page.start(", """
        const video = document.querySelector("video");
        video.addEventListener("loadeddata", () => (document.body.dataset.size =
        `${video.videoWidth}x${video.videoHeight}`)); page.start(""")  # fmt: skip
    assert 'data-size="48x32"' in opened(tmp_path, "film", text)


def test_keys_step_headings_sort_and_the_pointer_reads_values(example_pages, tmp_path):
    """What a person does, done by dispatched events once the page is drawn."""
    pages = example_pages(tmp_path)
    act = """<script>setTimeout(() => {{ {} }}, 500)</script></body>"""
    step = 'document.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));'
    moved = opened(tmp_path, "moved", pages["plane"].replace("</body>", act.format(step)), "#frame=3")
    assert 'aria-valuetext="t = 4"' in moved

    point = """
        const canvas = document.querySelector(".stage canvas"), box = canvas.getBoundingClientRect();
        const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
        canvas.dispatchEvent(new PointerEvent("pointermove", at));"""
    read = opened(tmp_path, "read", pages["fields"].replace("</body>", act.format(point)))
    assert re.search(r'class="tip"[^>]*>row [23], column [34]\nphase: [−0-9.]+ rad<', read)

    press = 'const b = document.querySelectorAll("th button")[1]; b.click(); b.click();'
    table = opened(tmp_path, "sorted", pages["numbers"].replace("</body>", act.format(press)))
    assert 'aria-sort="descending"' in table
    assert table.index("1.25<") < table.index(">none<")  # undefined stays last in either direction


def test_a_page_with_damaged_data_says_so(example_pages, tmp_path):
    text = example_pages(tmp_path)["plane"]
    damaged = re.sub(r'"packed":"[^"]{9}', '"packed":"AAAAAAAAA', text)
    assert re.search(r'<p role="alert">This page could not be drawn: ', opened(tmp_path, "damaged", damaged))
