"""What a person would complain about in a page of results, found by a real browser."""

from pathlib import Path

from tests.chromium import Page

# Every picture, film and viewer of the front page comes into view; what is wrong with each, as lines.
LOOK = """
(async () => {
  const wrong = [], pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (holds) => { for (let k = 0; k < 200 && !holds(); k++) await pause(50); return holds(); };
  const moment = async (video, share) => {
    video.pause();
    video.currentTime = share * video.duration;
    await until(() => !video.seeking && video.readyState >= 2);
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
    canvas.getContext("2d").drawImage(video, 0, 0, 160, 90);
    return canvas.toDataURL();
  };
  const press = (target, key) => target.dispatchEvent(new target.ownerDocument.defaultView.KeyboardEvent(
    "keydown", { key, bubbles: true }));
  for (const button of document.querySelectorAll(".look")) {
    const { id, kind } = button.dataset;
    button.scrollIntoView({ block: "center" });
    const picture = button.querySelector("img"), film = button.querySelector("video");
    if (picture) {
      if (!(await until(() => picture.complete && picture.naturalWidth > 0))) wrong.push(`${id}: no picture`);
      if (!picture.alt) wrong.push(`${id}: no alternative text`);
    }
    if (film) {
      if (!(await until(() => film.readyState >= 2))) wrong.push(`${id}: the film does not load`);
      else if (film.videoWidth < 1280) wrong.push(`${id}: ${film.videoWidth} pixels wide`);
      else if ((await moment(film, 0.05)) === (await moment(film, 0.9))) wrong.push(`${id}: the film stands still`);
    }
    if (kind === "page") {
      button.click();
      const dialog = document.querySelector("dialog");
      const body = () => dialog.querySelector("iframe")?.contentDocument?.body;
      if (!(await until(() => body()?.dataset.ready === "true"))) wrong.push(`${id}: the page does not start`);
      else {
        const alert = body().querySelector("[role=alert]");
        if (alert) wrong.push(`${id}: ${alert.textContent}`);
        const clock = body().querySelector("output"), slider = body().querySelector("input[type=range]");
        if (slider) {
          const before = clock.textContent;
          press(slider, "ArrowRight"); // the pages' players listen; a plain slider moves by a user's keys only
          slider.stepUp();
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          if (!(await until(() => clock.textContent !== before))) wrong.push(`${id}: deaf to keys`);
        }
      }
      dialog.close();
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`text is cut off at ${innerWidth} pixels`);
  return wrong;
})()
"""
LINKS = "[...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"
REFUSED = 2 * 2**20  # characters of a `data:` address, above which Chromium shows nothing


def complaints(page: Page, index: Path) -> list[str]:
    """Everything wrong with a front page at two widths and in two schemes: pictures, films, viewers, links, console."""
    found = []
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            page.open(index, width, scheme)
            found += [f"{width} {scheme}: {line}" for line in [*page.value(LOOK), *page.messages]]
    links = {link for link in page.value(LINKS) if not link.startswith("#")}
    found += [f"a link leads to {link}" for link in sorted(links) if not (index.parent / link).exists()]
    anchors = "[...document.querySelectorAll('a[href^=\"#\"]')].filter((a) => !document.querySelector(a.hash)).length"
    if page.value(anchors):
        found.append("a link within the page leads nowhere")
    return found


def hidden_results(page: Page, report: Path) -> list[str]:
    """Results that Snakemake's report holds and Chromium would refuse to show."""
    page.open(report)
    sizes = page.value("Object.entries(results).map(([name, { data_uri }]) => [name, data_uri.length])")
    return [f"{name}: {size} characters" for name, size in sizes if size > REFUSED]
