// Maps of genomes over the generations; hovering a cell names its genome and walks up its ancestors.
const [frames, rows, columns] = data.index.shape;
const layers = { "founder clade": data.clade, RWSP: data.rwsp, GHC: data.ghc, alpha: null };
const state = { frame: 0, layer: "founder clade" };
const off = page.element("canvas"), ink = off.getContext("2d");
off.width = columns;
off.height = rows;
const row = main.appendChild(page.element("div", { class: "row" }));

function paint() {
  const image = ink.createImageData(columns, rows), pixels = new Uint32Array(image.data.buffer), at = state.frame * rows * columns;
  const table = (layers[state.layer] || data.tenths).data;
  for (let i = 0; i < rows * columns; i++) {
    const code = layers[state.layer] ? data.index.data[at + i] : Math.min(10, data.alpha.data[at + i]);
    pixels[i] = (255 << 24) | (table[3 * code + 2] << 16) | (table[3 * code + 1] << 8) | table[3 * code];
  }
  ink.putImageData(image, 0, 0);
}
function place(w, h) {
  const fit = Math.min(w / columns, h / rows), k = fit >= 2 ? Math.floor(fit) : fit;
  return { k, x: Math.round((w - k * columns) / 2), y: Math.round((h - k * rows) / 2) };
}
// "4711, born 250 ← 4302, born 248 ← ... ← founder 17"
function line(genome) {
  const told = [], all = [];
  for (let g = genome; g > 0; g = data.parent.data[g]) all.push(g);
  for (const g of all.slice(0, 6)) told.push(`${data.genome.data[g]}, born ${data.birth.data[g]}`);
  const text = all.length > 6 ? `${told.join("\n← ")}\n← ${all.length - 7} more\n← founder ${data.founder.data[genome]}` : told.join("\n← ");
  return `${text}\n${all.length - 1} mutated births since the founder; last seen in generation ${data.last.data[genome]}`;
}
const stage = page.stage(row, "genomes", {
  draw(context, w, h, view) {
    const { k, x, y } = place(w, h);
    context.imageSmoothingEnabled = k * view.k < 1;
    context.drawImage(off, view.x + view.k * x, view.y + view.k * y, view.k * k * columns, view.k * k * rows);
    context.strokeStyle = page.colour("line");
    context.strokeRect(view.x + view.k * x - 0.5, view.y + view.k * y - 0.5, view.k * k * columns + 1, view.k * k * rows + 1);
  },
  hover(px, py, view) {
    const { k, x, y } = place(stage.canvas.clientWidth, stage.canvas.clientHeight);
    const c = Math.floor(((px - view.x) / view.k - x) / k), r = Math.floor(((py - view.y) / view.k - y) / k);
    if (c < 0 || c >= columns || r < 0 || r >= rows) return "";
    const i = (state.frame * rows + r) * columns + c, genome = data.index.data[i];
    return `y ${r}, x ${c}, alpha ${page.number(data.alpha.data[i] / 10)}\n${genome ? `genome ${line(genome)}` : "no net"}`;
  },
});
const side = row.appendChild(page.element("div", { class: "side" }));
const select = page.element("select", { "aria-label": "colour" }, ...Object.keys(layers).map((name) => page.element("option", { value: name }, name)));
select.addEventListener("change", () => { state.layer = select.value; paint(); stage.redraw(); });
side.append(page.element("div", {}, "cells coloured by"), select);
const player = page.player(main, {
  frames, fps: 8,
  label: (i) => `generation ${data.time.data[i]}`,
  show: (i) => { state.frame = i; paint(); stage.redraw(); },
});
player.go(player.frame);
main.append(page.element("div", { class: "hint" }, "space plays, arrow keys step, wheel or + and − zoom, hover a cell for its ancestors"));
