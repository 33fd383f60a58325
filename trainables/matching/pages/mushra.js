const data = JSON.parse(document.getElementById("data").textContent);
const player = document.getElementById("player");
const listener = crypto.getRandomValues(new Uint32Array(1))[0];
const questions = shuffled(data.questions).map((question) => ({
  ...question,
  conditions: shuffled(question.conditions).map((condition) => ({ ...condition, rating: 50, touched: false })),
}));
let place = 0;
let heard = null;
let saved = true;

function shuffled(values) {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = crypto.getRandomValues(new Uint32Array(1))[0] % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

function play(sound, button) {
  const at = player.currentTime;
  const same = heard === button && !player.paused;
  stop();
  if (same) return;
  if (player.src !== sound) player.src = sound;
  player.currentTime = at < (player.duration || Infinity) ? at : 0;
  player.play().catch(() => {}); // stopped before it had begun
  heard = button;
  button.classList.add("heard");
}

function stop() {
  player.pause();
  if (heard) heard.classList.remove("heard");
}

function rating(condition, number) {
  const row = document.createElement("div");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `sound ${number + 1}`;
  button.addEventListener("click", () => play(condition.sound, button));
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: condition.rating });
  slider.setAttribute("aria-label", `rating of sound ${number + 1}`);
  const shown = document.createElement("output");
  const show = () => {
    row.className = condition.touched ? "rating" : "rating unrated";
    shown.textContent = condition.touched ? condition.rating : "–";
    slider.setAttribute("aria-valuetext", condition.touched ? String(condition.rating) : "not rated");
  };
  const rate = () => {
    condition.rating = Number(slider.value);
    condition.touched = true;
    saved = false;
    show();
    told();
  };
  slider.addEventListener("input", rate);
  slider.addEventListener("click", rate); // where it stands already
  slider.addEventListener("keydown", (event) => { if (event.key === "Enter") rate(); });
  row.append(button, slider, shown);
  show();
  return row;
}

function show() {
  stop();
  player.currentTime = 0;
  const question = questions[place];
  document.getElementById("place").textContent = `${place + 1} of ${questions.length}`;
  document.getElementById("last").textContent = question.conditions.length;
  document.getElementById("ratings").replaceChildren(...question.conditions.map(rating));
  document.getElementById("back").disabled = place === 0;
  document.getElementById("next").disabled = place === questions.length - 1;
  told();
}

function go(step) {
  if (!questions[place + step]) return;
  place += step;
  show();
}

function told() {
  const missing = (some) => some.flatMap((question) => question.conditions).filter((condition) => !condition.touched).length;
  const [here, all] = [missing([questions[place]]), missing(questions)];
  const sounds = (count) => `${count} ${count === 1 ? "sound" : "sounds"}`;
  const left = `Not rated yet: ${sounds(here)} here, ${all} in all. What is not rated is saved as empty.`;
  document.getElementById("told").textContent = all ? left : `All sounds are rated${saved ? "" : ": save the ratings"}.`;
}

function save() {
  const rows = questions.flatMap((question) => question.conditions.map((condition) => [
    listener, question.name, condition.name, condition.touched ? condition.rating : "",
  ]));
  const text = [["listener", "question", "condition", "rating"], ...rows].map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")).join("\n");
  const link = document.createElement("a");
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(`${text}\n`)}`;
  link.download = `ratings-${listener}.csv`;
  link.click();
  saved = true;
  told();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const pressed = event.key.toLowerCase();
  const row = document.getElementById("ratings").children[Number(pressed) - 1];
  if (pressed === " " && !event.target.closest("button, [type=checkbox]")) stop();
  else if (pressed === "r") reference.click();
  else if (pressed === "n") go(1);
  else if (pressed === "b") go(-1);
  else if (/^[1-9]$/.test(pressed) && row) {
    row.querySelector("button").click();
    row.querySelector("input").focus();
  } else return;
  event.preventDefault();
}

document.getElementById("title").textContent = data.title;
const reference = document.getElementById("reference");
reference.addEventListener("click", () => play(questions[place].reference, reference));
document.getElementById("back").addEventListener("click", () => go(-1));
document.getElementById("next").addEventListener("click", () => go(1));
document.getElementById("export").addEventListener("click", save);
const loop = document.getElementById("loop");
player.loop = loop.checked;
loop.addEventListener("change", () => { player.loop = loop.checked; });
player.addEventListener("ended", stop);
document.addEventListener("keydown", key);
window.addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
show();
