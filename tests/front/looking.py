"""What a person would complain about in a page of results, found by a real browser."""

import json
from pathlib import Path

from emergent_dynamics.plotting.page import REFUSED
from tests.browsers import Page

# Every picture, film and viewer of the front page comes into view; what is wrong with each, as lines.
LOOK = """
(async () => {
  const wrong = [], pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (holds) => { for (let k = 0; k < 200 && !holds(); k++) await pause(50); return holds(); };
  const moment = async (video, share) => {
    video.pause();
    video.currentTime = share * video.duration;
    await until(() => !video.seeking && video.readyState >= 2);
    await pause(100); // a picture that is decoded is not yet one that is shown
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
    canvas.getContext("2d").drawImage(video, 0, 0, 160, 90);
    return canvas.toDataURL();
  };
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const drawing of document.querySelectorAll(".panel svg")) {
    const label = drawing.getAttribute("aria-label");
    const points = [...drawing.querySelectorAll("[id*='-row-']")];
    if (!(drawing.getBoundingClientRect().height > 100)) wrong.push(`${label}: the drawing is empty`);
    if (!points.length || points.some((point) => !point.querySelector("title")))
      wrong.push(`${label}: points say nothing`);
    const point = points[0];
    point.scrollIntoView({ block: "center" });
    const at = point.getBoundingClientRect();
    const met = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
    if (!met?.closest("[id*='-row-']")) wrong.push(`${label}: a pointer does not meet its points`);
  }
  for (const button of document.querySelectorAll(".look")) {
    const { id, kind } = button.dataset;
    button.scrollIntoView({ block: "center" });
    const picture = button.querySelector("img"), film = button.querySelector("video");
    if (picture) {
      if (!(await until(() => picture.complete && picture.naturalWidth > 0))) wrong.push(`${id}: no picture`);
      if (!picture.alt) wrong.push(`${id}: no alternative text`);
    }
    if (film) {
      if (!film.poster) wrong.push(`${id}: no poster`);
      if (!(await until(() => film.readyState >= 2))) wrong.push(`${id}: the film does not load`);
      else if (film.videoWidth < 1280) wrong.push(`${id}: ${film.videoWidth} pixels wide`);
      else if ((await moment(film, 0.05)) === (await moment(film, 0.9))) wrong.push(`${id}: the film stands still`);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`text is cut off at ${innerWidth} pixels`);
  return wrong;
})()
"""
# Every picture, film and viewer comes into view for a moment.
PASS = """
(async () => {
  for (const button of document.querySelectorAll(".look")) {
    button.scrollIntoView({ block: "center" });
    await new Promise((done) => setTimeout(done, 60));
  }
})()
"""
# Whether the first picture appears within a few seconds.
SEEN = """
(async () => {
  const first = document.querySelector(".look img");
  for (let k = 0; k < 100 && !first.naturalWidth; k++) await new Promise((done) => setTimeout(done, 50));
  return first.naturalWidth > 0;
})()
"""
# Opens the page behind a button and gives its slider the focus; what is wrong with it, or "".
OPEN = """
(async (id) => {
  const button = document.querySelector(`.look[data-id="${id}"]`), dialog = document.querySelector("dialog");
  button.click();
  const body = () => dialog.querySelector("iframe")?.contentDocument?.body;
  for (let k = 0; k < 200 && body()?.dataset.ready !== "true"; k++) await new Promise((done) => setTimeout(done, 50));
  if (body()?.dataset.ready !== "true") return "the page does not start";
  if (body().querySelector("[role=alert]")) return body().querySelector("[role=alert]").textContent;
  dialog.querySelector("iframe").contentWindow.focus();
  body().querySelector("input[type=range]")?.focus();
  return "";
})
"""
CLOCK = "document.querySelector('dialog iframe')?.contentDocument.querySelector('input[type=range]')?.value"
CLOSE = """
(async () => {
  const dialog = document.querySelector("dialog");
  dialog.close();
  while (dialog.querySelector("iframe")) await new Promise((done) => setTimeout(done, 20));
})()
"""
PAGES = "[...document.querySelectorAll('.look[data-kind=page]')].map((button) => button.dataset.id)"
MOVING = "[...document.querySelectorAll('video')].filter((film) => !film.paused).length"
LINKS = "[...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"


def complaints(page: Page, index: Path) -> list[str]:
    """Everything wrong with a front page at two widths and in two schemes: pictures, films, viewers, links, console."""
    found = []
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            page.open(index, width, scheme)
            found += [
                f"{width} {scheme}: {line}" for line in [*page.value(LOOK), *deaf_pages(page), *page.messages]
            ]
    page.open(index, still=True)
    page.value(PASS)
    if page.value(MOVING):
        found.append("films move although the reader asks for less motion")
    links = {link for link in page.value(LINKS) if not link.startswith("#")}
    found += [f"a link leads to {link}" for link in sorted(links) if not (index.parent / link).exists()]
    anchors = (
        "[...document.querySelectorAll('a[href^=\"#\"]')]"
        ".filter((a) => !document.getElementById(a.getAttribute('href').slice(1))).length"
    )
    if page.value(anchors):
        found.append("a link within the page leads nowhere")
    return found


def deaf_pages(page: Page) -> list[str]:
    """Pages behind buttons that do not start, or whose slider stays where it is when a user presses an arrow."""
    found = []
    for name in page.value(PAGES):
        if wrong := page.value(f"{OPEN.strip()}({json.dumps(name)})"):
            found.append(f"{name}: {wrong}")
        before = page.value(CLOCK)
        page.press("ArrowRight")
        page.press("ArrowRight")
        if before is not None and page.value(CLOCK) == before:
            found.append(f"{name}: deaf to keys")
        page.value(CLOSE)
    return found


def hidden_results(page: Page, report: Path) -> list[str]:
    """Results that Snakemake's report holds and Chromium would refuse to show, and what its console says."""
    page.open(report)
    sizes = page.value("Object.entries(results).map(([name, { data_uri }]) => [name, data_uri.length])")
    found = [f"{name}: {size} characters" for name, size in sizes if size > REFUSED]
    return found + [
        text for text in page.messages if "cdn.tailwindcss.com" not in text
    ]  # Snakemake's own template
