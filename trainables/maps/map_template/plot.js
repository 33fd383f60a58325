// One projection on a canvas: what is drawn of it.

const RADIUS = 5.5; // pixels

class Plot {
  constructor(projection, state) {
    Object.assign(this, { name: projection.name, state, view: new View(projection), loop: null, base: null, places: [] });
    this.canvas = element("canvas", {
      tabindex: 0,
      role: "application",
      "aria-label": `${projection.name} map of ${plural(items.length, "point")}; arrow keys move, Enter plays, plus and minus zoom`,
    });
    const zooms = { "−": () => this.zoom(1 / 1.5), "+": () => this.zoom(1.5), fit: () => this.fit() };
    const titles = { "−": "zoom out", "+": "zoom in", fit: "as large as fits, of the points that are shown" };
    const buttons = Object.entries(zooms).map(([text, act]) => button(text, act, { title: titles[text] }));
    const caption = element("figcaption", { children: [element("span", { text: projection.name }), ...buttons] });
    this.figure = element("figure", { children: [caption, this.canvas] });
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
  }

  zoom(factor, place = [this.view.width / 2, this.view.height / 2]) {
    this.view.zoomAt(place, factor);
    this.redraw();
  }

  fit() {
    const { visible } = this.state;
    this.view.fit(visible.length ? visible : items.map((_, n) => n));
    this.redraw();
  }

  reveal(n) {
    if (n === null || this.view.contains(this.places[n])) return;
    this.view.reveal(this.places[n]);
    this.redraw();
  }

  // All points anew: colours, filters or the view have changed.
  redraw() {
    const [view, scale] = [this.view, window.devicePixelRatio || 1];
    [view.width, view.height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!view.width || !view.height) return;
    this.places = items.map((_, n) => view.place(n));
    this.base = document.createElement("canvas");
    for (const canvas of [this.canvas, this.base]) {
      [canvas.width, canvas.height] = [Math.round(scale * view.width), Math.round(scale * view.height)];
    }
    const context = this.base.getContext("2d");
    context.scale(scale, scale);
    context.globalAlpha = 0.9;
    for (const n of this.state.drawn) drawMark(context, ...this.places[n], this.state.looks[n], RADIUS);
    this.paint();
  }

  // The points as they were drawn last, and what is over them.
  paint() {
    if (!this.base) return;
    const [context, scale] = [this.canvas.getContext("2d"), window.devicePixelRatio || 1];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.base, 0, 0);
    context.scale(scale, scale);
    const { gathered, current, playing } = this.state;
    for (const n of gathered) this.ring(context, n, RADIUS + 2, styleValue("--quiet"), 1.2);
    if (current !== null) this.ring(context, current, RADIUS + 4, styleValue("--ink"), 2);
    if (playing) this.tell(context, playing);
    if (this.loop) this.drawLoop(context);
  }

  ring(context, n, radius, colour, width) {
    context.beginPath();
    context.arc(...this.places[n], radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  // A ring around what is heard, and whether it is wet or dry.
  tell(context, { item, part }) {
    this.ring(context, item, RADIUS + 7, styleValue("--accent"), 3);
    const [x, y] = this.places[item];
    const side = x > this.view.width - 60 ? -1 : 1;
    context.font = "600 13px system-ui, sans-serif";
    context.textAlign = side < 0 ? "right" : "left";
    context.lineWidth = 4;
    context.strokeStyle = styleValue("--page");
    context.strokeText(part, x + 17 * side, y + 4);
    context.fillStyle = styleValue("--accent");
    context.fillText(part, x + 17 * side, y + 4);
  }

  drawLoop(context) {
    context.beginPath();
    this.loop.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.setLineDash([5, 4]);
    context.lineWidth = 1.5;
    context.strokeStyle = styleValue("--ink");
    context.stroke();
    context.setLineDash([]);
  }
}
