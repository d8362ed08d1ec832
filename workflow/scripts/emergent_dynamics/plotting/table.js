// Sort by a click on a heading, filter by any text; rows are added as they scroll into reach.
const { columns, rows } = data, STEP = 200;
let shown = rows.map((_, i) => i), order = { column: -1, down: false };
const search = page.element("input", { type: "search", placeholder: "filter rows", "aria-label": "filter rows" });
const told = page.element("output", { "aria-live": "polite" });
const body = page.element("tbody"), heads = page.element("tr");
const numeric = (column) => ["number", "integer", "interval", "written"].includes(column.kind);

function text(value, column) {
  if (value === null || value === undefined) return ["text", "sentence"].includes(column.kind) ? "" : "–";
  if (column.kind === "interval") return value.every((v) => v === null) ? "–" : `[${value.map((v) => page.number(v, column.digits)).join(", ")}]`;
  if (column.kind === "written") return value[1];
  return typeof value === "number" ? page.number(value, column.digits) : String(value);
}
const texts = rows.map((row) => row.map((value, i) => text(value, columns[i])));
const haystack = texts.map((row) => row.join("\u0001").toLowerCase());

function more() {
  for (const i of shown.slice(body.children.length, body.children.length + STEP)) {
    body.append(page.element("tr", {}, ...texts[i].map((cell, c) => {
      const judged = columns[c].kind === "agreement" && (cell === "agrees" || cell === "disagrees");
      const kind = judged ? cell : cell === "–" ? "undefined" : "";
      const parts = cell.split(/(?<=[_/,])/).flatMap((part, k) => (k ? [page.element("wbr"), part] : [part])); // long names
      return page.element("td", { class: `${numeric(columns[c]) ? "number" : columns[c].kind} ${kind}` }, ...parts);
    })));
  }
}
function refresh() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = rows.map((_, i) => i).filter((i) => words.every((w) => haystack[i].includes(w)));
  const { column, down } = order, key = (i) => { const v = rows[i][column]; return Array.isArray(v) ? v[0] : v; };
  if (column >= 0) shown.sort((i, j) => {
    const a = key(i), b = key(j);
    if (a === null || b === null) return (a === null) - (b === null) || i - j; // undefined last, either way
    return ((a > b) - (a < b)) * (down ? -1 : 1) || i - j;
  });
  body.replaceChildren();
  told.textContent = shown.length === rows.length ? `${rows.length} rows` : `${shown.length} of ${rows.length} rows`;
  more();
}
columns.forEach((column, i) => {
  const name = column.unit && column.unit !== "1" ? `${column.label} (${column.unit})` : column.label;
  const head = page.element("th", { scope: "col", "aria-sort": "none", class: numeric(column) ? "number" : "" });
  head.append(page.element("button", { type: "button", onclick: () => {
    order = { column: i, down: order.column === i && !order.down };
    for (const other of heads.children) other.setAttribute("aria-sort", "none"), (other.firstChild.lastChild.textContent = "");
    head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    head.firstChild.lastChild.textContent = order.down ? " ▾" : " ▴";
    refresh();
  } }, name, page.element("span")));
  heads.append(head);
});
const scroll = page.element("div", { class: "scroll", tabindex: "0" }, page.element("table", {}, page.element("thead", {}, heads), body));
scroll.addEventListener("scroll", () => { if (scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - 300) more(); });
search.addEventListener("input", refresh);
main.append(page.element("div", { class: "controls" }, search, told), scroll);
refresh();
