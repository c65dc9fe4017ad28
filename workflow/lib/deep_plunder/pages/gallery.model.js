"use strict";

// The gallery without its page: sounds, filters, marks, choices.
const galleryModel = (() => {
  const STORE = "deep-plunder marks";

  function clock(seconds) {
    const rest = (seconds % 60).toFixed(2).padStart(5, "0");
    const minutes = Math.floor(seconds / 60) % 60;
    const hours = Math.floor(seconds / 3600);
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  function keyOf(song, region) {
    return `${song.digest} ${region.onset_s} ${region.offset_s}`;
  }

  // A sound is a group of regions: the one that represents it, and its duplicates.
  function soundsOf(data) {
    const sounds = [];
    data.songs.forEach((song) => {
      const groups = new Map();
      song.regions.forEach((region, row) => {
        const clip = { song, region, row, key: keyOf(song, region) };
        if (!groups.has(region.group)) groups.set(region.group, []);
        groups.get(region.group).push(clip);
      });
      groups.forEach((clips) => {
        const rank = ({ region }) => (region.name ? 2 : 0) + (region.kept ? 1 : 0);
        const first = clips.reduce((best, clip) => (rank(clip) > rank(best) ? clip : best));
        const others = clips.filter((clip) => clip !== first);
        sounds.push({ ...first, others, text: textOf(first) });
      });
    });
    return sounds;
  }

  function textOf({ song, region }) {
    return `${region.name} ${song.name} ${region.class} ${region.note}`.toLowerCase();
  }

  const ORDERS = {
    score: ["Score", (a, b) => b.region.score - a.region.score],
    time: ["Song and time", () => 0],
    length: ["Length", (a, b) => lengthOf(b) - lengthOf(a)],
    loudness: ["Loudness", (a, b) => (b.region.loudness_lufs ?? -999) - (a.region.loudness_lufs ?? -999)],
    class: ["Class", (a, b) => a.region.class.localeCompare(b.region.class)],
    pitch: ["Pitch", (a, b) => pitchOf(a) - pitchOf(b)],
    repeats: ["Duplicates", (a, b) => b.others.length - a.others.length],
  };

  function lengthOf({ region }) {
    return region.offset_s - region.onset_s;
  }

  const NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

  function pitchOf({ region }) {
    const match = /^([A-G]#?)(-?\d+)$/.exec(region.note);
    if (!match) return Infinity;
    return NOTES.indexOf(match[1]) + 12 * Number(match[2]) + (region.cents ?? 0) / 100;
  }

  // Return the sounds that pass the filters, in order.
  function select(sounds, filters, marks) {
    const words = filters.search.toLowerCase().split(/\s+/).filter(Boolean);
    const least = Number(filters.score);
    const chosen = sounds.filter((sound) => {
      const { song, region } = sound;
      const own = [sound, ...sound.others].map((clip) => marks.get(clip.key));
      return (
        (region.name || filters.all) &&
        (!filters.song || song.name === filters.song) &&
        (!filters.class || region.class === filters.class) &&
        (!filters.note || (filters.note === "yes") === Boolean(region.note)) &&
        region.score >= least &&
        (!filters.mark || (filters.mark === "none" ? !own.some(Boolean) : own.includes(filters.mark))) &&
        words.every((word) => sound.text.includes(word))
      );
    });
    // Pitches are infinite without a note, and their difference is no number.
    const order = ORDERS[filters.order][1];
    return chosen.sort((a, b) => order(a, b) || 0);
  }

  // Marks by key: given by the page, or kept by the browser.
  function marksOf(options) {
    const given = options.marks !== undefined;
    let marks = new Map(Object.entries(options.marks ?? {}));
    let isKept = true;

    function load() {
      if (given) return;
      try {
        marks = new Map(Object.entries(JSON.parse(localStorage.getItem(STORE) ?? "{}")));
      } catch {
        isKept = false;
      }
    }

    function set(clip, mark) {
      load();
      if (mark) marks.set(clip.key, mark);
      else marks.delete(clip.key);
      if (!given) {
        try {
          localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(marks)));
        } catch {
          isKept = false;
        }
      }
      const { onset_s, offset_s } = clip.region;
      options.onMark?.({ digest: clip.song.digest, onset_s, offset_s, mark });
    }

    load();
    return { get: (key) => marks.get(key), set, load, isKept: () => isKept };
  }

  // The content of choices.json.
  function choicesOf(data, marks) {
    const songs = [];
    data.songs.forEach((song) => {
      const spans = { accepted: [], rejected: [] };
      song.regions.forEach((region) => {
        const mark = marks.get(keyOf(song, region));
        if (mark in spans) spans[mark].push({ onset_s: region.onset_s, offset_s: region.offset_s });
      });
      const { name, source, digest } = song;
      if (spans.accepted.length || spans.rejected.length) songs.push({ name, source, digest, ...spans });
    });
    return { format: "deep-plunder choices", version: 1, songs };
  }

  // Two spans are the same if their ends differ by at most this, as in corpus/choices.py.
  const SAME_S = 0.001;

  // Return the marks of a file of choices among these clips and the number of its other choices, or throw an error for
  // people.
  function marksIn(text, data) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      found = null;
    }
    if (found?.format !== "deep-plunder choices" || found.version !== 1 || !Array.isArray(found.songs)) {
      throw new Error("This file holds no choices of a gallery.");
    }
    const songs = new Map(data.songs.map((song) => [song.digest, song]));
    const isNear = (one, other) => Math.abs(one - other) <= SAME_S;
    const marked = [];
    let others = 0;
    found.songs.forEach(({ digest, ...spans }) => {
      const song = songs.get(digest);
      ["accepted", "rejected"].forEach((mark) => {
        (spans[mark] ?? []).forEach((span) => {
          const region = song?.regions.find((each) => isNear(each.onset_s, span.onset_s) && isNear(each.offset_s, span.offset_s));
          if (region) marked.push([{ song, region, key: keyOf(song, region) }, mark]);
          else others += 1;
        });
      });
    });
    if (!marked.length) throw new Error("This file holds no choices among these clips.");
    return { marked, others };
  }

  return { clock, soundsOf, select, marksOf, choicesOf, marksIn, lengthOf, ORDERS, STORE };
})();
