// The page of the app: uploads, the queue, and the gallery of the songs that are done.
(() => {
  const POLL_MS = 700;
  const ENDINGS = /\.(wav|wave|w64|rf64|aiff?|aifc|au|snd|caf|flac|og[ga]|opus|mp[23]|m4[abr]|mp4|mov|3gp|mk[av]|webm|avi|flv|aac|e?ac3|alac|amr|wma|wv|tta|ape|mpc|dsf)$/i;
  const ACTIONS = {
    waiting: [["cancel", "Cancel"]],
    running: [["cancel", "Cancel"]],
    done: [["remove", "Remove"]],
    failed: [["restart", "Try again"], ["remove", "Remove"]],
    cancelled: [["restart", "Try again"], ["remove", "Remove"]],
  };
  const at = (id) => document.getElementById(id);
  const songs = new Map(); // by id, in the order of the queue
  const rows = new Map(); // elements by id
  const found = new Map(); // what the gallery shows, by id
  const marked = new Map(); // marks by clip
  const uploads = [];
  let sending = null;
  let version = -1;
  let isLost = false;
  let mostBytes = Infinity;
  let shown = null;

  function complain(text) {
    at("notice").textContent = text;
  }

  async function ask(path, options = {}) {
    const answer = await fetch(path, { cache: "no-store", ...options });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body;
  }

  const tell = (path, body) =>
    ask(path, { method: "POST", body: body === undefined ? undefined : JSON.stringify(body) });

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  }

  // Uploads: one after the other, so that the first song begins soon.

  function add(files) {
    const audio = files.filter((file) => ENDINGS.test(file.name) && !file.name.startsWith("."));
    const large = audio.filter((file) => file.size > mostBytes);
    const left = files.length - audio.length;
    complain([
      ...large.map((file) => `${file.name} is larger than ${Math.floor(mostBytes / 1e6)} MB`),
      ...(left ? [`${left} of ${files.length} files left out: not audio`] : []),
    ].join("\n"));
    uploads.push(...audio.filter((file) => file.size <= mostBytes));
    send();
  }

  function send() {
    if (sending || !uploads.length) return;
    const file = uploads.shift();
    const request = new XMLHttpRequest();
    sending = { name: file.name, share: 0 };
    request.open("POST", `api/songs?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      sending.share = event.loaded / event.total;
      summarize();
    };
    request.onloadend = () => {
      if (request.status !== 201) {
        let reason = "the upload was interrupted";
        try {
          reason = JSON.parse(request.responseText).error;
        } catch {}
        complain(`${file.name}: ${reason}`);
      }
      sending = null;
      summarize();
      poll();
      send();
    };
    request.send(file);
    summarize();
  }

  // Return the files of a dropped entry; a folder has those in it and in its folders.
  async function filesOf(entry) {
    if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
    const reader = entry.createReader();
    const files = [];
    for (;;) {
      const entries = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!entries.length) return files;
      for (const inner of entries) files.push(...(await filesOf(inner)));
    }
  }

  async function dropped(event) {
    event.preventDefault();
    at("drop").classList.remove("over");
    // Entries are gone after the first wait.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const files = [];
    for (const entry of entries) files.push(...(await filesOf(entry)));
    add(files);
  }

  // The queue.

  function row(song) {
    const title = make("span", { class: "title" });
    const state = make("span", { class: "state" });
    const bar = make("progress", { max: 1, value: 0, "aria-label": `Progress of ${song.title}` });
    const actions = make("span", { class: "actions" });
    const reason = make("span", { class: "reason" });
    const element = make("li", { "data-id": song.id }, title, state, bar, actions, reason);
    title.textContent = song.title;
    return { element, state, bar, actions, reason, drawn: "" };
  }

  function draw(song) {
    if (!rows.has(song.id)) rows.set(song.id, row(song));
    const parts = rows.get(song.id);
    // Once the network has heard the song, nobody knows how long its clips take.
    if (song.share < 1) parts.bar.value = song.share;
    else parts.bar.removeAttribute("value");
    parts.bar.hidden = song.state !== "running";
    // Buttons keep the focus while the song goes on.
    if (parts.drawn === song.state) return;
    parts.drawn = parts.element.dataset.state = song.state;
    parts.state.textContent = song.state;
    parts.reason.textContent = song.reason;
    parts.reason.hidden = !song.reason;
    parts.actions.replaceChildren(...ACTIONS[song.state].map(([action, text]) => {
      const button = make("button", { type: "button", "aria-label": `${text} ${song.title}` }, text);
      button.addEventListener("click", async () => {
        await tell(`api/songs/${song.id}/${action}`).catch((error) => complain(error.message));
        poll();
      });
      return button;
    }));
  }

  function summarize() {
    const count = (state) => [...songs.values()].filter((song) => song.state === state).length;
    const parts = [
      sending && `sending ${sending.name}, ${Math.round(100 * sending.share)} %${uploads.length ? `, ${uploads.length} more` : ""}`,
      ...["running", "waiting", "done", "failed", "cancelled"].map((state) => count(state) && `${count(state)} ${state}`),
    ].filter(Boolean);
    at("summary").textContent = parts.join(" · ");
    at("kits").hidden = !found.size;
    // A link without an address takes no click and no key.
    const kit = at("kit-accepted");
    const here = new Set([...found.values()].map((song) => song.digest));
    if ([...marked].some(([clip, mark]) => mark === "accepted" && here.has(clip.split(" ")[0]))) {
      kit.href = "kit.zip?clips=accepted";
      kit.removeAttribute("aria-disabled");
    } else {
      kit.removeAttribute("href");
      kit.setAttribute("aria-disabled", "true");
    }
  }

  async function refresh() {
    const done = [...songs.values()].filter((song) => song.state === "done");
    const gone = [...found.keys()].filter((id) => songs.get(id)?.state !== "done");
    const fresh = done.filter((song) => !found.has(song.id));
    if (!gone.length && !fresh.length) return;
    gone.forEach((id) => found.delete(id));
    for (const song of fresh) {
      // One that was removed meanwhile goes with the next state.
      const data = await ask(`api/songs/${song.id}`).catch(() => null);
      if (data) found.set(song.id, data);
    }
    const data = { title: "Clips", songs: done.map((song) => found.get(song.id)).filter(Boolean) };
    at("gallery").hidden = !data.songs.length;
    if (shown) shown.update(data);
    else if (data.songs.length) shown = gallery.show(at("gallery"), data, { marks: Object.fromEntries(marked), onMark });
  }

  async function onMark({ digest, onset_s, offset_s, mark }) {
    marked.set(`${digest} ${onset_s} ${offset_s}`, mark);
    summarize();
    await tell("api/marks", { digest, onset_s, offset_s, mark }).catch((error) => complain(`The choice is not kept: ${error.message}`));
  }

  let polling = null;
  function poll() {
    polling ??= look().finally(() => (polling = null));
    return polling;
  }

  async function look() {
    let state;
    try {
      state = await ask(`api/state?since=${version}`);
    } catch (error) {
      complain(`The app does not answer: ${error.message}`);
      isLost = true;
      version = -1;
      return;
    }
    if (isLost) complain("");
    isLost = false;
    ({ version } = state);
    mostBytes = state.most_bytes;
    state.songs.forEach((song) => songs.set(song.id, song));
    [...songs.keys()].filter((id) => !state.ids.includes(id)).forEach((id) => {
      songs.delete(id);
      rows.get(id)?.element.remove();
      rows.delete(id);
    });
    state.songs.filter((song) => songs.has(song.id)).forEach((song) => {
      draw(song);
      const { element } = rows.get(song.id);
      if (!element.isConnected) at("songs").append(element);
    });
    await refresh();
    summarize();
  }

  async function start() {
    at("files").addEventListener("change", (event) => {
      add([...event.target.files]);
      event.target.value = "";
    });
    at("folder").addEventListener("change", (event) => {
      add([...event.target.files]);
      event.target.value = "";
    });
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      at("drop").classList.add("over");
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget || at("drop").classList.remove("over"));
    document.addEventListener("drop", dropped);
    // What is not sent yet would be lost.
    window.addEventListener("beforeunload", (event) => {
      if (sending || uploads.length) event.preventDefault();
    });
    const { marks } = await ask("api/marks");
    marks.forEach(({ digest, onset_s, offset_s, mark }) => marked.set(`${digest} ${onset_s} ${offset_s}`, mark));
    await poll();
    setInterval(poll, POLL_MS);
  }

  start().catch((error) => complain(error.message));
})();
