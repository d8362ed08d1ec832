// Pictures, films and pages lie in the file as text; each is decoded when it comes into view, or when it is opened.
const contents = new Map([...document.querySelectorAll("script[data-content]")].map((s) => [s.dataset.content, s]));
const urls = new Map(), still = matchMedia("(prefers-reduced-motion: reduce)").matches;

async function blobOf({ id, kind, mime }) {
  const bytes = Uint8Array.from(atob(contents.get(id).textContent), (c) => c.charCodeAt(0));
  if (kind === "film") return new Blob([bytes], { type: mime });
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Blob([await new Response(stream).blob()], { type: mime });
}

function urlOf(button) {
  const { id } = button.dataset;
  if (!urls.has(id)) urls.set(id, blobOf(button.dataset).then((blob) => URL.createObjectURL(blob)));
  return urls.get(id);
}

async function show(button) {
  const target = button.querySelector("img, video");
  if (!target || target.src || (still && target.tagName === "VIDEO")) return; // the poster stays
  target.src = await urlOf(button);
  if (target.tagName === "VIDEO") target.preload = "auto";
}

const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
  const video = entry.target.querySelector("video");
  const shown = entry.isIntersecting ? show(entry.target) : Promise.resolve();
  if (video && !still) shown.then(() => (entry.isIntersecting ? video.play().catch(() => {}) : video.pause()));
}), { rootMargin: "300px" });

const dialog = document.querySelector("dialog"), stage = dialog.querySelector("div");
for (const button of document.querySelectorAll(".look")) {
  seen.observe(button);
  button.addEventListener("click", async () => {
    const { kind } = button.dataset;
    const element = document.createElement({ page: "iframe", film: "video", picture: "img" }[kind]);
    if (kind === "film") Object.assign(element, { controls: true, loop: true, muted: true, autoplay: !still });
    if (kind === "picture") element.alt = button.querySelector("img").alt;
    element.title = button.getAttribute("aria-label");
    if (kind === "page") element.srcdoc = await (await blobOf(button.dataset)).text();
    else element.src = await urlOf(button);
    stage.replaceChildren(element);
    dialog.showModal();
    if (kind === "page") element.focus();
  });
}
dialog.querySelector("button").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => stage.replaceChildren());

const filters = [...document.querySelectorAll("[data-filter]")], rows = [...document.querySelectorAll("#numbers tr[data-system]")];
const told = document.querySelector(".filters output");
function filter() {
  let left = 0;
  for (const row of rows) {
    row.hidden = !filters.every((f) => {
      if (!f.value) return true;
      return f.dataset.filter === "text"
        ? row.textContent.toLowerCase().includes(f.value.toLowerCase()) : row.dataset[f.dataset.filter] === f.value;
    });
    left += !row.hidden;
  }
  for (const heading of document.querySelectorAll("#numbers .group"))
    heading.hidden = !heading.parentNode.querySelector("tr[data-system]:not([hidden])");
  told.textContent = `${left} of ${rows.length} numbers`;
}
for (const f of filters) f.addEventListener("input", filter);
for (const link of document.querySelectorAll('a[href="#numbers"]')) link.addEventListener("click", () => {
  const { setSystem = "", setKind = "", setOutcome = "" } = link.dataset, wanted = { system: setSystem, kind: setKind, outcome: setOutcome, text: "" };
  for (const f of filters) f.value = wanted[f.dataset.filter];
  filter();
});
const lookAt = (id) => document.querySelector(`.look[data-id="${CSS.escape(id)}"]`);
for (const button of document.querySelectorAll("[data-open]")) button.addEventListener("click", () => lookAt(button.dataset.open).click());
filter();
document.documentElement.dataset.ready = "true";
