// What the user chooses with: the menu of colourings, the legends that switch points off, the choice of maps.

const WIDE = 1000; // pixels from which two maps stand side by side

const effectGroups = data.effects.map(({ name }) => ({
  name,
  label: heldOutEffects.has(name) ? `${name} (held out)` : name,
  count: effectCounts.get(name),
}));

// Effects have their colours where colours mean effects, and their shapes unless shapes mean something else.
function effectLook(name) {
  const { name: by, styles } = state.colouring;
  const own = effectStyles.get(name);
  const shape = by !== "Effect" && styles && [...styles.values()].some((style) => style.shape) ? "o" : own.shape;
  const added = addedEffects.has(name);
  const colour = by !== "Effect" ? styleValue("--quiet") : added ? own.colour : readable(own.colour);
  return { colour, shape, hollow: heldOutEffects.has(name), added, edge: styleValue("--edge") };
}

function groupLook(name) {
  const { colour, shape } = state.colouring.styles.get(name);
  return { colour: readable(colour), shape: shape || "o", edge: styleValue("--edge") };
}

// The groups of a colouring that are not effects: those have a legend of their own, always.
function otherGroups({ kind, name, group }) {
  if (kind !== "groups" || name === "Effect") return [];
  const found = counted(items.map((_, n) => group(n))).map((each) => ({ ...each, label: each.name }));
  return found.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function showLegends() {
  const others = otherGroups(state.colouring);
  const changed = () => {
    pressLegend(byId("effects-list"), effectGroups, state.hiddenEffects);
    pressLegend(byId("groups-list"), others, state.hiddenGroups);
    refresh();
  };
  legend(byId("effects-list"), effectGroups, state.hiddenEffects, effectLook, changed);
  legend(byId("groups-list"), others, state.hiddenGroups, groupLook, changed);
  byId("groups").hidden = !others.length;
  byId("groups-name").textContent = state.colouring.name;
  byId("all-effects").onclick = () => {
    state.hiddenEffects.clear();
    changed();
  };
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
  plots.forEach((plot) => (plot.figure.hidden = chosen !== "both" && plot.name !== chosen));
  byId("plots").classList.toggle("both", chosen === "both" && plots.length > 1);
  plots.forEach((plot) => plot.redraw());
}

function fillViews() {
  const names = plots.map((plot) => plot.name);
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
