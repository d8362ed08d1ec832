"""Every kind of page, run by real browsers without a network."""

import re

import pytest

from tests import browsers

pytestmark = pytest.mark.browser
POINT = """
(() => {
  const canvas = document.querySelector(".stage canvas"), box = canvas.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", at));
  return document.querySelector(".tip").textContent;
})()
"""
CHOOSE = """
async (run) => {
  const select = document.querySelector("select"), old = document.querySelector("output");
  select.value = run;
  select.dispatchEvent(new Event("change"));
  for (let k = 0; k < 200 && old.isConnected; k++) await new Promise((done) => setTimeout(done, 25));
  return document.querySelector("output").textContent;
}
"""
SORT = '{ const b = document.querySelectorAll("th button")[1]; b.click(); b.click(); }'
SIZE = """
(async () => {
  const video = document.querySelector("video");
  for (let k = 0; k < 200 && video.readyState < 1; k++) await new Promise((done) => setTimeout(done, 25));
  return `${video.videoWidth}x${video.videoHeight}`;
})()
"""


@pytest.fixture(scope="module", params=browsers.EVERY)
def window(request, tmp_path_factory):
    """One browser for all pages."""
    with browsers.browser(request.param, tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page


@pytest.fixture
def opened(window, tmp_path):
    """Opens the text of a page, waits for the end of its scripts, and gives its document."""

    def open_(text, at=""):
        (tmp_path / "page.html").write_text(text)
        window.open(tmp_path / "page.html", 1100, at=at)
        assert window.value(browsers.ENDED)
        return window.value("document.documentElement.outerHTML")

    return open_


@pytest.mark.parametrize("name", ["fields", "plane", "circle", "sphere", "numbers", "film", "runs"])
def test_a_page_runs_to_its_end_without_a_message(opened, window, example_pages, tmp_path, name):
    document = opened(example_pages(tmp_path)[name])
    assert 'data-ready="true"' in document and '<p role="alert">' not in document
    assert window.messages == []


@pytest.mark.parametrize("name", ["fields", "plane", "circle", "sphere"])
def test_a_page_in_motion_starts_at_the_frame_of_its_address(opened, example_pages, tmp_path, name):
    document = opened(example_pages(tmp_path)[name], "#frame=7")
    assert re.search(r"<output[^>]*>t = 7</output>", document)
    assert 'aria-valuetext="t = 7"' in document


def test_a_legend_counts_the_points_shown(opened, example_pages, tmp_path):
    assert opened(example_pages(tmp_path)["sphere"]).count('<span class="count">10</span>') == 3


def test_a_table_shows_its_rows_and_marks_what_is_undefined(opened, example_pages, tmp_path):
    document = opened(example_pages(tmp_path)["numbers"]).replace("<wbr>", "")  # where long words may break
    assert "&lt;/script&gt;&lt;b&gt;" in document
    assert "[1, 1.5]" in document
    assert '<td class="number undefined">–</td>' in document
    assert "value (rad)" in document


def test_a_film_has_pictures(opened, window, example_pages, tmp_path):
    """The browser decodes the H.264 film that is inside the page and knows its size."""
    opened(example_pages(tmp_path)["film"])
    assert window.value(SIZE) == "48x32"


def test_a_key_steps(opened, window, example_pages, tmp_path):
    opened(example_pages(tmp_path)["plane"], "#frame=3")
    window.press("ArrowRight")
    assert window.value("document.querySelector('output').textContent") == "t = 4"


def test_another_run_is_shown_at_the_moment_that_the_reader_was_at(opened, window, example_pages, tmp_path):
    """Frame 5 of 12 is frame 10 of 23; a key moves the new run by one, since nothing of the old one listens."""
    document = opened(example_pages(tmp_path)["runs"], "#frame=5")
    assert re.findall(r"<option[^>]*>(.*?)</option>", document) == ["run 0", "run 1"]
    assert window.value(f"({CHOOSE})(1)") == "t = 10"
    window.press("ArrowRight")
    assert window.value("document.querySelector('output').textContent") == "t = 11"
    assert window.value(f"({CHOOSE})(0)") == "t = 6" and window.messages == []


def test_the_pointer_reads_values(opened, window, example_pages, tmp_path):
    opened(example_pages(tmp_path)["fields"])
    assert re.fullmatch(r"row [23], column [34]\nphase: [−0-9.]+ rad", window.value(POINT))


def test_a_heading_sorts_and_what_is_undefined_stays_last(opened, window, example_pages, tmp_path):
    opened(example_pages(tmp_path)["numbers"])
    window.value(f"(() => {SORT})()")
    table = window.value("document.querySelector('main').innerHTML")
    assert 'aria-sort="descending"' in table
    assert table.index("1.25<") < table.index(">none<")


def test_a_page_with_damaged_data_says_so(opened, example_pages, tmp_path):
    damaged = re.sub(r'"packed":"[^"]{9}', '"packed":"AAAAAAAAA', example_pages(tmp_path)["plane"])
    assert re.search(r'<p role="alert">This page could not be drawn: ', opened(damaged))
