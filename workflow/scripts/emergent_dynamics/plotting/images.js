// Maps of codes through a colour table, one frame at a time; several layers of the same run to choose from.
const layers = data.layers, chosen = { layer: layers[0] };
const codes = {}, [frames, rows, columns] = data[layers[0].key].shape;
const off = page.element("canvas"), ink = off.getContext("2d");
const row = main.appendChild(page.element("div", { class: "row" }));
const state = { frame: 0 };
const value = ({ lo, hi, top }, code) => lo + ((hi - lo) * code) / top;
off.width = columns;
off.height = rows;

function paint() {
  const { key, blank } = chosen.layer, image = ink.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer), table = data[`${key}_table`].data, codes = data[key].data;
  const at = state.frame * rows * columns;
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
    const code = codes[at + r * columns + c], to = (data.upper ? r : rows - 1 - r) * columns + c;
    pixels[to] = code === blank ? 0 : (255 << 24) | (table[3 * code + 2] << 16) | (table[3 * code + 1] << 8) | table[3 * code];
  }
  ink.putImageData(image, 0, 0);
}
// Where the map lies before zooming: as large as fits, whole device pixels per cell when there is room for it.
function place(w, h) {
  const fit = Math.min(w / columns, h / rows), k = fit >= 2 ? Math.floor(fit) : fit;
  return { k, x: Math.round((w - k * columns) / 2), y: Math.round((h - k * rows) / 2) };
}
const stage = page.stage(row, data.label, {
  draw(context, w, h, view) {
    const { k, x, y } = place(w, h);
    context.imageSmoothingEnabled = k * view.k < 1;
    context.drawImage(off, view.x + view.k * x, view.y + view.k * y, view.k * k * columns, view.k * k * rows);
    context.strokeStyle = page.colour("line");
    context.strokeRect(view.x + view.k * x - 0.5, view.y + view.k * y - 0.5, view.k * k * columns + 1, view.k * k * rows + 1);
  },
  hover(px, py, view) {
    const { k, x, y } = place(stage.canvas.clientWidth, stage.canvas.clientHeight);
    const c = Math.floor(((px - view.x) / view.k - x) / k), down = Math.floor(((py - view.y) / view.k - y) / k);
    if (c < 0 || c >= columns || down < 0 || down >= rows) return "";
    const r = data.upper ? down : rows - 1 - down, { layer } = chosen, code = data[layer.key].data[(state.frame * rows + r) * columns + c];
    const read = code === layer.blank ? "none" : layer.names ? layer.names[code] ?? code : page.number(value(layer, code));
    return `${data.axes[0]} ${r}, ${data.axes[1]} ${c}\n${layer.label}: ${read}${code !== layer.blank && layer.unit ? ` ${layer.unit}` : ""}`;
  },
});
const side = row.appendChild(page.element("div", { class: "side" })), key = page.element("div");
function explain() {
  const { layer } = chosen, table = data[`${layer.key}_table`];
  key.replaceChildren(page.element("div", {}, layer.unit ? `${layer.label} (${layer.unit})` : layer.label));
  if (layer.names) layer.names.forEach((name, i) => {
    const swatch = page.element("span", { class: "swatch" });
    swatch.style.background = `rgb(${table.data.slice(3 * i, 3 * i + 3)})`;
    if (i < 40) key.append(page.element("label", {}, swatch, name));
  });
  else {
    const bar = page.element("canvas", { class: "bar", width: table.shape[0], height: 1, "aria-hidden": "true" }), c = bar.getContext("2d");
    for (let i = 0; i < table.shape[0]; i++) (c.fillStyle = `rgb(${table.data.slice(3 * i, 3 * i + 3)})`), c.fillRect(i, 0, 1, 1);
    key.append(bar, page.element("div", { class: "ends" }, page.element("span", {}, page.number(layer.lo)), page.element("span", {}, page.number(layer.hi))));
  }
}
if (layers.length > 1) {
  const select = page.element("select", { "aria-label": "layer" }, ...layers.map((l, i) => page.element("option", { value: i }, l.label)));
  select.addEventListener("change", () => { chosen.layer = layers[select.value]; explain(); paint(); stage.redraw(); });
  side.append(select);
}
side.append(key);
let traced = () => {};
const player = page.player(main, {
  frames, fps: data.fps,
  label: (i) => `${data.clock} ${page.number(data.time.data[i])}`,
  show: (i) => { state.frame = i; paint(); stage.redraw(); traced(); },
});
if (data.traces) traced = page.trace(main, Object.fromEntries(data.traces.map((name, i) => [name, data[`trace${i}`]])), data.colours, player);
explain();
player.go(player.frame);
main.append(page.element("div", { class: "hint" }, "space plays, arrow keys step, wheel or + and − zoom, double click shows all"));
