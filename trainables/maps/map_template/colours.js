// What a point's colour can mean: one of a few groups, or a number on an even scale (viridis).

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const LEAST_CONTRAST = 3; // of a mark against the page (WCAG 2.1, 1.4.11)

function styleValue(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rgb(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

function mixed(from, to, share) {
  const [a, b] = [rgb(from), rgb(to)];
  return "#" + a.map((value, n) => Math.round(value + share * (b[n] - value)).toString(16).padStart(2, "0")).join("");
}

function luminance(hex) {
  const linear = rgb(hex).map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// The colour itself, moved away from the page's until it can be told from it.
function readable(colour) {
  const page = styleValue("--page");
  const away = luminance(page) < 0.5 ? "#ffffff" : "#000000";
  let share = 0;
  while (share < 1 && contrast(mixed(colour, away, share), page) < LEAST_CONTRAST) share += 0.05;
  return mixed(colour, away, share);
}

function scaleColour(share) {
  const place = Math.min(Math.max(share, 0), 1) * (data.viridis.length - 1);
  const below = Math.min(Math.floor(place), data.viridis.length - 2);
  return mixed(data.viridis[below], data.viridis[below + 1], place - below);
}

// Each colour with a shape of its own; groups beyond the number of colours get the same colours with other shapes.
function groupStyles(names) {
  const colours = data.groupColours;
  const shapes = data.groupShapes;
  return new Map(
    names.map((name, n) => {
      const shape = shapes[(n + Math.floor(n / colours.length)) % shapes.length];
      return [name, { colour: colours[n % colours.length], shape }];
    }),
  );
}

function groupColouring(name, names, styles) {
  const group = (n) => names[n];
  return { kind: "groups", name, styles, group, look: (n) => styles.get(names[n]) };
}

function scaleColouring({ name, unit, log, meaning }, values) {
  const known = values.filter((value) => value !== null && (!log || value > 0));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const bend = log ? Math.log : (value) => value;
  const share = (value) => (high > low ? (bend(value) - bend(low)) / (bend(high) - bend(low)) : 0.5);
  const unbend = (part) => (log ? Math.exp(Math.log(low) + part * Math.log(high / low)) : low + part * (high - low));
  const colour = (n) => (values[n] === null || (log && values[n] <= 0) ? null : scaleColour(share(values[n])));
  return { kind: "scale", name, unit, meaning, low, middle: unbend(0.5), high, known: known.length, look: (n) => ({ colour: colour(n) }) };
}

const effectStyles = new Map(data.effects.map(({ name, colour, shape }) => [name, { colour, shape }]));
const SEEN = "seen in training";
const UNSEEN = "held out, never seen";
const DRY = "dry: no effect";
const YOURS = "your recordings";

// [{label, options: [{label, make}]}], in the order of the menu.
function colourings() {
  const effects = items.map((item) => item.effect);
  const seen = items.map((item) => (item.added ? YOURS : item.effect === data.dry ? DRY : item.heldOut ? UNSEEN : SEEN));
  const recordings = items.map((item) => item.recording);
  const seenStyles = new Map([SEEN, UNSEEN, DRY, YOURS].map((name, n) => [name, { colour: data.seenColours[n] }]));
  const groups = [
    { label: "effect", make: () => groupColouring("Effect", effects, effectStyles) },
    { label: "seen in training or not", make: () => groupColouring("Seen in training", seen, seenStyles) },
    { label: "recording", make: () => groupColouring("Recording", recordings, groupStyles([...new Set(recordings)].sort())) },
  ];
  const numbers = data.columns.map(({ name, unit, values }) => ({
    label: name,
    make: () => scaleColouring({ name, unit }, values),
  }));
  const knobs = data.effects.map(({ name: effect }) => ({
    label: `knobs of ${effect}`,
    options: data.knobs
      .filter((knob) => knob.effect === effect)
      .map((knob) => ({
        label: `${effect}: ${knob.name}`,
        make: () => scaleColouring({ ...knob, name: `${effect}: ${knob.name}` }, knobValues(effect, knob.name)),
      })),
  }));
  return [{ label: "groups", options: groups }, { label: "numbers", options: numbers }, ...knobs].filter(
    ({ options }) => options.length,
  );
}
