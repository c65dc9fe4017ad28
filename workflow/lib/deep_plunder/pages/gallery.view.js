// The gallery on a page: gallery.show(element, data, options).
const gallery = (() => {
  const model = galleryModel;
  const BATCH = 60;
  const COLUMNS_OF_WAVE = 96;
  const KEYS = [
    ["Space", "play, or stop"],
    ["← → ↑ ↓", "move among the sounds"],
    ["A", "accept, and go on"],
    ["R", "reject, and go on"],
    ["U", "take the mark back"],
    ["D", "show the duplicates"],
    ["/", "search"],
    ["Esc", "stop"],
  ];

  // Return an element; children are elements or text, and attributes that are null are left out.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
    });
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  function waveOf(peaks) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 -127 ${COLUMNS_OF_WAVE} 254`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const bytes = Int8Array.from(atob(peaks), (character) => character.charCodeAt(0));
    let path = "";
    for (let column = 0; column < bytes.length / 2; column += 1) {
      const low = Math.min(bytes[2 * column], -2);
      const high = Math.max(bytes[2 * column + 1], 2);
      path += `M${column + 0.5} ${-high}V${-low}`;
    }
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", path);
    svg.append(shape);
    return svg;
  }

  function option(value, text) {
    return make("option", { value }, text);
  }

  function show(root, data, options = {}) {
    const marks = model.marksOf(options);
    const filters = { search: "", song: "", class: "", note: "", score: 0, mark: "", order: "score", all: false };
    const unfolded = new Set();
    let sounds = [];
    let chosen = [];
    let drawn = 0;
    let current = null;
    let shownSong = null;
    const player = new Audio();
    let playing = null;
    let stopAt = null;

    // The parts of the page that stay.
    const status = make("p", { class: "status", role: "status" });
    const notice = make("p", { class: "notice", role: "alert" });
    const list = make("ol", { class: "clips", "aria-label": "Sounds" });
    const more = make("div", { class: "more" });
    const strip = galleryStrip(make, (clip) => reveal(clip));
    const controls = {};
    const heading = make("h1");
    root.classList.add("gallery");
    root.replaceChildren(
      make("header", {}, heading, status, bar(), help()),
      strip.element,
      notice,
      list,
      more,
    );

    function field(name, label, control) {
      controls[name] = control;
      control.addEventListener("input", () => {
        filters[name] = control.type === "checkbox" ? control.checked : control.value;
        refresh();
      });
      return make("label", { class: `field by-${name}` }, make("span", {}, label), control);
    }

    function bar() {
      const score = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0 });
      const value = make("span", { class: "value", "aria-hidden": "true" }, "0.00");
      score.addEventListener("input", () => (value.textContent = Number(score.value).toFixed(2)));
      const least = field("score", "Score from ", score);
      least.append(value);
      const orders = Object.entries(model.ORDERS).map(([name, [label]]) => option(name, label));
      return make(
        "form",
        { class: "bar", role: "search", "aria-label": "Sounds", onsubmit: (event) => event.preventDefault() },
        field("search", "Search", make("input", { type: "search", placeholder: "name, class, note" })),
        field("song", "Song", make("select")),
        field("class", "Class", make("select")),
        field("note", "Note", make("select", {}, option("", "any"), option("yes", "with a note"), option("no", "without"))),
        field("mark", "Choice", make("select", {}, option("", "any"), option("none", "open"), option("accepted", "accepted"), option("rejected", "rejected"))),
        field("order", "Sort by", make("select", {}, ...orders)),
        least,
        field("all", "Sounds without a file, too", make("input", { type: "checkbox" })),
        make("div", { class: "file" },
          make("button", { type: "button", class: "download", onclick: download }, "Download choices"),
          make("label", { class: "load" }, "Load choices", make("input", { type: "file", accept: ".json,application/json", onchange: load })),
        ),
      );
    }

    function help() {
      const rows = KEYS.map(([key, text]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, text)));
      return make("details", { class: "help" }, make("summary", {}, "Keys and words"),
        make("dl", {}, ...rows),
        make("p", {}, "The score of a clip estimates the probability that it is usable: one sound is heard alone. The scores of a model that is not calibrated only rank clips. Duplicates hold the same sound struck again. Sounds without a file were found, but the options left them out; they play from the song. Accepted clips become a kit: ",
          make("code", {}, "deep-plunder kit DIR --choices choices.json -o KIT")),
      );
    }

    function refill(name, first, values) {
      const control = controls[name];
      const kept = values.includes(filters[name]) ? filters[name] : "";
      control.replaceChildren(option("", first), ...values.map((value) => option(value, value)));
      control.value = filters[name] = kept;
    }

    function update(next) {
      data = next;
      sounds = model.soundsOf(data);
      heading.textContent = data.title;
      refill("song", `all ${data.songs.length}`, data.songs.map((song) => song.name));
      refill("class", "all", [...new Set(sounds.map((sound) => sound.region.class))].sort());
      controls.song.closest(".field").hidden = data.songs.length < 2;
      controls.all.closest(".field").hidden = sounds.every((sound) => sound.region.name);
      shownSong = null;
      refresh();
    }

    function refresh() {
      chosen = model.select(sounds, filters, marks);
      list.replaceChildren();
      drawn = 0;
      draw();
      count();
      if (!chosen.includes(current)) current = null;
      focusSong(current ?? chosen[0] ?? sounds[0]);
    }

    function count() {
      const all = sounds.filter((sound) => filters.all || sound.region.name);
      const clips = data.songs.flatMap((song) => song.regions.map((region) => marks.get(`${song.digest} ${region.onset_s} ${region.offset_s}`)));
      const marked = (mark) => clips.filter((each) => each === mark).length;
      status.textContent = `${chosen.length} of ${all.length} sounds · ${marked("accepted")} accepted · ${marked("rejected")} rejected`;
      if (!marks.isKept()) say("This browser keeps no marks: download your choices before you close the page.");
    }

    function say(text) {
      notice.textContent = text;
    }

    // Draw the next cards; the rest follows when the end of the list comes into view.
    function draw(end = drawn + BATCH) {
      const part = chosen.slice(drawn, end);
      list.append(...part.map(card));
      drawn += part.length;
      more.hidden = drawn >= chosen.length;
      if (!chosen.length) list.append(make("li", { class: "none" }, sounds.length ? "No sound fits these filters." : "No sound was found."));
    }

    function clipParts(clip) {
      const { song, region } = clip;
      const name = region.name || `${model.clock(region.onset_s)} in ${song.name}`;
      const facts = [region.class, region.note, `score ${region.score.toFixed(2)}`].filter(Boolean).join(", ");
      const wave = make("button", { type: "button", class: "wave", "aria-label": `Play ${name}: ${facts}`, onclick: () => toggle(clip) },
        region.peaks ? waveOf(region.peaks) : make("span", { class: "empty" }, song.song ? "▶ in the song" : "no sound"),
        make("span", { class: "head" }));
      if (!region.audio && !song.song) wave.disabled = true;
      const place = `#t=${region.onset_s},${region.offset_s}`;
      const off = Math.round(region.cents ?? 0);
      const cents = off ? ` ${off > 0 ? "+" : "−"}${Math.abs(off)} ct` : "";
      const details = [
        `${model.lengthOf(clip).toFixed(2)} s`,
        region.loudness_lufs === null ? "" : `${region.loudness_lufs.toFixed(1).replace("-", "−")} LUFS`,
        region.attacks > 1 ? `${region.attacks} attacks` : "",
      ].filter(Boolean).join(" · ");
      const press = (mark, sign, text) =>
        make("button", { type: "button", class: mark, "aria-label": `${text} ${name}`, "aria-pressed": "false", title: text, onclick: () => setMark(clip, marks.get(clip.key) === mark ? "" : mark) }, make("span", { "aria-hidden": "true" }, sign), ` ${text}`);
      return [
        wave,
        make("div", { class: "facts" },
          make("strong", { class: "class" }, region.class),
          region.note ? make("span", { class: "note" }, region.note, make("small", {}, cents)) : null,
          make("span", { class: "score", title: "score" }, make("span", { class: "level", style: `--level:${region.score}`, "aria-hidden": "true" }), region.score.toFixed(2)),
        ),
        make("div", { class: "details" }, details),
        make("div", { class: "places" },
          region.file ? make("a", { href: region.file, class: "name", title: "the file" }, name) : make("span", { class: "name" }, region.name || "no file"),
          make("button", { type: "button", class: "place", title: "show in the spectrogram", onclick: () => focusSong(clip) }, model.clock(region.onset_s)),
          song.song ? make("a", { href: song.song + place, target: "_blank", rel: "noopener", title: "hear this place of the song" }, "in the song") : null,
        ),
        make("div", { class: "marks", role: "group", "aria-label": "Choice" }, press("accepted", "✓", "Accept"), press("rejected", "✕", "Reject")),
      ];
    }

    function card(sound) {
      const item = make("li", { class: "clip" }, ...clipParts(sound));
      item.clip = sound;
      if (data.songs.length > 1) {
        const link = sound.song.page ? make("a", { href: sound.song.page }, sound.song.name) : sound.song.name;
        item.append(make("div", { class: "of" }, link));
      }
      if (sound.others.length) {
        const inner = make("ol", { class: "others" });
        const text = `${sound.others.length} duplicate${sound.others.length > 1 ? "s" : ""}`;
        const fold = make("details", { ontoggle: () => {
          unfolded[fold.open ? "add" : "delete"](sound.key);
          if (fold.open && !inner.childElementCount) inner.append(...sound.others.map(other));
        } }, make("summary", {}, text), inner);
        fold.open = unfolded.has(sound.key);
        item.append(fold);
      }
      item.addEventListener("focusin", () => choose(sound));
      paint(item);
      return item;
    }

    function other(clip) {
      const item = make("li", { class: "clip other" }, ...clipParts(clip));
      item.clip = clip;
      paint(item);
      return item;
    }

    // Show the mark of a card, and whether it plays.
    function paint(item) {
      const mark = marks.get(item.clip.key) ?? "";
      item.dataset.mark = mark;
      item.classList.toggle("playing", playing?.key === item.clip.key);
      item.querySelectorAll(":scope > .marks > button").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.classList.contains(mark || "none")));
      });
    }

    function paintAll() {
      list.querySelectorAll(".clip").forEach(paint);
      strip.paint(marks, playing ?? current);
    }

    function choose(sound) {
      if (current === sound) return;
      current = sound;
      focusSong(sound);
    }

    function focusSong(clip) {
      if (!clip) return strip.clear();
      if (shownSong !== clip.song) {
        shownSong = clip.song;
        strip.show(clip.song, sounds);
      }
      strip.paint(marks, clip);
      strip.scrollTo(clip);
    }

    // Bring the card of a clip into view, from the spectrogram.
    function reveal(clip) {
      const sound = sounds.find((each) => each.key === clip.key || each.others.some((own) => own.key === clip.key));
      const place = chosen.indexOf(sound);
      toggle(clip);
      if (place < 0) return;
      if (place >= drawn) draw(place + BATCH);
      const item = list.children[place];
      item.scrollIntoView({ block: "nearest" });
      if (clip.key !== sound.key) item.querySelector("details").open = true;
      current = sound;
    }

    function toggle(clip) {
      if (playing?.key === clip.key) return stop();
      stop();
      const { song, region } = clip;
      playing = clip;
      stopAt = region.audio ? null : region.offset_s;
      player.src = region.audio || `${song.song}#t=${region.onset_s},${region.offset_s}`;
      player.play().catch((error) => {
        if (error.name !== "AbortError") {
          say(`${region.name || "The song"} cannot be played by this browser.`);
          stop();
        }
      });
      say("");
      paintAll();
      focusSong(clip);
      requestAnimationFrame(move);
    }

    function stop() {
      player.pause();
      playing = null;
      paintAll();
    }

    function move() {
      if (!playing) return;
      const { region } = playing;
      const begun = region.audio ? 0 : region.onset_s;
      if (stopAt !== null && player.currentTime >= stopAt) return stop();
      const share = Math.min(1, Math.max(0, (player.currentTime - begun) / (region.offset_s - region.onset_s)));
      list.querySelectorAll(".clip.playing > .wave > .head").forEach((head) => (head.style.insetInlineStart = `${100 * share}%`));
      strip.move(playing, share);
      requestAnimationFrame(move);
    }
    player.addEventListener("ended", stop);

    function setMark(clip, mark) {
      marks.set(clip, mark);
      say(mark === "accepted" && !clip.region.name ? "Accepted, but it has no file: a kit leaves it out." : "");
      paintAll();
      count();
    }

    function download() {
      marks.load();
      const text = JSON.stringify(model.choicesOf(data, marks), null, 1) + "\n";
      const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      make("a", { href: url, download: "choices.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    }

    function load(event) {
      const [file] = event.target.files;
      if (!file) return;
      file.text().then((text) => {
        const { marked, others } = model.marksIn(text, data);
        marked.forEach(([clip, mark]) => marks.set(clip, mark));
        say(`Choices loaded: ${marked.length}${others ? `; ${others} are of other clips` : ""}.`);
        paintAll();
        count();
      }).catch((error) => say(error.message));
      event.target.value = "";
    }

    // Move the focus by a number of sounds, and play.
    function step(by, plays) {
      const item = document.activeElement.closest?.(".clips > .clip");
      const here = item ? chosen.indexOf(item.clip) : -1;
      const place = Math.min(chosen.length - 1, Math.max(0, here < 0 ? 0 : here + by));
      if (place >= drawn) draw(place + BATCH);
      const next = list.children[place];
      if (!next?.clip) return;
      next.querySelector(".wave").focus();
      next.scrollIntoView({ block: "nearest" });
      if (plays && next !== item) toggle(next.clip);
    }

    function columns() {
      return getComputedStyle(list).gridTemplateColumns.split(" ").length;
    }

    function onKey(event) {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") return stop();
      if (target.closest("input:not([type=checkbox]), select, textarea")) return;
      const clip = target.closest(".clip")?.clip ?? current;
      const actions = {
        ArrowRight: () => step(1),
        ArrowLeft: () => step(-1),
        ArrowDown: () => step(columns()),
        ArrowUp: () => step(-columns()),
        j: () => step(1),
        k: () => step(-1),
        a: () => clip && (step(1, true), setMark(clip, "accepted")),
        r: () => clip && (step(1, true), setMark(clip, "rejected")),
        u: () => clip && setMark(clip, ""),
        d: () => target.closest(".clips > .clip")?.querySelector("details > summary")?.click(),
        "/": () => controls.search.focus(),
      };
      if (event.key === " " && !target.closest("button, summary, a, input")) actions[" "] = () => clip && toggle(clip);
      if (target.closest(".strip") && event.key.startsWith("Arrow")) return;
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }

    document.addEventListener("keydown", onKey);
    window.addEventListener("storage", (event) => {
      if (event.key !== model.STORE) return;
      marks.load();
      paintAll();
      count();
    });
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting) && drawn < chosen.length) draw();
    }, { rootMargin: "800px" }).observe(more);
    update(data);
    return { update, choices: () => model.choicesOf(data, marks) };
  }

  return { show };
})();
