// What the pointer means on a plot: the point under it, a click, a loop around points, moving and zooming.

const REACH = 16; // pixels from a point at which the pointer still means it
const DRAG = 5; // pixels that make a click a drag
const WHEEL = 0.0015; // zoom for each unit of the wheel

function insideLoop(loop, [x, y]) {
  let inside = false;
  for (let n = 0, last = loop.length - 1; n < loop.length; last = n, n += 1) {
    const [[ax, ay], [bx, by]] = [loop[n], loop[last]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

// The visible point nearest to a pixel, within reach; else null.
function nearest(plot, [x, y]) {
  let [best, least] = [null, REACH ** 2];
  for (const n of plot.state.visible) {
    const squared = (plot.places[n][0] - x) ** 2 + (plot.places[n][1] - y) ** 2;
    if (squared <= least) [best, least] = [n, squared];
  }
  return best;
}

// The visible point that is next in a direction; what lies aside counts twice.
function next(plot, from, [dx, dy]) {
  if (from === null || !plot.state.visible.includes(from)) return plot.state.visible[0] ?? null;
  const [x, y] = plot.places[from];
  let [best, least] = [from, Infinity];
  for (const n of plot.state.visible) {
    const [right, down] = [plot.places[n][0] - x, plot.places[n][1] - y];
    const [ahead, aside] = [right * dx + down * dy, Math.abs(right * dy) + Math.abs(down * dx)];
    if (ahead > 0.01 && ahead + 2 * aside < least) [best, least] = [n, ahead + 2 * aside];
  }
  return best;
}

class Pointer {
  // `says` is told what is meant: hover(n or null, plot), click(n or null, plot), gather([n]).
  constructor(plot, says) {
    Object.assign(this, { plot, says, moving: false });
    const { canvas } = plot;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", () => this.drop());
    canvas.addEventListener("pointerleave", () => !plot.loop && says.hover(null, plot));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  at(event) {
    const box = this.plot.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    if (event.button !== 0) return;
    this.moving = event.shiftKey;
    if (!this.moving) this.plot.loop = [this.at(event)];
    this.plot.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const { plot } = this;
    if (this.moving) {
      plot.view.moveBy(event.movementX, event.movementY);
      plot.redraw();
    } else if (plot.loop) {
      plot.loop.push(plot.view.clamped(this.at(event)));
      if (this.dragged()) plot.paint();
    } else this.says.hover(nearest(plot, this.at(event)), plot);
  }

  release(event) {
    const { loop } = this.plot;
    const dragged = loop && this.dragged();
    this.drop();
    if (dragged) this.says.gather(this.plot.state.visible.filter((n) => insideLoop(loop, this.plot.places[n])));
    else if (loop) this.says.click(nearest(this.plot, this.at(event)), this.plot);
  }

  drop() {
    [this.moving, this.plot.loop] = [false, null];
    this.plot.paint();
  }

  dragged() {
    const [[x, y], ...others] = this.plot.loop;
    return others.some(([ox, oy]) => Math.hypot(ox - x, oy - y) > DRAG);
  }

  // Where there is nothing to zoom out of, the wheel scrolls the page.
  wheel(event) {
    if (event.deltaY > 0 && this.plot.view.zoom === 1) return;
    event.preventDefault();
    this.plot.zoom(Math.exp(-WHEEL * event.deltaY), this.at(event));
    this.says.hover(null, this.plot);
  }
}
