// The parts together: one sound, one plot for each projection, and what hovering, clicking, looping and keys do.

const sound = new Sound((playing, message) => {
  state.playing = playing;
  byId("sound-note").textContent = message || (playing ? `playing ${playing.part}` : "");
  markPlaying(playing);
  plots.forEach((plot) => plot.paint());
});

const plots = data.projections.map((projection) => new Plot(projection, state));

function choose(n, plot) {
  if (n !== null && n !== state.current) {
    state.current = n;
    showChosen(n, sound);
    markPlaying(state.playing);
    plots.forEach((each) => each.paint());
  }
  showTip(plot ? n : null, plot); // chosen in the list, it has no place of its own
  if (plot) plot.canvas.style.cursor = n === null ? "crosshair" : "pointer";
}

function click(n, plot) {
  if (n === null) return;
  choose(n, plot);
  sound.play(n);
}

function gather(found) {
  state.gathered = found;
  showTip(null);
  showGathered(found, sound, (n) => choose(n));
  plots.forEach((plot) => plot.paint());
}

function step(plot, direction) {
  const n = next(plot, state.current, direction);
  plot.reveal(n);
  choose(n, plot);
}

const KEYS = {
  ArrowLeft: (plot) => step(plot, [-1, 0]),
  ArrowRight: (plot) => step(plot, [1, 0]),
  ArrowUp: (plot) => step(plot, [0, -1]),
  ArrowDown: (plot) => step(plot, [0, 1]),
  Enter: (plot) => click(state.current, plot),
  " ": (plot) => click(state.current, plot),
  "+": (plot) => plot.zoom(1.5),
  "-": (plot) => plot.zoom(1 / 1.5),
  0: (plot) => plot.fit(),
};

function key(event, plot) {
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  KEYS[event.key](plot);
  event.preventDefault();
}

const ADDED_NOTE = "Large marks: your recordings.";

function begin() {
  byId("title").textContent = data.title;
  byId("caption").textContent = data.caption;
  byId("note").textContent = data.note;
  const notes = [heldOutEffects.size && "Hollow marks: held out, never seen in training.", addedEffects.size && ADDED_NOTE];
  byId("marks-note").textContent = notes.filter(Boolean).join(" ");
  for (const plot of plots) {
    new Pointer(plot, { hover: choose, click, gather });
    plot.canvas.addEventListener("keydown", (event) => key(event, plot));
    byId("plots").append(plot.figure);
  }
  showChosen(null, sound);
  colourBy(fillMenu()[0]);
  fillViews();
  byId("find").addEventListener("input", () => {
    state.words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    refresh();
  });
  byId("clear").addEventListener("click", () => gather([]));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    sound.stop();
    gather([]);
  });
  darkScheme.addEventListener("change", () => {
    showLegends();
    refresh();
  });
}

begin();
