// Marks by matplotlib's letters, so that the page and the picture agree: outlines around (0, 0) of about radius 1.

function regular(corners, turn, inner = 1) {
  const steps = inner === 1 ? corners : 2 * corners;
  return Array.from({ length: steps }, (_, n) => {
    const radius = n % 2 && inner !== 1 ? inner : 1;
    const angle = 2 * Math.PI * (turn + n / steps) - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function turned(points, turn) {
  const [c, s] = [Math.cos(2 * Math.PI * turn), Math.sin(2 * Math.PI * turn)];
  return points.map(([x, y]) => [c * x - s * y, s * x + c * y]);
}

const PLUS = [
  [-0.36, -1], [0.36, -1], [0.36, -0.36], [1, -0.36], [1, 0.36], [0.36, 0.36],
  [0.36, 1], [-0.36, 1], [-0.36, 0.36], [-1, 0.36], [-1, -0.36], [-0.36, -0.36],
];
const SQUARE = [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]];
const TRIANGLE = [[0, -1], [1, 0.85], [-1, 0.85]];

const OUTLINES = {
  s: SQUARE,
  D: turned(SQUARE, 0.125),
  d: [[0, -1.15], [0.7, 0], [0, 1.15], [-0.7, 0]],
  "^": TRIANGLE,
  v: turned(TRIANGLE, 0.5),
  "<": turned(TRIANGLE, 0.75),
  ">": turned(TRIANGLE, 0.25),
  P: PLUS,
  X: turned(PLUS, 0.125),
  p: regular(5, 0),
  "*": regular(5, 0, 0.42).map(([x, y]) => [1.25 * x, 1.25 * y]),
  h: regular(6, 0),
  H: regular(6, 1 / 12),
  8: regular(8, 1 / 16),
};

const ADDED_SCALE = 1.5;

function outline(shape, radius) {
  const path = new Path2D();
  if (!OUTLINES[shape]) {
    path.arc(0, 0, 0.95 * radius, 0, 2 * Math.PI);
    return path;
  }
  OUTLINES[shape].forEach(([x, y], n) => path[n ? "lineTo" : "moveTo"](radius * x, radius * y));
  path.closePath();
  return path;
}

const outlines = new Map();
function mark(shape, radius) {
  const key = `${shape} ${radius}`;
  if (!outlines.has(key)) outlines.set(key, outline(shape, radius));
  return outlines.get(key);
}

// A filled mark, or a hollow one for what was held out; the user's own are larger and black-edged.
function drawMark(context, x, y, { shape, colour, hollow, added, edge }, radius) {
  const path = mark(shape, added ? ADDED_SCALE * radius : radius);
  context.translate(x, y);
  context.lineWidth = hollow ? radius / 2.6 : added ? 2 : 0.8;
  context.strokeStyle = hollow ? colour : added ? styleValue("--ink") : edge;
  if (!hollow) {
    context.fillStyle = colour;
    context.fill(path);
  }
  context.stroke(path);
  context.translate(-x, -y);
}

// A mark as a small picture for a legend.
function markCanvas(look) {
  const [size, scale] = [18, Math.max(window.devicePixelRatio || 1, 2)];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * scale;
  canvas.style.width = canvas.style.height = `${size}px`;
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  drawMark(context, size / 2, size / 2, look, 5.5);
  return canvas;
}
