// Where a projection's points lie in a window of some width and height, zoomed and moved by the user.

const MARGIN = 22; // pixels
const LARGEST_ZOOM = 40;

function extent(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { middle: (low + high) / 2, length: high - low || 1 };
}

class View {
  constructor({ x, y }) {
    Object.assign(this, { x, y, width: 0, height: 0 });
    this.fit(x.map((_, n) => n));
  }

  // Shows these points, and as large as they can be.
  fit(shown) {
    const [across, up] = [this.x, this.y].map((values) => extent(shown.map((n) => values[n])));
    Object.assign(this, { across, up });
    this.unzoom();
  }

  unzoom() {
    Object.assign(this, { zoom: 1, dx: 0, dy: 0 });
  }

  // Pixels of point n; both axes on one scale, so that distances are those of the projection.
  place(n) {
    const { width, height, across, up, zoom, dx, dy } = this;
    const scale = Math.min((width - 2 * MARGIN) / across.length, (height - 2 * MARGIN) / up.length);
    const [x, y] = [width / 2 + scale * (this.x[n] - across.middle), height / 2 - scale * (this.y[n] - up.middle)];
    return [zoom * x + dx, zoom * y + dy];
  }

  // Larger or smaller around a pixel that stays where it is.
  zoomAt([x, y], factor) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), LARGEST_ZOOM);
    const change = zoom / this.zoom;
    if (zoom === 1) this.unzoom();
    else Object.assign(this, { zoom, dx: x - change * (x - this.dx), dy: y - change * (y - this.dy) });
  }

  moveBy(dx, dy) {
    this.dx += dx;
    this.dy += dy;
  }

  contains([x, y]) {
    return x >= 0 && y >= 0 && x <= this.width && y <= this.height;
  }

  // The nearest pixel inside.
  clamped([x, y]) {
    return [Math.min(Math.max(x, 0), this.width), Math.min(Math.max(y, 0), this.height)];
  }

  // Moves so that a pixel that is outside comes to the middle.
  reveal(place) {
    if (!this.contains(place)) this.moveBy(this.width / 2 - place[0], this.height / 2 - place[1]);
  }
}
