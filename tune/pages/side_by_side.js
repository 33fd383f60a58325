{
  const figure = document.getElementById("side_by_side_maps");
  const heard = document.getElementById("heard");
  const player = document.getElementById("player");
  const map = figure.querySelector("svg");
  const marks = new Map();
  for (const mark of figure.querySelectorAll("[data-place]")) {
    const place = Number(mark.dataset.place);
    if (!marks.has(place)) marks.set(place, []);
    marks.get(place).push(mark);
  }
  let chosen = -1;
  let playing = -1;

  const told = (place) => {
    const [effect, recording, settings] = DATA.clips[place];
    return `${effect}${settings ? ` (${settings})` : ""}, ${recording}`;
  };

  const choose = (place) => {
    if (place === chosen) return; // a mark that is moved under the pointer is pointed at again, and loses its click
    for (const mark of marks.get(chosen) || []) mark.classList.remove("chosen");
    chosen = place;
    for (const mark of marks.get(place) || []) {
      mark.classList.add("chosen");
      mark.parentNode.append(mark);
    }
    if (playing < 0) heard.textContent = place < 0 ? "" : told(place);
  };

  const stop = () => {
    playing = -1;
    player.pause();
    player.onended = null;
    heard.textContent = chosen < 0 ? "" : told(chosen);
  };

  const play = (place) => {
    const again = playing === place;
    stop();
    if (again) return;
    const parts = [["wet", DATA.clips[place][3]], ["dry", DATA.clips[place][4]]].filter((part) => part[1] !== null);
    if (!parts.length) {
      heard.textContent = `${told(place)}: its sound was left out of this page`;
      return;
    }
    playing = place;
    const next = () => {
      const part = parts.shift();
      if (!part) return stop();
      heard.textContent = `playing ${part[0]}: ${told(place)}`;
      player.src = `data:audio/mpeg;base64,${DATA.sounds[part[1]]}`;
      player.onended = next;
      player.play().catch(() => { heard.textContent = "this browser did not play it"; });
    };
    next();
  };

  const place = (event) => {
    const mark = event.target.closest("[data-place]");
    return mark ? Number(mark.dataset.place) : -1;
  };
  map.addEventListener("pointerover", (event) => { if (place(event) >= 0) choose(place(event)); });
  map.addEventListener("click", (event) => { if (place(event) >= 0) { choose(place(event)); play(place(event)); } });
  map.setAttribute("tabindex", "0");
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const count = DATA.clips.length;
    if (step) choose(chosen < 0 ? 0 : (chosen + step + count) % count);
    else if (event.key === "Enter" && chosen >= 0) play(chosen);
    else if (event.key === "Escape") stop();
    else return;
    event.preventDefault();
  });
}
