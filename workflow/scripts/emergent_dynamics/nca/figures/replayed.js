// Computes a run of self-replicating neural cellular automata again. Every random number is a function of its address, and
// every product and sum is rounded to float32 as in kernels/cpu.py, so each frame has the bits of the stored one. A
// checksum per frame verifies that.
const f32 = Math.fround;
const float = new Float32Array(1), bits = new Int32Array(float.buffer);

// The upper 32 bits of a product of two uint32.
function upper(a, b) {
  const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
  const middle = ah * bl + ((al * bl) >>> 16);
  return (ah * bh + (middle >>> 16) + ((al * bh + (middle & 0xffff)) >>> 16)) >>> 0;
}

// Philox4x32-10 (Salmon et al. 2011): writes the four uint32 of a counter under a key to `words`.
const words = new Uint32Array(4);
function philox(c0, c1, c2, c3, [k0, k1]) {
  for (let round = 0; round < 10; round++) {
    const high0 = upper(0xd2511f53, c0), high1 = upper(0xcd9e8d57, c2), low0 = Math.imul(0xd2511f53, c0);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

// Returns n uniform float64 in [0, 1) of 53 bits each, at the address (key, run, step 0).
function uniform(key, run, n) {
  return Float64Array.from({ length: n }, (_, i) => {
    if (i % 2 === 0) philox(i / 2, 0, 0, run, key);
    const at = 2 * (i % 2);
    return ((words[at] >>> 5) * 67108864 + (words[at + 1] >>> 6)) / 9007199254740992;
  });
}

// Rounds to the nearest integer, and halves to the nearest even one.
const even = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

// Returns e^(scale x) by the polynomial of expf in the Cephes library.
function exponential(x, scale) {
  const value = Math.min(Math.max(f32(scale * x), -87), 87);
  const whole = Math.floor(f32(f32(value * f32(1.44269504)) + 0.5));
  let r = f32(value - f32(whole * f32(0.693359375)));
  r = f32(r + f32(whole * f32(2.1219444e-4)));
  let series = f32(1.987569155e-4);
  for (const term of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]) series = f32(f32(series * r) + f32(term));
  bits[0] = (whole + 127) << 23;
  return f32(f32(f32(f32(f32(series * r) * r) + r) + 1) * float[0]);
}

const activations = {
  sigmoid: (x) => f32(1 / f32(1 + exponential(x, -1))),
  tanh: (x) => {
    const z = f32(x * x);
    if (z >= 0.390625) return f32(1 - f32(2 / f32(exponential(x, 2) + 1)));
    let series = f32(-5.70498872745e-3);
    for (const term of [2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1]) series = f32(f32(series * z) + f32(term));
    return f32(x + f32(f32(x * z) * series));
  },
  relu: (x) => Math.max(x, 0),
  leakyrelu: (x) => (x > 0 ? x : f32(f32(0.01) * x)),
  noact: (x) => x,
};

// Returns an empty world, with arrays that are indexed by genome id: weights, parent, birth, founder and colours.
function world(rule, run) {
  const { rows, columns, channels } = rule, cells = rows * columns, genes = 10 * channels * channels;
  const around = Int32Array.from({ length: 9 * cells }, (_, i) => {
    const cell = Math.floor(i / 9), dy = Math.floor((i % 9) / 3) - 1, dx = (i % 3) - 1, y = Math.floor(cell / columns);
    return ((y + dy + rows) % rows) * columns + (((cell % columns) + dx + columns) % columns);
  });
  return {
    run, cells, genes, around, phi: activations[rule.activation], board: activations[rule.board],
    layers: Array.from({ length: channels }, () => new Float32Array(cells)), gid: new Int32Array(cells), age: new Int32Array(cells),
    weights: [new Float32Array(genes)], parent: [0], birth: [0], founder: [0], rwsp: [0, 0, 0], ghc: [0, 0, 0],
  };
}

// Adds a genome and returns its id. RWSP colours are trunc(255 w) mod 256 of three weights w, rounded to one decimal; GHC
// colours have one bit of each of the first 24 weights.
function born(w, weights, parent, generation, positions) {
  const id = w.weights.push(weights) - 1;
  w.parent.push(parent), w.birth.push(generation), w.founder.push(parent ? w.founder[parent] : id);
  for (const gene of positions) w.rwsp.push(gene < 0 ? 0 : Math.trunc(255 * (even(10 * weights[gene]) / 10)) & 255);
  for (let byte = 0; byte < 3; byte++) {
    let colour = 0;
    for (let gene = 8 * byte; gene < 8 * byte + 8; gene++) {
      const hundredths = even(100 * weights[gene]);
      colour = 2 * colour + (hundredths === -10 ? 0 : Math.floor(Math.abs(hundredths) / 10) & 1);
    }
    w.ghc.push(colour);
  }
  return id;
}

// Places the founders in the cells with the smallest draws, with uniform Xavier weights.
function found(w, rule) {
  const draws = uniform(rule.keys.founders, w.run, w.cells), first = 9 * rule.channels ** 2;
  const homes = Array.from(draws.keys()).sort((a, b) => draws[a] - draws[b] || a - b).slice(0, rule.founders).sort((a, b) => a - b);
  const drawn = uniform(rule.keys.weights, w.run, rule.founders * w.genes);
  homes.forEach((cell, k) => {
    const weights = Float32Array.from({ length: w.genes }, (_, gene) => (2 * drawn[k * w.genes + gene] - 1) * Math.sqrt(6 / ((gene < first ? 10 : 2) * rule.channels)));
    w.gid[cell] = born(w, weights, 0, 0, rule.positions);
    for (const layer of w.layers) layer[cell] = 1;
  });
}

// Writes the output of a cell's net to `out` (channel). fc1 is summed by columns of the neighbourhood, as in the kernel.
const hidden = [];
function output(w, cell, out) {
  const { around, layers, phi, board } = w, weights = w.weights[w.gid[cell]], channels = layers.length;
  let gene = 0;
  for (let j = 0; j < channels; j++) {
    let left = 0, middle = 0, right = 0;
    for (const layer of layers) for (let at = 9 * cell; at < 9 * cell + 9; at += 3, gene += 3) {
      left = f32(left + f32(weights[gene] * layer[around[at]]));
      middle = f32(middle + f32(weights[gene + 1] * layer[around[at + 1]]));
      right = f32(right + f32(weights[gene + 2] * layer[around[at + 2]]));
    }
    hidden[j] = phi(f32(f32(left + middle) + right));
  }
  for (let j = 0; j < channels; j++) {
    let total = 0;
    for (let m = 0; m < channels; m++, gene++) total = f32(total + f32(weights[gene] * hidden[m]));
    out[j] = board(total);
  }
}

// Returns the genome id of a newborn: its parent's genome, with each gene changed by U(-1, 1) with probability `mutation`.
function inherited(w, rule, parent, cell, generation) {
  const blocks = Math.ceil(w.genes / 4), pairs = Math.ceil(w.genes / 2), changed = [];
  for (let gene = 0; gene < w.genes; gene++) {
    if (gene % 4 === 0) philox(cell * blocks + gene / 4, generation, 0, w.run, rule.keys.mutation);
    if (words[gene % 4] < rule.mutate) changed.push(gene);
  }
  if (!changed.length) return parent;
  const weights = w.weights[parent].slice();
  for (const gene of changed) {
    philox(cell * pairs + Math.floor(gene / 2), generation, 0, w.run, rule.keys.change);
    weights[gene] = weights[gene] + f32(2 * (words[2 * (gene % 2)] / 4294967296) - 1);
  }
  return born(w, weights, parent, generation, rule.positions);
}

// Computes one generation in place: outputs of the present nets, then inheritance row by row, then threshold, age, budget.
function step(w, rule, generation) {
  const { cells, around, layers, gid, age } = w, { threshold } = rule, out = new Float32Array(layers.length), living = new Int32Array(9);
  const hot = layers.map((layer) => layer.map((value) => value > threshold)).reduce((one, two) => one.map((value, cell) => value | two[cell]));
  const active = new Uint8Array(cells), rest = w.board(0), next = layers.map((layer) => layer.map(() => (rest <= threshold ? 0 : rest)));
  for (let cell = 0; cell < cells; cell++) {
    for (let at = 9 * cell; at < 9 * cell + 9; at++) active[cell] |= hot[around[at]];
    if (!active[cell]) gid[cell] = 0;
    if (!gid[cell]) continue;
    output(w, cell, out);
    for (let j = 0; j < out.length; j++) next[j][cell] = out[j];
  }
  const source = rule.sequential ? gid : gid.slice(), newborn = new Uint8Array(cells), [alpha] = layers;
  for (let cell = 0; cell < cells; cell++) {
    if (!active[cell]) continue;
    philox(cell, generation, 0, w.run, rule.keys.choice);
    if (words[0] >= rule.inherit) continue;
    let n = 0;
    for (let at = 9 * cell; at < 9 * cell + 9; at++) if (alpha[around[at]] > threshold) living[n++] = around[at];
    if (!n) continue;
    const parent = source[living[Math.floor((words[1] * n) / 4294967296)]];
    newborn[cell] = gid[cell] === 0;
    gid[cell] = newborn[cell] ? inherited(w, rule, parent, cell, generation) : parent;
  }
  for (let cell = 0; cell < cells; cell++) {
    const dead = next[0][cell] <= rule.threshold, older = !dead && next[0][cell] >= rule.alive_from ? age[cell] + 1 : 0;
    const spent = older > rule.budget;
    age[cell] = spent ? 0 : older;
    if (!age[cell] && (spent || !newborn[cell])) gid[cell] = 0;
    if (dead || !age[cell]) next.forEach((layer) => (layer[cell] = 0));
  }
  w.layers = next;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n; });
