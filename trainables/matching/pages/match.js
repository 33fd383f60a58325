const data = JSON.parse(document.getElementById("data").textContent);
const player = document.getElementById("player");
const byName = Object.fromEntries(data.sounds.map((sound) => [sound.name, sound.sound]));
const votes = { result: 0, input: 0 };
let order = shuffled();
let heard = null;

function shuffled() {
  return crypto.getRandomValues(new Uint8Array(1))[0] % 2 ? ["result", "input"] : ["input", "result"];
}

function play(name, button) {
  const at = player.currentTime;
  const same = heard === button && !player.paused;
  stop();
  if (same) return;
  if (player.src !== byName[name]) player.src = byName[name];
  player.currentTime = at < (player.duration || Infinity) ? at : 0;
  player.play().catch(() => {}); // stopped before it had begun
  heard = button;
  button.classList.add("heard");
}

function stop() {
  player.pause();
  if (heard) heard.classList.remove("heard");
}

function card(sound) {
  const row = document.createElement("div");
  row.className = "card";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sound.name;
  button.addEventListener("click", () => play(sound.name, button));
  const picture = document.createElement("img");
  picture.src = sound.picture;
  picture.alt = `waveform and spectrogram: ${sound.name}`;
  row.append(button, picture);
  return row;
}

function vote(place) {
  votes[order[place]] += 1;
  const total = votes.result + votes.input;
  document.getElementById("votes").textContent = `You chose the ${order[place]}. So far ${votes.result} of ${total} for the result; A and B have changed places at random.`;
  order = shuffled();
  stop();
}

document.getElementById("title").textContent = data.title;
document.getElementById("caption").textContent = data.caption;
document.getElementById("sounds").append(...data.sounds.map(card));
for (const [name, value] of Object.entries(data.settings)) {
  const term = document.createElement("dt");
  const description = document.createElement("dd");
  term.textContent = name;
  description.textContent = value;
  document.getElementById("settings").append(term, description);
}
document.getElementById("part").hidden = !data.shortened;
document.getElementById("blindly").hidden = !data.changed;
for (const [id, name] of [["blind-reference", () => "reference"], ["blind-a", () => order[0]], ["blind-b", () => order[1]]]) {
  const button = document.getElementById(id);
  button.addEventListener("click", () => play(name(), button));
}
document.getElementById("vote-a").addEventListener("click", () => vote(0));
document.getElementById("vote-b").addEventListener("click", () => vote(1));
player.addEventListener("ended", stop);
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target === document.body) { event.preventDefault(); stop(); }
});
