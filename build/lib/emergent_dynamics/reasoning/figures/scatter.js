// Scatter of drift and exponent with a threshold to drag; the side shows the cells that it makes.
const at = (id) => document.getElementById(id);
const canvas = at("scatter"), slider = at("tau"), which = at("which");
data.names.forEach((name, i) => which.append(page.element("option", { value: String(i) }, name)));
which.hidden = data.names.length < 2;
let rows = [], span = [0, 1, 0, 1], tau = 0;

function choose(table) {
  rows = [...data.table.data.keys()].filter((i) => data.table.data[i] === table);
  const x = rows.map((i) => data.drift.data[i]), y = rows.map((i) => data.lambda1.data[i]);
  const pad = (lo, hi) => [lo - 0.04 * (hi - lo || 1), hi + 0.04 * (hi - lo || 1)];
  span = [...pad(Math.min(...x), Math.max(...x)), ...pad(Math.min(...y), Math.max(...y))];
  [slider.min, slider.max] = span;
  slider.step = (span[1] - span[0]) / 500;
  move(data.tau[table]);
}

// Probability that a right answer has the lower score, ties counting half.
function area(of, keep) {
  const used = rows.filter(keep).map((i) => [of.data[i], data.correct.data[i]]).sort((a, b) => a[0] - b[0]);
  const n1 = used.filter((u) => u[1]).length, n0 = used.length - n1;
  if (n1 < 8 || n0 < 8) return "insufficient (n<8)";
  let sum = 0;
  for (let i = 0, j; i < used.length; i = j) {
    for (j = i; j < used.length && used[j][0] === used[i][0]; ) j++;
    const rank = (i + j + 1) / 2;
    for (let k = i; k < j; k++) if (used[k][1]) sum += rank;
  }
  return page.number(1 - (sum - (n1 * (n1 + 1)) / 2) / (n1 * n0), 3);
}

const cell = (i) => "ABCD"[2 * (data.drift.data[i] >= tau) + !data.correct.data[i]];

function side() {
  const box = at("cells"), values = { A: [], B: [], C: [], D: [] };
  for (const i of rows) values[cell(i)].push(data.lambda1.data[i]);
  box.replaceChildren(page.element("strong", {}, `median λ₁ / ${data.unit}`));
  for (const [name, found] of Object.entries(values)) {
    found.sort((a, b) => a - b);
    const middle = (found[Math.floor((found.length - 1) / 2)] + found[Math.floor(found.length / 2)]) / 2;
    box.append(page.element("label", {},
      page.element("span", { class: "swatch", style: `background: ${data.colours[name]}` }),
      `${name}  ${data.meaning[name]}`,
      page.element("span", { class: "count" }, `${found.length < 8 ? "insufficient (n<8)" : page.number(middle, 3)} · n = ${found.length}`)));
  }
  const all = () => true, settled = (i) => data.drift.data[i] < tau;
  for (const [name, value] of [
    ["area −λ₁ → right", area(data.lambda1, all)],
    ["area −log drift → right", area(data.drift, all)],
    ["area −λ₁ → right, settled only", area(data.lambda1, settled)],
    ["area −λ₁ → right, moving only", area(data.lambda1, (i) => !settled(i))],
  ]) box.append(page.element("label", {}, name, page.element("span", { class: "count" }, value)));
}

const margin = [70, 26, 12, 44]; // left, right, top, bottom
const px = (x, w) => margin[0] + ((x - span[0]) / (span[1] - span[0])) * (w - margin[0] - margin[1]);
const py = (y, h) => margin[2] + ((span[3] - y) / (span[3] - span[2])) * (h - margin[2] - margin[3]);

// Round values, 4 to 10 of them.
function ticks(low, high) {
  const least = (high - low) / 8, power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((s) => s * power >= least) * power;
  const first = Math.ceil(low / step);
  return [...Array(Math.floor(high / step) - first + 1).keys()].map((k) => (first + k) * step);
}

function draw() {
  const { clientWidth: w, clientHeight: h } = canvas, ratio = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [w * ratio, h * ratio];
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  pen.fillStyle = page.colour("faint");
  pen.strokeStyle = page.colour("line");
  pen.textAlign = "right";
  for (const y of ticks(span[2], span[3])) {
    pen.fillText(page.number(y, 2), margin[0] - 6, py(y, h) + 4);
    pen.strokeRect(margin[0], py(y, h), w - margin[0] - margin[1], 0);
  }
  pen.textAlign = "center";
  for (const x of ticks(span[0], span[1])) pen.fillText(page.number(x, 2), px(x, w), h - margin[3] + 16);
  pen.fillText("log₁₀ late drift of z_H", w / 2, h - 8);
  pen.save();
  pen.translate(13, h / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText(`λ₁ / ${data.unit}`, 0, 0);
  pen.restore();
  pen.globalAlpha = rows.length > 3000 ? 0.45 : 0.75;
  const dot = rows.length > 3000 ? 3 : 5;
  for (const i of rows) {
    pen.fillStyle = data.colours[cell(i)];
    pen.fillRect(px(data.drift.data[i], w) - dot / 2, py(data.lambda1.data[i], h) - dot / 2, dot, dot);
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = page.colour("ink");
  pen.setLineDash([6, 4]);
  pen.beginPath();
  pen.moveTo(px(tau, w), margin[2]);
  pen.lineTo(px(tau, w), h - margin[3]);
  pen.stroke();
}

function move(to) {
  tau = Math.min(Math.max(to, span[0]), span[1]);
  slider.value = tau;
  at("value").textContent = page.number(tau, 3);
  side();
  draw();
}

const drag = (event) => {
  if (!event.buttons) return;
  const box = canvas.getBoundingClientRect();
  move(span[0] + ((event.clientX - box.left - margin[0]) / (box.width - margin[0] - margin[1])) * (span[1] - span[0]));
};
canvas.onpointerdown = (event) => (canvas.setPointerCapture(event.pointerId), drag(event));
canvas.onpointermove = drag;
slider.oninput = () => move(Number(slider.value));
at("fitted").onclick = () => move(data.tau[Number(which.value)]);
which.onchange = () => choose(Number(which.value));
new ResizeObserver(draw).observe(canvas);
choose(0);
