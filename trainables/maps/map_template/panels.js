// What stands around the maps: legends, the scale bar, the chosen point, the list of gathered points, the tip.

const MOST_ROWS = 300;

// A list of groups that are switched on and off; `only` (double click) leaves one.
function legend(list, groups, hidden, look, changed) {
  const switched = (name) => {
    if (hidden.has(name)) hidden.delete(name);
    else hidden.add(name);
    changed();
  };
  const alone = (name) => {
    groups.forEach((group) => hidden.add(group.name));
    hidden.delete(name);
    changed();
  };
  const rows = groups.map(({ name, label, count }) => {
    const made = button("", () => switched(name), { "aria-pressed": String(!hidden.has(name)), title: "double click: only this" });
    made.addEventListener("dblclick", () => alone(name));
    const told = [element("span", { text: label, class: "name" }), element("span", { text: count, class: "count" })];
    made.append(markCanvas(look(name)), ...told);
    return element("li", { children: [made] });
  });
  list.replaceChildren(...rows);
}

// Legends stay as they are while only switches change, so that the keyboard's focus stays, too.
function pressLegend(list, groups, hidden) {
  groups.forEach(({ name }, n) => list.children[n].firstChild.setAttribute("aria-pressed", String(!hidden.has(name))));
}

function showScale(colouring) {
  const scale = byId("scale");
  scale.hidden = colouring.kind !== "scale";
  if (scale.hidden) return;
  const { name, unit, meaning, low, middle, high, known } = colouring;
  byId("scale-name").textContent = name;
  byId("scale-meaning").textContent = meaning || "";
  byId("scale-bar").style.background = `linear-gradient(to right, ${data.viridis.join(", ")})`;
  byId("scale-low").textContent = known ? told(low, unit) : "";
  byId("scale-middle").textContent = known ? told(middle, unit) : "";
  byId("scale-high").textContent = known ? told(high, unit) : "";
  const without = items.length - known;
  byId("scale-none").textContent = without ? `grey: ${plural(without, "point")} without a value` : "";
}

function showChosen(n, sound) {
  const item = n === null ? null : items[n];
  byId("chosen-title").textContent = item ? heading(item) : "No point chosen";
  byId("chosen-from").textContent = item ? item.recording : "";
  byId("chosen-settings").replaceChildren(...(item ? [...settingsList(item), ...columnsList(n)] : []));
  byId("chosen-buttons").replaceChildren(...(item ? playButtons(n, sound) : []));
}

function playButtons(n, sound) {
  if (!sound.has(n)) return [element("span", { text: "no sound", class: "quiet" })];
  const all = { "wet, dry": ["wet", "dry"], wet: ["wet"], dry: ["dry"] };
  const parts = Object.entries(all).filter(([, order]) => sound.partsOf(n, order).length === order.length);
  return parts.map(([text, order]) =>
    button(text, () => sound.play(n, order), { "data-item": n, "data-part": order.join(" "), class: "play" }),
  );
}

// Buttons of what is heard say so.
function markPlaying(playing) {
  for (const made of document.querySelectorAll("button.play")) {
    const mine = playing && Number(made.dataset.item) === playing.item && made.dataset.part === playing.part;
    made.classList.toggle("heard", Boolean(mine));
  }
}

function showGathered(gathered, sound, choose) {
  byId("gathered").hidden = !gathered.length;
  byId("gathered-title").textContent = `${plural(gathered.length, "point")} in the loop`;
  const rows = gathered.slice(0, MOST_ROWS).map((n) => gatheredRow(n, sound, choose));
  byId("gathered-rows").replaceChildren(...rows);
  const left = gathered.length - rows.length;
  byId("gathered-more").textContent = left > 0 ? `and ${plural(left, "more point", "more points")}` : "";
}

function gatheredRow(n, sound, choose) {
  const item = items[n];
  const hear = element("td", { class: "buttons", children: playButtons(n, sound).slice(sound.partsOf(n, ["wet", "dry"]).length > 1 ? 1 : 0) });
  const row = element("tr", { children: [hear] });
  for (const text of [heading(item), item.recording, settingsText(item)]) row.append(element("td", { text }));
  row.addEventListener("pointerenter", () => choose(n));
  row.addEventListener("focusin", () => choose(n));
  return row;
}

function showTip(n, plot) {
  const tip = byId("tip");
  tip.hidden = n === null;
  if (n === null) return;
  const item = items[n];
  const head = [element("strong", { text: heading(item) }), element("span", { text: item.recording, class: "quiet" })];
  tip.replaceChildren(...head, element("dl", { children: [...settingsList(item), ...columnsList(n)] }));
  const box = plot.canvas.getBoundingClientRect();
  const [x, y] = plot.places[n];
  const [left, top] = [box.left + x + 16, box.top + y + 16];
  const right = Math.max(8, Math.min(left, document.documentElement.clientWidth - tip.offsetWidth - 8));
  const above = top + tip.offsetHeight > window.innerHeight - 8 ? box.top + y - tip.offsetHeight - 16 : top;
  tip.style.left = `${right}px`;
  tip.style.top = `${Math.max(8, above)}px`;
}