function crc32(...arrays) {
  let crc = -1;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let i = 0; i < byteLength; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

// Computes the run again, pausing so that the page stays responsive, and adds the data that `lineages.js` shows.
async function replayed(data) {
  const { rule } = data, { rows, columns } = rule, times = Array.from(data.time.data), shape = [times.length, rows, columns];
  const w = world(rule, rule.run), index = new Int32Array(times.length * w.cells), alpha = new Uint8Array(index.length);
  const curves = { living: [], nets: [], genomes: [], clades: [] }, last = [];
  const status = main.appendChild(page.element("p", { role: "status" }));
  found(w, rule);
  for (let generation = 0, frame = 0, paused = 0; frame < times.length; generation++) {
    if (performance.now() - paused > 40) {
      status.textContent = `computing generation ${generation} of ${times.at(-1)} ...`;
      await page.pause();
      paused = performance.now();
    }
    if (generation) step(w, rule, generation);
    if (generation !== times[frame]) continue;
    const at = frame * w.cells, held = new Set(w.gid.filter(Boolean)), shown = alpha.subarray(at, at + w.cells);
    index.set(w.gid, at);
    w.layers[0].forEach((value, cell) => (shown[cell] = Math.min(255, Math.max(0, even(10 * value)))));
    if (crc32(w.gid, shown) !== data.crc32.data[frame]) throw new Error(`generation ${generation}, computed again, differs from the stored one`);
    for (const genome of held) last[genome] = generation;
    curves.living.push(shown.reduce((n, value) => n + (value > 0), 0));
    curves.nets.push(w.gid.reduce((n, genome) => n + (genome > 0), 0));
    curves.genomes.push(held.size);
    curves.clades.push(new Set(Array.from(held, (genome) => w.founder[genome])).size);
    frame++;
  }
  status.remove();
  const all = { genome: w.parent.keys(), parent: w.parent, birth: w.birth, founder: w.founder, last, ...curves };
  for (const [name, values] of Object.entries(all)) data[name] = { data: Int32Array.from(values, (value) => value ?? -1) };
  const colour = (founder) => (founder < data.palette.shape[0] ? Array.from(data.palette.data.subarray(3 * founder, 3 * founder + 3)) : [217, 217, 217]);
  data.clade = { data: Uint8Array.from(w.founder.flatMap(colour)) };
  return Object.assign(data, { index: { shape, data: index }, alpha: { shape, data: alpha }, rwsp: { data: Uint8Array.from(w.rwsp) }, ghc: { data: Uint8Array.from(w.ghc) } });
}
if (data.rule) await replayed(data);
