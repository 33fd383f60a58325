// One projection on a canvas: drawing, finding the point under the pointer, and the loop that gathers points.

const RADIUS = 5.5;
const MARGIN = 22;
const REACH = 16; // pixels from a point at which the pointer still means it
const DRAG = 5; // pixels that make a click a drag

// Each projection's points within 0..1, y upwards, both axes on one scale so that distances are those of the projection.
function unitSquare({ x, y }) {
  const [left, right, low, high] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  return { left, low, width: right - left || 1, height: high - low || 1 };
}

function insideLoop(loop, x, y) {
  let inside = false;
  for (let n = 0, last = loop.length - 1; n < loop.length; last = n, n += 1) {
    const [[ax, ay], [bx, by]] = [loop[n], loop[last]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

class Plot {
  // `says` is told what the user does: hover(n or null, event), click(n), gather([n]), key(name, plot).
  constructor(projection, state, says) {
    Object.assign(this, { projection, state, says, bounds: unitSquare(projection), loop: null, base: null });
    this.figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    caption.textContent = projection.name;
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", `${projection.name} map of ${items.length} points; arrow keys move, Enter plays`);
    this.figure.append(caption, this.canvas);
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", () => this.drop());
    canvas.addEventListener("pointerleave", () => !this.loop && this.says.hover(null));
    canvas.addEventListener("keydown", (event) => this.says.key(event, this));
  }

  place(n) {
    const { left, low, width, height } = this.bounds;
    const scale = Math.min((this.width - 2 * MARGIN) / width, (this.height - 2 * MARGIN) / height);
    const x = this.width / 2 + scale * (this.projection.x[n] - left - width / 2);
    return [x, this.height / 2 - scale * (this.projection.y[n] - low - height / 2)];
  }

  nearest(x, y) {
    let [best, distance] = [null, REACH ** 2];
    for (const n of this.state.visible) {
      const [px, py] = this.places[n];
      const squared = (px - x) ** 2 + (py - y) ** 2;
      if (squared <= distance) [best, distance] = [n, squared];
    }
    return best;
  }

  // The point nearest in a direction (dx, dy): what lies aside counts twice.
  next(from, dx, dy) {
    if (from === null || !this.state.visible.includes(from)) return this.state.visible[0] ?? null;
    const [x, y] = this.places[from];
    let [best, least] = [null, Infinity];
    for (const n of this.state.visible) {
      const [ahead, aside] = [(this.places[n][0] - x) * dx + (this.places[n][1] - y) * dy,
        Math.abs((this.places[n][0] - x) * dy) + Math.abs((this.places[n][1] - y) * dx)];
      if (n !== from && ahead > 0.01 && ahead + 2 * aside < least) [best, least] = [n, ahead + 2 * aside];
    }
    return best ?? from;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    if (event.button === 0) {
      this.loop = [this.at(event)];
      this.canvas.setPointerCapture(event.pointerId);
    }
  }

  move(event) {
    const [x, y] = this.at(event);
    if (!this.loop) {
      this.says.hover(this.nearest(x, y), this);
      return;
    }
    this.loop.push([x, y]);
    if (this.dragged()) this.paint();
  }

  release(event) {
    if (!this.loop) return;
    const [loop, dragged] = [this.loop, this.dragged()];
    this.drop();
    if (dragged) this.says.gather(this.state.visible.filter((n) => insideLoop(loop, ...this.places[n])));
    else this.says.click(this.nearest(...this.at(event)), this);
  }

  drop() {
    this.loop = null;
    this.paint();
  }

  dragged() {
    const [[x, y], ...others] = this.loop;
    return others.some(([ox, oy]) => Math.hypot(ox - x, oy - y) > DRAG);
  }

  // All points anew: colours, filters or the size have changed.
  redraw() {
    [this.width, this.height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!this.width || !this.height) return;
    const scale = window.devicePixelRatio || 1;
    [this.canvas.width, this.canvas.height] = [Math.round(scale * this.width), Math.round(scale * this.height)];
    this.places = items.map((_, n) => this.place(n));
    this.base = document.createElement("canvas");
    [this.base.width, this.base.height] = [this.canvas.width, this.canvas.height];
    const context = this.base.getContext("2d");
    context.scale(scale, scale);
    context.globalAlpha = 0.9;
    for (const n of this.state.drawn) drawMark(context, ...this.places[n], this.state.look(n), RADIUS);
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
    context.font = "600 13px system-ui, sans-serif";
    context.textAlign = x > this.width - 60 ? "right" : "left";
    const [tx, ty] = [x + (context.textAlign === "left" ? 17 : -17), y + 4];
    context.lineWidth = 4;
    context.strokeStyle = styleValue("--page");
    context.strokeText(part, tx, ty);
    context.fillStyle = styleValue("--accent");
    context.fillText(part, tx, ty);
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
