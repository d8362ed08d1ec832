// A map of square cells to zoom and to read. paint(pixels) fills one uint32 a cell, the upper row first; tell(row, column)
// is what the pointer reads there. Returns what paints it anew.
function cellMap(parent, label, rows, columns, paint, tell) {
  const off = page.element("canvas"), ink = off.getContext("2d");
  off.width = columns;
  off.height = rows;
  // Where the map lies before zooming: as large as fits, whole device pixels per cell when there is room for it.
  const place = (w, h) => {
    const fit = Math.min(w / columns, h / rows), k = fit >= 2 ? Math.floor(fit) : fit;
    return { k, x: Math.round((w - k * columns) / 2), y: Math.round((h - k * rows) / 2) };
  };
  const stage = page.stage(parent, label, {
    draw(context, w, h, view) {
      const { k, x, y } = place(w, h);
      context.imageSmoothingEnabled = k * view.k < 1;
      context.drawImage(off, view.x + view.k * x, view.y + view.k * y, view.k * k * columns, view.k * k * rows);
      context.strokeStyle = page.colour("line");
      context.strokeRect(view.x + view.k * x - 0.5, view.y + view.k * y - 0.5, view.k * k * columns + 1, view.k * k * rows + 1);
    },
    hover(px, py, view) {
      const { k, x, y } = place(stage.canvas.clientWidth, stage.canvas.clientHeight);
      const column = Math.floor(((px - view.x) / view.k - x) / k), row = Math.floor(((py - view.y) / view.k - y) / k);
      return column < 0 || column >= columns || row < 0 || row >= rows ? "" : tell(row, column);
    },
  });
  return () => {
    const image = ink.createImageData(columns, rows);
    paint(new Uint32Array(image.data.buffer));
    ink.putImageData(image, 0, 0);
    stage.redraw();
  };
}
// Colour number `code` of a table (k, 3), opaque.
const opaque = ({ data }, code) => (255 << 24) | (data[3 * code + 2] << 16) | (data[3 * code + 1] << 8) | data[3 * code];
