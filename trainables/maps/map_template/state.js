// What the user wants to see, which points that leaves, and how they look.

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
};

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
    const shown = colour === null ? none : state.colouring.kind === "groups" && !item.added ? clear(colour) : colour;
    const own = shape || effectStyles.get(item.effect).shape;
    return { colour: shown, shape: own, hollow: item.heldOut, added: item.added, edge, known: colour !== null };
  });
}

function refresh() {
  state.visible = items.map((_, n) => n).filter(wanted);
  state.looks = looks();
  const known = (n) => state.looks[n].known;
  const others = state.visible.filter((n) => !items[n].added);
  const added = state.visible.filter((n) => items[n].added); // on top
  state.drawn = [...others.filter((n) => !known(n)), ...others.filter(known), ...added];
  byId("shown").textContent = `${state.visible.length} of ${plural(items.length, "point")}`;
  plots.forEach((plot) => plot.redraw());
}
