// The spectrogram of a song, with its regions below it.
function galleryStrip(make, onClip) {
  const SCALES = [0, 10, 20, 40, 80, 160];
  const STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];
  const TICK_PX = 70;
  const title = make("h2");
  const links = make("span", { class: "links" });
  const picture = make("img", { alt: "", draggable: "false" });
  const span = make("div", { class: "span" });
  const lane = make("div", { class: "lane" });
  const ticks = make("div", { class: "ticks", "aria-hidden": "true" });
  const time = make("div", { class: "time" }, picture, span, lane, ticks);
  const strip = make("div", { class: "strip", tabindex: 0, role: "group" }, time);
  const zoom = (by, text, sign) =>
    make("button", { type: "button", "aria-label": text, title: text, onclick: () => rescale(by) }, sign);
  const element = make("section", { class: "song" },
    make("div", { class: "title" }, title, links,
      make("span", { class: "zoom", role: "group", "aria-label": "Scale of time" }, zoom(-1, "Longer span", "−"), zoom(1, "Shorter span", "+"))),
    strip);
  let song = null;
  let scale = 2;
  let marked = null;
  let blocks = new Map();

  function rescale(by) {
    scale = Math.min(SCALES.length - 1, Math.max(0, scale + by));
    const middle = (strip.scrollLeft + strip.clientWidth / 2) / time.offsetWidth;
    size();
    strip.scrollLeft = middle * time.offsetWidth - strip.clientWidth / 2;
  }

  function size() {
    const width = Math.max(strip.clientWidth, song.seconds * SCALES[scale]);
    time.style.width = SCALES[scale] ? `max(100%, ${song.seconds * SCALES[scale]}px)` : "100%";
    const step = STEPS.find((each) => (each / song.seconds) * width >= TICK_PX) ?? 3600;
    const count = Math.floor(song.seconds / step) + 1;
    ticks.replaceChildren(...Array.from({ length: Math.min(count, 2000) }, (_, number) =>
      make("span", { style: `left:${(100 * number * step) / song.seconds}%` }, galleryModel.clock(number * step).replace(/\.00$/, ""))));
  }

  function share(seconds) {
    return `${(100 * seconds) / song.seconds}%`;
  }

  function show(next, sounds) {
    song = next;
    element.hidden = false;
    title.textContent = song.name;
    links.replaceChildren(...[
      song.song && make("a", { href: song.song, target: "_blank", rel: "noopener" }, "the song"),
      song.page && make("a", { href: song.page }, "its page"),
    ].filter(Boolean));
    strip.setAttribute("aria-label", `Spectrogram of ${song.name} with its regions`);
    picture.hidden = !song.spectrogram;
    if (song.spectrogram) picture.src = song.spectrogram;
    strip.classList.toggle("bare", !song.spectrogram);
    blocks = new Map();
    const own = sounds.filter((sound) => sound.song === song);
    lane.replaceChildren(...own.flatMap((sound) => [sound, ...sound.others]).map((clip) => {
      const { region } = clip;
      const at = galleryModel.clock(region.onset_s);
      const block = make("button", {
        type: "button", tabindex: -1, title: `${at} ${region.class} ${region.note}`.trim(),
        "aria-label": `Play ${region.class} at ${at}`, class: region.name ? "" : "other",
        style: `left:${share(region.onset_s)};width:${share(region.offset_s - region.onset_s)}`,
        onclick: () => onClip(clip),
      });
      block.clip = clip;
      blocks.set(clip.key, block);
      return block;
    }));
    size();
  }

  // Show the marks of all regions, and one region as the current one.
  function paint(marks, clip) {
    blocks.forEach((block, key) => (block.dataset.mark = marks.get(key) ?? ""));
    if (marked) marked.classList.remove("current");
    marked = clip && blocks.get(clip.key);
    span.hidden = !marked;
    if (!marked) return;
    marked.classList.add("current");
    span.style.left = marked.style.left;
    span.style.width = marked.style.width;
    span.style.setProperty("--share", 0);
  }

  function scrollTo(clip) {
    const centre = ((clip.region.onset_s + clip.region.offset_s) / 2 / song.seconds) * time.offsetWidth;
    strip.scrollTo({ left: centre - strip.clientWidth / 2 });
  }

  function move(clip, part) {
    if (clip.song === song) span.style.setProperty("--share", part);
  }

  function clear() {
    song = null;
    element.hidden = true;
  }

  new ResizeObserver(() => song && size()).observe(strip);
  return { element, show, paint, scrollTo, move, clear };
}
