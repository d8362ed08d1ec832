// Maps of genomes over the generations; hovering a cell names its genome and walks up its ancestors.
const [frames, rows, columns] = data.index.shape;
const layers = { "founder clade": data.clade, RWSP: data.rwsp, GHC: data.ghc, alpha: null };
const state = { frame: 0, layer: page.kept.layer ?? "founder clade" };
const row = main.appendChild(page.element("div", { class: "row" }));

// "4711, born 250 ← 4302, born 248 ← ... ← founder 17"
function line(genome) {
  const told = [], all = [];
  for (let g = genome; g > 0; g = data.parent.data[g]) all.push(g);
  for (const g of all.slice(0, 6)) told.push(`${data.genome.data[g]}, born ${data.birth.data[g]}`);
  const text = all.length > 6 ? `${told.join("\n← ")}\n← ${all.length - 7} more\n← founder ${data.founder.data[genome]}` : told.join("\n← ");
  return `${text}\n${all.length - 1} mutated births since the founder; last seen in generation ${data.last.data[genome]}`;
}
const repaint = cellMap(row, "genomes", rows, columns,
  (pixels) => {
    const table = layers[state.layer], codes = table ? data.index.data : data.alpha.data, at = state.frame * rows * columns;
    for (let i = 0; i < rows * columns; i++) pixels[i] = table ? opaque(table, codes[at + i]) : opaque(data.tenths, Math.min(10, codes[at + i]));
  },
  (r, c) => {
    const i = (state.frame * rows + r) * columns + c, genome = data.index.data[i];
    return `y ${r}, x ${c}, alpha ${page.number(data.alpha.data[i] / 10)}\n${genome ? `genome ${line(genome)}` : "no net"}`;
  });
const side = row.appendChild(page.element("div", { class: "side" }));
const select = page.element("select", { "aria-label": "colour" }, ...Object.keys(layers).map((name) => page.element("option", { value: name }, name)));
const swatch = (colour, text) => page.element("div", {}, page.element("span", { style: `display:inline-block;width:1em;height:1em;margin-right:.5em;vertical-align:-.15em;background:${colour}` }), text);
const named = Array.from(data.named.data, (founder, i) => swatch(`rgb(${[0, 1, 2].map((k) => data.named_colour.data[3 * i + k])})`, `founder ${founder}`));
const legend = page.element("div", { class: "clades" }, ...named, swatch("rgb(217, 217, 217)", "all other founders"), swatch("black", "no net"));
select.value = state.layer;
legend.hidden = state.layer !== "founder clade";
select.addEventListener("change", () => { page.kept.layer = state.layer = select.value; legend.hidden = state.layer !== "founder clade"; repaint(); });
side.append(page.element("div", {}, "cells coloured by"), select, legend);
let traced = () => {};
const player = page.player(main, {
  frames, fps: 8,
  label: (i) => `generation ${data.time.data[i]}`,
  show: (i) => { state.frame = i; repaint(); traced(); },
});
traced = page.trace(main, { "living cells": data.living, "cells with a net": data.nets, genomes: data.genomes, clades: data.clades }, data.colours, player);
player.go(player.frame);
main.append(page.element("div", { class: "hint" }, "space plays, arrow keys step, wheel or + and − zoom, hover a cell for its ancestors"));
