// The values that Python wrote, and the few things derived from them once.

const data = JSON.parse(document.getElementById("data").textContent);
const items = data.items;

// The value of a knob at each item; null where the item's effect has no such knob.
function knobValues(effect, name) {
  return items.map((item) => {
    const setting = item.effect === effect ? item.settings.find(([known]) => known === name) : undefined;
    return setting ? setting[2] : null;
  });
}

// [{name, count}] in the order of first appearance, or alphabetical.
function counted(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) || 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count }));
}

const effectCounts = new Map(counted(items.map((item) => item.effect)).map(({ name, count }) => [name, count]));
const heldOutEffects = new Set(items.filter((item) => item.heldOut).map((item) => item.effect));
const addedEffects = new Set(items.filter((item) => item.added).map((item) => item.effect));
const meanings = new Map(data.knobs.map(({ effect, name, meaning }) => [`${effect} ${name}`, meaning]));
const searched = items.map((item) =>
  [item.effect, item.recording, ...item.settings.map(([name, text]) => `${name} ${text}`)].join(" ").toLowerCase(),
);
