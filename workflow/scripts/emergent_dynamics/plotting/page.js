"use strict";
// What every page shares: arrays out of the page, a player, a stage with zoom and hover, a legend.
const page = (() => {
  const KINDS = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) key in made && typeof value === "function" ? (made[key] = value) : made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // The inverse of page.pack in page.py: base64, deflate, byte planes, differences in time, quantisation.
  async function decode(entry) {
    if (!entry || typeof entry !== "object" || !("packed" in entry)) return entry;
    let bytes = Uint8Array.from(atob(entry.packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const Kind = KINDS[entry.dtype], size = Kind.BYTES_PER_ELEMENT, n = bytes.length / size;
    const whole = new Uint8Array(bytes.length);
    for (let b = 0; b < size; b++) for (let i = 0; i < n; i++) whole[i * size + b] = bytes[b * n + i];
    let data = new Kind(whole.buffer);
    if (entry.delta) {
      const codes = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[size](whole.buffer), cells = n / entry.shape[0];
      data = new Kind(n);
      for (let cell = 0, k = 0; cell < cells; cell++)
        for (let at = cell, sum = 0; at < n; at += cells, k++) data[at] = sum += (codes[k] >>> 1) ^ -(codes[k] & 1);
    }
    if (entry.step !== undefined) {
      data = Float32Array.from(data, (code) => (code === entry.top ? NaN : entry.lo + code * entry.step));
    }
    return { shape: entry.shape, data };
  }

  // What a reader has chosen stays when another run is shown; what listens to the document ends with its run.
  const kept = { moment: null, layer: null };
  let shown = new AbortController();

  // Lets the page respond during a long computation; never resolves if another run has been chosen meanwhile.
  function pause() {
    const { signal } = shown;
    return new Promise((resolve) => setTimeout(() => signal.aborted || resolve()));
  }

  async function start(script) {
    const main = document.querySelector("main"), body = [...main.childNodes], runs = [...document.querySelectorAll("script.data")];
    const show = async (run) => {
      try {
        shown.abort();
        const { signal } = (shown = new AbortController());
        const raw = JSON.parse(runs[run].textContent), data = {};
        for (const key of Object.keys(raw)) data[key] = await decode(raw[key]);
        if (signal.aborted) return; // another run was chosen meanwhile
        main.replaceChildren(...body);
        await script(data, main);
        document.body.dataset.ready = "true";
      } catch (error) {
        main.append(element("p", { role: "alert" }, `This page could not be drawn: ${error.message}`));
        throw error;
      }
    };
    if (runs.length > 1) {
      const select = element("select", { "aria-label": "run" }, ...runs.map((_, k) => element("option", { value: k }, `run ${k}`)));
      select.addEventListener("change", () => show(Number(select.value)));
      document.querySelector("header").append(select);
    }
    await show(0);
  }

  const number = (x, digits = 4) => {
    if (x === null || x === undefined || Number.isNaN(x)) return "undefined";
    if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(x).replace("-", "−");
    const size = Math.abs(x);
    return (size >= 1e5 || size < 1e-3 ? x.toExponential(digits - 1) : String(Number(x.toPrecision(digits)))).replaceAll("-", "−");
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const tip = (() => {
    let box;
    return (text, event) => {
      box ||= document.body.appendChild(element("div", { class: "tip", role: "status" }));
      box.hidden = !text;
      if (!text) return;
      box.textContent = text;
      const { offsetWidth: w, offsetHeight: h } = box;
      box.style.left = `${Math.min(event.clientX + 14, innerWidth - w - 4)}px`;
      box.style.top = `${Math.max(4, event.clientY - h - 10)}px`;
    };
  })();

  // A canvas that fills its parent, sharp on any screen. draw(context, width, height) in CSS pixels.
  function surface(parent, label, draw) {
    const canvas = parent.appendChild(element("canvas", { role: "img", "aria-label": label, tabindex: "0" }));
    const redraw = () => {
      const ratio = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
      if (!w || !h) return;
      if (canvas.width !== Math.round(w * ratio)) canvas.width = Math.round(w * ratio);
      if (canvas.height !== Math.round(h * ratio)) canvas.height = Math.round(h * ratio);
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, w, h);
      context.font = "12.5px system-ui, 'DejaVu Sans', sans-serif";
      draw(context, w, h);
    };
    new ResizeObserver(redraw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal: shown.signal });
    return { canvas, redraw };
  }

  // A surface with wheel zoom, drag (pan, or the caller's own) and hover. view: pixel = view.x + view.k * content.
  function stage(parent, label, { draw, hover, drag }) {
    const view = { k: 1, x: 0, y: 0 };
    const box = parent.appendChild(element("div", { class: "stage" }));
    const made = surface(box, label, (context, w, h) => draw(context, w, h, view));
    const { canvas, redraw } = made;
    const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
      const k = Math.min(64, Math.max(1, view.k * factor));
      view.x = x - ((x - view.x) * k) / view.k;
      view.y = y - ((y - view.y) * k) / view.k;
      view.k = k;
      if (k === 1) view.x = view.y = 0;
      redraw();
    };
    canvas.addEventListener("wheel", (e) => (e.preventDefault(), zoom(Math.exp(-e.deltaY / 400), e.offsetX, e.offsetY)), { passive: false });
    canvas.addEventListener("dblclick", () => zoom(0));
    canvas.addEventListener("keydown", (e) => { if ("+=-0".includes(e.key)) zoom({ "-": 0.8, 0: 0 }[e.key] ?? 1.25); });
    canvas.addEventListener("pointerdown", (e) => canvas.setPointerCapture(e.pointerId));
    canvas.addEventListener("pointermove", (e) => {
      if (e.buttons & 1) {
        if (drag) drag(e.movementX, e.movementY);
        else if (view.k > 1) (view.x += e.movementX), (view.y += e.movementY);
        redraw();
        return tip("");
      }
      tip(hover ? hover(e.offsetX, e.offsetY, view) : "", e);
    });
    canvas.addEventListener("pointerleave", () => tip(""));
    return { ...made, view };
  }

  // Slider, play button, keys (space, arrows, Home, End). show(frame) draws; label(frame) is what the clock says.
  // A page opened with #frame=12 starts there.
  function player(parent, { frames, fps = 20, label, show }) {
    const first = kept.moment === null ? Number((location.hash.match(/frame=(\d+)/) || [0, 0])[1]) : Math.round(kept.moment * (frames - 1));
    const state = { frame: Math.min(frames - 1, first), playing: false };
    const slider = element("input", { type: "range", min: 0, max: frames - 1, step: 1, "aria-label": "frame" });
    const clock = element("output", { "aria-live": "off" });
    const button = element("button", { type: "button", "aria-label": "play", onclick: () => play(!state.playing) }, "▶");
    const go = (frame) => {
      state.frame = Math.max(0, Math.min(frames - 1, frame));
      kept.moment = state.frame / Math.max(1, frames - 1);
      slider.value = state.frame;
      clock.textContent = label(state.frame);
      slider.setAttribute("aria-valuetext", clock.textContent);
      show(state.frame);
    };
    let last = 0;
    const tick = (now) => {
      if (!state.playing || !slider.isConnected) return;
      if (now - last >= 1000 / fps) (last = now), go((state.frame + 1) % frames);
      requestAnimationFrame(tick);
    };
    const play = (on) => {
      state.playing = on;
      button.textContent = on ? "❚❚" : "▶";
      button.setAttribute("aria-label", on ? "pause" : "play");
      if (on) requestAnimationFrame(tick);
    };
    slider.addEventListener("input", () => go(Number(slider.value)));
    document.addEventListener("keydown", (e) => {
      if (/^(SELECT|TEXTAREA)$/.test(e.target.tagName) || e.target.type === "search") return;
      const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -frames, End: frames }[e.key];
      if (by) e.preventDefault(), go(state.frame + by);
      else if (e.key === " " && e.target !== button) e.preventDefault(), play(!state.playing);
    }, { signal: shown.signal });
    if (frames > 1) parent.append(element("div", { class: "controls" }, button, slider, clock));
    state.go = go;
    return state;
  }

  // Curves over the frames with a cursor; a click goes there. series: {name: {data}}, colours: list.
  function trace(parent, series, colours, state) {
    const names = Object.keys(series), box = parent.appendChild(element("div", { class: "trace" }));
    const finite = names.map((name) => Array.from(series[name].data).filter(Number.isFinite));
    const { canvas, redraw } = surface(box, `over time: ${names.join(", ")}`, (c, w, h) => {
      names.forEach((name, s) => {
        const lo = Math.min(...finite[s]), span = Math.max(...finite[s]) - lo || 1, data = series[name].data;
        c.strokeStyle = c.fillStyle = colours[s % colours.length];
        const at = 4 + (s * w) / names.length;
        c.fillRect(at, 6, 12, 3);
        c.fillStyle = colour("ink");
        c.lineWidth = 1.6;
        c.beginPath();
        data.forEach((y, i) => Number.isFinite(y) && c.lineTo((i / Math.max(1, data.length - 1)) * w, h - 4 - ((y - lo) / span) * (h - 26)));
        c.stroke();
        c.fillText(`${name} = ${number(data[state.frame])}`, at + 17, 12);
      });
      const x = (state.frame / Math.max(1, series[names[0]].data.length - 1)) * w;
      c.fillStyle = colour("faint");
      c.fillRect(Math.min(x, w - 1), 18, 1, h - 18);
    });
    const seek = (e) => state.go(Math.round((e.offsetX / canvas.clientWidth) * (series[names[0]].data.length - 1)));
    canvas.addEventListener("pointerdown", seek);
    canvas.addEventListener("pointermove", (e) => e.buttons & 1 && seek(e));
    return redraw;
  }

  // Check boxes with colours; returns the set of hidden indices and a way to show counts.
  function legend(parent, names, colours, changed) {
    const hidden = new Set(), counts = [];
    names.forEach((name, i) => {
      const box = element("input", { type: "checkbox", checked: "" });
      box.addEventListener("change", () => (box.checked ? hidden.delete(i) : hidden.add(i), changed()));
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = colours[i % colours.length];
      counts.push(element("span", { class: "count" }));
      parent.append(element("label", {}, box, swatch, name, counts[i]));
    });
    return { hidden, count: (numbers) => counts.forEach((c, i) => (c.textContent = numbers[i] ?? "")) };
  }

  // Round numbers between lo and hi for an axis.
  function ticks(lo, hi, about = 6) {
    const raw = (hi - lo) / about, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const found = [];
    for (let t = Math.ceil(lo / step - 1e-9) * step; t <= hi + step * 1e-9; t += step) found.push(Math.abs(t) < step * 1e-9 ? 0 : t);
    return found;
  }

  return { element, decode, start, pause, kept, number, colour, tip, surface, stage, player, trace, legend, ticks };
})();
if (typeof module !== "undefined") module.exports = page;
