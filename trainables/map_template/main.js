// What the user wants to see, and the parts that show it.

const WIDE = 1000; // pixels from which two maps stand side by side
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const state = {
  colouring: null,
  hiddenEffects: new Set(),
  hiddenGroups: new Set(),
  words: [],
  current: null,
  gathered: [],
  playing: null,
  visible: [],
  drawn: [],
  looks: [],
  look: (n) => state.looks[n],
};

const sound = new Sound((playing, message) => {
  state.playing = playing;
  byId("sound-note").textContent = message || (playing ? `playing ${playing.part}` : "");
  markPlaying(playing);
  plots.forEach((plot) => plot.paint());
});

const says = { hover: choose, click, gather, key };
const plots = data.projections.map((projection) => new Plot(projection, state, says));
const effectGroups = data.effects.map(({ name }) => ({
  name,
  label: heldOutEffects.has(name) ? `${name} (held out)` : name,
  count: effectCounts.get(name),
}));

function choose(n, plot) {
  if (n === null && !plot) {
    showTip(null);
    return;
  }
  if (n !== null && n !== state.current) {
    state.current = n;
    showChosen(n, sound);
    markPlaying(state.playing);
    plots.forEach((each) => each.paint());
  }
  showTip(plot ? n : null, plot);
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

function key(event, plot) {
  const step = STEPS[event.key];
  if (step) choose(plot.next(state.current, ...step), plot);
  else if (event.key === "Enter" || event.key === " ") click(state.current, plot);
  else return;
  event.preventDefault();
}

function wanted(n) {
  const { colouring, hiddenEffects, hiddenGroups, words } = state;
  if (hiddenEffects.has(items[n].effect)) return false;
  if (colouring.kind === "groups" && hiddenGroups.has(colouring.group(n))) return false;
  return words.every((word) => searched[n].includes(word));
}

// How each point looks now: the colouring's colour, the effect's shape unless the colouring has its own.
function looks() {
  const [none, edge] = [styleValue("--none"), styleValue("--edge")];
  const readableOf = new Map();
  const clear = (colour) => readableOf.get(colour) || readableOf.set(colour, readable(colour)).get(colour);
  return items.map((item, n) => {
    const { colour, shape } = state.colouring.look(n);
    const shown = colour === null ? none : state.colouring.kind === "groups" ? clear(colour) : colour;
    return { colour: shown, shape: shape || effectStyles.get(item.effect).shape, hollow: item.heldOut, edge, known: colour !== null };
  });
}

function refresh() {
  state.visible = items.map((_, n) => n).filter(wanted);
  state.looks = looks();
  const known = (n) => state.looks[n].known;
  state.drawn = [...state.visible.filter((n) => !known(n)), ...state.visible.filter(known)];
  byId("shown").textContent = `${state.visible.length} of ${plural(items.length, "point")}`;
  plots.forEach((plot) => plot.redraw());
}

function effectLook(name) {
  const byEffect = state.colouring.name === "Effect";
  const { colour, shape } = effectStyles.get(name);
  return { colour: byEffect ? readable(colour) : styleValue("--quiet"), shape, hollow: heldOutEffects.has(name), edge: styleValue("--edge") };
}

function showLegends() {
  const changed = () => {
    pressLegend(byId("effects-list"), effectGroups, state.hiddenEffects);
    if (!byId("groups").hidden) pressLegend(byId("groups-list"), others, state.hiddenGroups);
    refresh();
  };
  const { colouring } = state;
  const grouped = colouring.kind === "groups" && colouring.name !== "Effect";
  const others = grouped ? counted(items.map((_, n) => colouring.group(n))).map((group) => ({ ...group, label: group.name })) : [];
  others.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  legend(byId("effects-list"), effectGroups, state.hiddenEffects, effectLook, changed);
  byId("all-effects").onclick = () => {
    state.hiddenEffects.clear();
    changed();
  };
  byId("groups").hidden = !grouped;
  byId("groups-name").textContent = colouring.name;
  const look = (name) => ({ shape: "o", ...colouring.styles.get(name), edge: styleValue("--edge") });
  legend(byId("groups-list"), others, state.hiddenGroups, (name) => ({ ...look(name), colour: readable(look(name).colour) }), changed);
}

function colourBy(make) {
  state.colouring = make();
  state.hiddenGroups.clear();
  showScale(state.colouring);
  showLegends();
  refresh();
}

function fillMenu() {
  const menu = byId("colour-by");
  const makers = [];
  for (const { label, options } of colourings()) {
    const group = element("optgroup", { label });
    for (const option of options) group.append(element("option", { text: option.label, value: makers.push(option.make) - 1 }));
    menu.append(group);
  }
  menu.addEventListener("change", () => colourBy(makers[menu.value]));
  return makers;
}

function showViews(chosen) {
  plots.forEach((plot) => (plot.figure.hidden = chosen !== "both" && plot.projection.name !== chosen));
  byId("plots").classList.toggle("both", chosen === "both" && plots.length > 1);
  plots.forEach((plot) => plot.redraw());
}

function fillViews() {
  const names = plots.map((plot) => plot.projection.name);
  const first = names.length > 1 && window.innerWidth >= WIDE ? "both" : names[0];
  for (const name of names.length > 1 ? [...names, "both"] : []) {
    const radio = element("input", { type: "radio", name: "view", value: name });
    radio.checked = name === first;
    radio.addEventListener("change", () => showViews(name));
    byId("views").append(element("label", { children: [radio, name] }));
  }
  byId("views").hidden = names.length < 2;
  showViews(first);
}

function begin() {
  byId("title").textContent = data.title;
  byId("caption").textContent = data.caption;
  byId("note").textContent = data.note;
  byId("marks-note").textContent = heldOutEffects.size ? "Hollow marks: held out, never seen in training." : "";
  byId("plots").append(...plots.map((plot) => plot.figure));
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
