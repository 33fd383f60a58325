const data = JSON.parse(document.getElementById("data").textContent);
const player = document.getElementById("player");
let heard = null;
let among = null;

function stop() {
  player.pause();
  if (heard) heard.classList.remove("heard");
}

function play(sound, button, match) {
  const at = among === match ? player.currentTime : 0;
  const same = heard === button && !player.paused;
  stop();
  if (same) return;
  if (player.src !== sound.sound) player.src = sound.sound;
  player.currentTime = at < (player.duration || Infinity) ? at : 0;
  player.play().catch(() => {}); // stopped before it had begun
  heard = button;
  among = match;
  button.classList.add("heard");
}

function made(tag, text, ...children) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function card(sound, match) {
  const button = made("button", sound.name);
  button.type = "button";
  button.addEventListener("click", () => play(sound, button, match));
  const picture = made("img");
  picture.src = sound.picture;
  picture.alt = `waveform and spectrogram: ${sound.name}`;
  const row = made("div", "", button, picture);
  row.className = "card";
  return row;
}

function knobs(match) {
  const rows = match.knobs.map((cells) => made("tr", "", ...cells.map((cell) => made("td", cell))));
  return made("table", "", made("tr", "", ...["knob", "set to", "right"].map((head) => made("th", head))), ...rows);
}

function section(match) {
  return made("section", "", made("h2", match.name), made("p", match.told), ...match.sounds.map((sound) => card(sound, match)), knobs(match));
}

document.getElementById("title").textContent = data.title;
document.getElementById("caption").textContent = data.caption;
document.getElementById("matches").append(...data.matches.map(section));
player.addEventListener("ended", stop);
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target === document.body) { event.preventDefault(); stop(); }
});
