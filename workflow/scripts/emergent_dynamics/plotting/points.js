// Points on a plane, a circle or a sphere, frame by frame, by category.
const [frames, n] = data.position.shape, xyz = data.position.data, turn = { yaw: 0.6, pitch: 0.35 };
const category = (frame, i) => (data.category ? data.category.data[data.category.shape.length > 1 ? frame * n + i : i] : 0);
const row = main.appendChild(page.element("div", { class: "row" }));
const state = { frame: 0 };
let placed = [];

// Content coordinates, x right and y up, depth towards the eye.
function project(i) {
  const at = state.frame * n + i;
  if (data.space === "circle") return [Math.cos(xyz[at]), Math.sin(xyz[at]), 0];
  if (data.space === "plane") return [xyz[2 * at], xyz[2 * at + 1], 0];
  const [x, y, z] = xyz.subarray(3 * at, 3 * at + 3);
  const a = x * Math.cos(turn.yaw) - y * Math.sin(turn.yaw), b = x * Math.sin(turn.yaw) + y * Math.cos(turn.yaw);
  return [a, z * Math.cos(turn.pitch) - b * Math.sin(turn.pitch), -(b * Math.cos(turn.pitch) + z * Math.sin(turn.pitch))];
}
function frameOf(w, h) {
  const [x0, x1, y0, y1] = data.limits, left = data.space === "plane" ? 58 : 10, below = data.space === "plane" ? 44 : 10;
  let kx = (w - left - 12) / (x1 - x0), ky = (h - below - 12) / (y1 - y0);
  if (data.equal) kx = ky = Math.min(kx, ky);
  const cx = left + (w - left - 12) / 2, cy = 12 + (h - below - 12) / 2;
  return { X: (x) => cx + (x - (x0 + x1) / 2) * kx, Y: (y) => cy - (y - (y0 + y1) / 2) * ky, kx, left, below };
}
function axes(c, w, h, view, { X, Y, left, below }) {
  const [x0, x1, y0, y1] = data.limits, inv = (f, p, o, a, b) => a + ((p - o) / view.k - f(a)) * ((b - a) / (f(b) - f(a)));
  const lo = [inv(X, left, view.x, x0, x1), inv(Y, h - below, view.y, y0, y1)], hi = [inv(X, w, view.x, x0, x1), inv(Y, 0, view.y, y0, y1)];
  c.fillStyle = page.colour("paper");
  c.fillRect(0, 0, left, h);
  c.fillRect(0, h - below, w, below);
  c.fillStyle = page.colour("faint");
  c.strokeStyle = page.colour("line");
  c.strokeRect(left, 0.5, w - left - 0.5, h - below);
  c.textAlign = "center";
  for (const t of page.ticks(lo[0], hi[0], 8)) {
    const text = page.number(t), x = view.x + view.k * X(t);
    if (x + c.measureText(text).width / 2 < w) c.fillText(text, x, h - below + 16);
  }
  c.fillText(data.axes[0], left + (w - left) / 2, h - 6);
  c.textAlign = "right";
  for (const t of page.ticks(lo[1], hi[1], 6)) c.fillText(page.number(t), left - 6, view.y + view.k * Y(t) + 4);
  c.save();
  c.translate(12, (h - below) / 2);
  c.rotate(-Math.PI / 2);
  c.textAlign = "center";
  c.fillText(data.axes[1], 0, 0);
  c.restore();
}
const stage = page.stage(row, data.label, {
  draw(c, w, h, view) {
    const map = frameOf(w, h), px = (x) => view.x + view.k * map.X(x), py = (y) => view.y + view.k * map.Y(y);
    if (data.space !== "plane") {
      c.strokeStyle = page.colour("line");
      c.lineWidth = 1.2;
      c.beginPath();
      c.arc(px(0), py(0), map.kx * view.k, 0, 2 * Math.PI);
      c.stroke();
    }
    const counts = data.names ? data.names.map(() => 0) : [];
    placed = [];
    for (let i = 0; i < n; i++) {
      const kind = category(state.frame, i), [x, y, depth] = project(i);
      counts[kind]++;
      if (!hiddenKinds.has(kind) && Number.isFinite(x + y)) placed.push([px(x), py(y), depth, i, kind]);
    }
    const sphere = data.space === "sphere", ranked = Array.isArray(data.radius);
    if (sphere || ranked) placed.sort((a, b) => (sphere && a[2] - b[2]) || (ranked && a[4] - b[4]) || 0);
    for (const [x, y, depth, , kind] of placed) {
      c.globalAlpha = data.space === "sphere" && depth < 0 ? 0.28 : 0.9;
      c.fillStyle = data.colours[kind % data.colours.length];
      c.beginPath();
      c.arc(x, y, ranked ? data.radius[kind] : data.radius, 0, 2 * Math.PI);
      c.fill();
    }
    c.globalAlpha = 1;
    if (data.space === "plane") axes(c, w, h, view, map);
    if (legend) legend.count(counts);
  },
  hover(x, y) {
    let best = 144, found = null;
    for (const p of placed) {
      const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
      if (d <= best) (best = d), (found = p);
    }
    if (!found) return "";
    const [, , , i, kind] = found, size = data.position.shape[2] ?? 1, at = (state.frame * n + i) * size;
    const where = Array.from(xyz.subarray(at, at + size), (v) => page.number(v)).join(", ");
    return `${data.what} ${i}: ${where}${data.names ? `\n${data.names[kind] ?? kind}` : ""}`;
  },
  drag: data.space === "sphere" ? (dx, dy) => { turn.yaw += dx / 150; turn.pitch = Math.max(-1.55, Math.min(1.55, turn.pitch + dy / 150)); } : undefined,
});
let hiddenKinds = new Set(), legend = null;
if (data.names) {
  legend = page.legend(row.appendChild(page.element("div", { class: "side" })), data.names, data.colours, () => stage.redraw());
  hiddenKinds = legend.hidden;
}
let traced = () => {};
const player = page.player(main, {
  frames, fps: data.fps,
  label: (i) => `${data.clock} ${page.number(data.time.data[i])}`,
  show: (i) => { state.frame = i; stage.redraw(); traced(); },
});
if (data.traces) traced = page.trace(main, Object.fromEntries(data.traces.map((name, i) => [name, data[`trace${i}`]])), data.colours, player);
player.go(player.frame);
main.append(page.element("div", { class: "hint" }, `space plays, arrow keys step, wheel or + and − zoom, ${data.space === "sphere" ? "drag turns" : "drag moves"}, double click shows all`));
