// Maps of codes through a colour table, one frame at a time; several layers of the same run to choose from.
const layers = data.layers, chosen = { layer: layers[page.kept.layer ?? 0] };
const [frames, rows, columns] = data[layers[0].key].shape;
const row = main.appendChild(page.element("div", { class: "row" }));
const state = { frame: 0 };
const value = ({ lo, hi, top }, code) => lo + ((hi - lo) * code) / top;
const index = (r, c) => (state.frame * rows + (data.upper ? r : rows - 1 - r)) * columns + c;

const repaint = cellMap(row, data.label, rows, columns,
  (pixels) => {
    const { key, blank } = chosen.layer, table = data[`${key}_table`], codes = data[key].data;
    for (let r = 0, to = 0; r < rows; r++) for (let c = 0; c < columns; c++, to++) {
      const code = codes[index(r, c)];
      pixels[to] = code === blank ? 0 : opaque(table, code);
    }
  },
  (down, c) => {
    const { layer } = chosen, code = data[layer.key].data[index(down, c)], r = data.upper ? down : rows - 1 - down;
    const read = code === layer.blank ? "none" : layer.names ? layer.names[code] ?? code : page.number(value(layer, code));
    return `${data.axes[0]} ${r}, ${data.axes[1]} ${c}\n${layer.label}: ${read}${code !== layer.blank && layer.unit ? ` ${layer.unit}` : ""}`;
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
  select.value = page.kept.layer ?? 0;
  select.addEventListener("change", () => { page.kept.layer = select.value; chosen.layer = layers[select.value]; explain(); repaint(); });
  side.append(select);
}
side.append(key);
let traced = () => {};
const player = page.player(main, {
  frames, fps: data.fps,
  label: (i) => `${data.clock} ${page.number(data.time.data[i])}`,
  show: (i) => { state.frame = i; repaint(); traced(); },
});
if (data.traces) traced = page.trace(main, Object.fromEntries(data.traces.map((name, i) => [name, data[`trace${i}`]])), data.colours, player);
explain();
player.go(player.frame);
main.append(page.element("div", { class: "hint" }, "space plays, arrow keys step, wheel or + and − zoom, double click shows all"));
