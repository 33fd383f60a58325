// Small makers of elements. Data become text, never markup.

function byId(id) {
  return document.getElementById(id);
}

function element(tag, { text, children = [], ...attributes } = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(text, act, attributes = {}) {
  const made = element("button", { text, type: "button", ...attributes });
  made.addEventListener("click", act);
  return made;
}

// A number with at most three digits that matter, and its unit.
function told(value, unit) {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return `${Number(value.toFixed(digits))}${unit ? ` ${unit}` : ""}`;
}

function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

function heading(item) {
  return item.heldOut ? `${item.effect} (held out)` : item.effect;
}

function settingsText(item) {
  return item.settings.map(([name, text]) => `${name} ${text}`).join(" · ");
}

function settingsList(item) {
  return item.settings.flatMap(([name, text]) => [
    element("dt", { text: name, title: meanings.get(`${item.effect} ${name}`) || "" }),
    element("dd", { text }),
  ]);
}

// The columns' values of an item, as further settings.
function columnsList(n) {
  return data.columns.flatMap(({ name, unit, values }) => [
    element("dt", { text: name }),
    element("dd", { text: values[n] === null ? "not known" : told(values[n], unit) }),
  ]);
}
