const data = JSON.parse(document.getElementById("data").textContent);
const player = document.getElementById("player");
const listener = crypto.getRandomValues(new Uint32Array(1))[0];
const questions = shuffled(data.questions).map((question) => ({
  ...question,
  conditions: shuffled(question.conditions).map((condition) => ({ ...condition, rating: 50, touched: false })),
}));
let place = 0;
let heard = null;

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
  player.play();
  heard = button;
  button.classList.add("heard");
}

function stop() {
  player.pause();
  if (heard) heard.classList.remove("heard");
}

function rating(condition, number) {
  const row = document.createElement("div");
  row.className = "rating";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `sound ${number + 1}`;
  button.addEventListener("click", () => play(condition.sound, button));
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: condition.rating });
  slider.setAttribute("aria-label", `rating of sound ${number + 1}`);
  const shown = document.createElement("output");
  shown.textContent = condition.touched ? condition.rating : "–";
  slider.addEventListener("input", () => {
    condition.rating = Number(slider.value);
    condition.touched = true;
    shown.textContent = slider.value;
    told();
  });
  row.append(button, slider, shown);
  return row;
}

function show() {
  stop();
  const question = questions[place];
  document.getElementById("place").textContent = `${place + 1} of ${questions.length}`;
  document.getElementById("ratings").replaceChildren(...question.conditions.map(rating));
  document.getElementById("back").disabled = place === 0;
  document.getElementById("next").hidden = place === questions.length - 1;
  document.getElementById("export").hidden = place !== questions.length - 1;
  told();
}

function told() {
  const missing = questions.flatMap((question) => question.conditions).filter((condition) => !condition.touched).length;
  document.getElementById("told").textContent = missing ? `${missing} sounds are not rated yet.` : "All sounds are rated.";
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
}

document.getElementById("title").textContent = data.title;
const reference = document.getElementById("reference");
reference.addEventListener("click", () => play(questions[place].reference, reference));
document.getElementById("back").addEventListener("click", () => { place -= 1; show(); });
document.getElementById("next").addEventListener("click", () => { place += 1; show(); });
document.getElementById("export").addEventListener("click", save);
player.addEventListener("ended", stop);
show();
