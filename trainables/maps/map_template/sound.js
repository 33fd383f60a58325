// One sound at a time: wet, then dry, or only one of the two.

const PAUSE_MS = 250; // between wet and dry

class Sound {
  // `changed({item, part} or null, message)` is told whenever something else is heard.
  constructor(changed) {
    Object.assign(this, { changed, player: document.getElementById("player"), playing: null, rest: [], timer: 0 });
    this.player.addEventListener("ended", () => this.goOn());
  }

  has(n) {
    return items[n].wet !== undefined;
  }

  // Those of the parts that there are: a recording of the user's may have no dry one.
  partsOf(n, parts) {
    return parts.filter((part) => items[n][part] !== undefined);
  }

  // Plays the parts in turn; asked again for what is heard, it stops.
  play(n, parts = ["wet", "dry"]) {
    const again = this.playing && this.playing.item === n && (parts.length > 1 || this.playing.part === parts[0]);
    this.stop();
    if (again || !this.has(n)) return;
    this.rest = this.partsOf(n, parts);
    this.begin(n);
  }

  begin(n) {
    const part = this.rest.shift();
    this.playing = { item: n, part };
    this.player.src = `data:audio/mpeg;base64,${data.sounds[items[n][part]]}`;
    this.player.play().catch((error) => this.refused(error));
    this.changed(this.playing, "");
  }

  goOn() {
    if (!this.rest.length) {
      this.stop();
      return;
    }
    const { item } = this.playing;
    this.timer = setTimeout(() => this.begin(item), PAUSE_MS);
  }

  // An interrupted start is a click on another point, and nothing to tell.
  refused(error) {
    if (error.name === "AbortError") return;
    this.stop();
    this.changed(null, `This browser did not play the sound: ${error.message}`);
  }

  stop() {
    clearTimeout(this.timer);
    this.player.pause();
    [this.rest, this.playing] = [[], null];
    this.changed(null, "");
  }
}
