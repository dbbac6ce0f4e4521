/* The wall: every cell that runs or has a channel, those that need a look first, on a screen that nobody touches for weeks.
   Stored results come from /api/v1/wall, what is live from the events of assets/live.js; all nodes are made once and used again. */
(function () {
  "use strict";
  const ORDER = ["failed", "stale", "falling", "running", "waiting", "quiet", "ended"];
  const TROUBLE = new Set(["failed", "stale", "falling"]);
  const TURN_S = 20, LEAST_TURN_S = 2;
  const MISSED = 3, LEAST_PATIENCE_S = 3;  // updates that may fail to come, and the shortest time that counts as so many
  const STORED_EVERY_MS = 60000, STORED_LEAST_MS = 5000, ANSWER_MS = 4000, PATIENT_MS = 20000, IDLE_MS = 3000, SPOKEN_EVERY_MS = 60000;
  const names = new Intl.Collator(undefined, { numeric: true });
  const { make, update, swatch, age, text, element } = window.barograph.tiles;

  let root = null, words = {}, timer = null, tiles = [];
  let stored = { cells: [], cycles: 60 }, asked = 0, wanted = true, asking = false, loaded = false;
  let live = new Map(), heardAt = Date.now(), interval = 1, tickedAt = Date.now(), answers = true;
  let turned = { by: 0, pausedAt: null }, spokenAt = 0, movedAt = 0, plates = "";

  /* What is the case with a cell, and since when: the words a person acts on. */
  function judge(cell) {
    const feed = live.get(cell.cell_id);
    const seconds = feed && typeof feed.age_second === "number" ? feed.age_second + (Date.now() - heardAt) / 1000 : null;
    const said = (level, word) => ({ level, word, age: seconds });
    if (cell.state === "failed") return said("failed", cell.cause ? fill(words.tile_because, { word: words.tile_failed, cause: cell.cause }) : words.tile_failed);
    if (cell.state !== "running") return said("ended", cell.cause ? fill(words.tile_because, { word: words.tile_ended, cause: cell.cause }) : words.tile_ended);
    if (feed && feed.status === "stale") return said("stale", silence(cell, feed, seconds));
    if (cell.is_falling) return said("falling", fill(words.tile_falling, { slope: cell.slope_percent_per_cycle.toFixed(1).replace("-", "\u2212") }));
    if (!feed && !cell.channels.length) return said("quiet", words.tile_not_live);
    if (!feed) return live.size ? said("waiting", words.tile_waiting) : said("running", words.tile_running);
    if (feed.status === "unknown") return said("waiting", words.tile_waiting);
    return said("running", words.steps[feed.step] || words.tile_running);
  }
  /* Which instrument is silent, where another one of the same cell is not. */
  function silence(cell, feed, seconds) {
    const channels = feed.channels || [];
    const silent = channels.filter((channel) => channel.status === "stale");
    const source = silent.length === 1 && channels.length > 1 && (cell.channels.find((one) => one.name === silent[0].name) || {}).source;
    const since = silent.length ? Math.max(...silent.map((channel) => channel.age_second || 0)) + (Date.now() - heardAt) / 1000 : seconds;
    return fill((source && words.tile_no_source[source]) || words.tile_no_row, { age: age(since) });
  }
  /* The one function that ranks: the least comes first. By risk, once cells have one. */
  function rank(a, b) {
    return ORDER.indexOf(a.judged.level) - ORDER.indexOf(b.judged.level)
      || (a.judged.level === "falling" ? a.stored.slope_percent_per_cycle - b.stored.slope_percent_per_cycle : 0)
      || names.compare(a.stored.name, b.stored.name) || a.stored.cell_id - b.stored.cell_id;
  }
  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
  }
  function counted([one, many], n) {
    return n === 1 ? one : fill(many, { n });
  }

  /* Columns and rows of the grid: few cells get large tiles, at most 6 x 4 of them, 3 x 8 on an upright screen. */
  function shape(count) {
    const upright = window.innerHeight > window.innerWidth;
    const [most, deep] = upright ? [3, 8] : [6, 4];
    const aspect = window.innerWidth / window.innerHeight;
    let best = [most, deep], least = Infinity;
    for (let columns = 1; columns <= most; columns += 1) {
      const rows = Math.ceil(Math.min(count, most * deep) / columns);
      if (rows > deep) continue;
      const cost = Math.abs(Math.log(aspect * rows / columns / 1.35)) + 0.6 * (columns * rows - Math.min(count, most * deep)) / (columns * rows);
      if (cost < least) [best, least] = [[columns, rows], cost];
    }
    return best;
  }
  /* What is seen now: those in trouble on every page (on at most half of it), the others in turn. */
  function pageOf(cells, room) {
    if (cells.length <= room) return { shown: cells, page: 1, pages: 1 };
    const pinned = cells.filter((cell) => TROUBLE.has(cell.judged.level)).slice(0, Math.floor(room / 2));
    const others = cells.slice(pinned.length), slots = room - pinned.length;
    const pages = Math.ceil(others.length / slots);
    const at = ((Math.floor((turned.pausedAt ?? Date.now()) / turnMs()) + turned.by) % pages + pages) % pages;
    return { shown: [...pinned, ...others.slice(at * slots, (at + 1) * slots)], page: at + 1, pages };
  }
  function turnMs() {
    const asked = Number(new URLSearchParams(location.search).get("turn"));
    return 1000 * (asked >= LEAST_TURN_S ? asked : TURN_S);
  }

  function paint() {
    if (!root || !root.isConnected) return;
    const cells = stored.cells.map((one) => ({ stored: one, live: live.get(one.cell_id), judged: judge(one) })).sort(rank);
    const [columns, rows] = shape(cells.length);
    const { shown, page, pages } = pageOf(cells, columns * rows);
    const list = document.getElementById("wall-tiles");
    list.style.setProperty("--columns", columns);
    list.style.setProperty("--rows", rows);
    const tall = window.innerHeight / window.innerWidth * 16 / 9;
    list.style.setProperty("--k", Math.min(6 / columns, 4.4 / rows * tall, 3.4).toFixed(2));
    while (tiles.length < shown.length) tiles.push(make());
    shown.forEach((cell, at) => {
      if (!tiles[at].tile.isConnected) list.append(tiles[at].tile);
      update(tiles[at], cell, stored.cycles, words);
    });
    for (const spare of tiles.splice(shown.length)) spare.tile.remove();
    list.hidden = !cells.length;
    document.getElementById("wall-empty").hidden = cells.length > 0 || !loaded;
    paintBar(cells, page, pages);
  }
  function paintBar(cells, page, pages) {
    const count = (level) => cells.filter((cell) => cell.judged.level === level).length;
    const counts = { running: count("running") + count("waiting") + count("quiet") + count("falling"), ended: count("ended") };
    const calm = Object.entries(counts).filter(([, n]) => n).map(([name, n]) => counted(words[name], n)).join(", ");
    const alarms = ["failed", "falling", "stale"].filter(count).map((name) => counted(words[name], count(name))).join(", ");
    const sentence = alarms || (cells.length ? fill(words.calm, { counts: calm }) : words.nothing);
    const part = (name) => root.querySelector(`.wall-${name}`);
    if (loaded) text(part("sentence"), sentence);
    text(part("page"), pages > 1 ? fill(words.page, { page, pages }) : "");
    part("controls").classList.toggle("wall-controls-pages", pages > 1);
    const now = new Date();
    text(part("clock"), now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }));
    text(part("date"), now.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" }));
    paintLegend(cells);
    paintConnection();
    if (loaded && Date.now() - spokenAt >= SPOKEN_EVERY_MS) {
      spokenAt = Date.now();
      text(document.getElementById("wall-spoken"), sentence);
    }
  }
  function paintLegend(cells) {
    const marks = new Map(cells.map((cell) => [cell.stored.plating.label, cell.stored.plating]));
    const print = JSON.stringify([...marks, cells.map((cell) => cell.stored.synthetic)]);
    if (print === plates) return;
    plates = print;
    const list = root.querySelector(".wall-legend");
    list.replaceChildren();
    for (const mark of [...marks.values()].sort((a, b) => names.compare(a.token, b.token))) {
      const row = element("li", "swatch-word", list);
      swatch(mark, row);
      element("span", "", row).textContent = mark.label;
    }
    const simulated = cells.filter((cell) => cell.stored.synthetic).length;
    if (simulated) element("li", "", list).textContent = simulated === cells.length ? words.all_synthetic : fill(words.some_synthetic, { n: simulated });
  }

  /* The connection: three updates that did not come, or an answer that did not. */
  function silentMs() {
    return Date.now() - heardAt;
  }
  function isLost() {
    const patience = 1000 * Math.max((MISSED + 1) * interval, LEAST_PATIENCE_S);
    return silentMs() > patience && (!answers || stored.cells.some((cell) => cell.channels.length));
  }
  function paintConnection() {
    const lost = isLost(), line = root.querySelector(".wall-lost");
    root.toggleAttribute("data-lost", lost);
    line.hidden = !lost;
    root.querySelector(".wall-sentence").toggleAttribute("data-behind", lost);
    text(root.querySelector(".wall-live"), lost ? "" : fill(words.live, { age: age(silentMs() / 1000) }));
    if (!lost) return;
    const time = new Date(heardAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    text(line, `${fill(answers ? words.no_values : words.no_connection, { time })} ${fill(words.old, { age: age(Math.floor(silentMs() / 1000)) })}`);
  }

  /* The stored results: once a minute, soon after a cycle has ended, and as a probe while nothing is heard. */
  async function load() {
    if (asking) return;
    asking = true;
    asked = Date.now();
    wanted = false;
    try {
      const answer = await fetch("/api/v1/wall", { cache: "no-store", signal: AbortSignal.timeout(silentMs() > ANSWER_MS ? ANSWER_MS : PATIENT_MS) });
      if (!answer.ok) throw new Error(String(answer.status));
      stored = await answer.json();
      if (!answers) window.dispatchEvent(new Event("online"));  // the stream need not wait out its pause
      answers = loaded = true;
      if (!stored.cells.some((cell) => cell.channels.length)) heardAt = Date.now();  // nothing is live: this is the sign of life
    } catch {
      answers = false;
      wanted = true;
    }
    asking = false;
    paint();
  }
  function hear(event) {
    heardAt = Date.now();
    answers = true;
    interval = window.barograph.live.interval();
    live = new Map((event.detail.cells || []).map((cell) => [cell.cell_id, cell]));
    if ([...live.keys()].some((id) => !stored.cells.some((cell) => cell.cell_id === id))) wanted = true;
    paint();
  }

  /* Once a second; a longer pause means that the machine slept. */
  function tick() {
    if (!root || !root.isConnected) return leave();
    const woke = Date.now() - tickedAt > 10000, quiet = silentMs() > 1000 * Math.max((MISSED + 1) * interval, LEAST_PATIENCE_S);
    tickedAt = Date.now();
    if (quiet && asking && tickedAt - asked > ANSWER_MS) answers = false;  // a question that hangs is no answer
    const due = woke || tickedAt - asked > STORED_EVERY_MS || ((wanted || quiet) && tickedAt - asked > STORED_LEAST_MS);
    if (due) load();
    root.toggleAttribute("data-idle", tickedAt - movedAt > IDLE_MS);
    paint();
    return undefined;
  }
  function arrive() {
    root = document.getElementById("wall");
    if (!root || timer) return;
    words = JSON.parse(root.dataset.words);
    tiles = [];
    plates = "";
    tickedAt = heardAt = Date.now();
    timer = setInterval(tick, 1000);
    load();
  }
  function leave() {
    clearInterval(timer);
    timer = root = null;
  }

  const actions = {
    previous() { turned.by -= 1; },
    next() { turned.by += 1; },
    pause(button) {
      const paused = turned.pausedAt === null;
      turned.pausedAt = paused ? Date.now() : null;
      button.setAttribute("aria-label", paused ? words.go_on : words.pause);
      button.title = paused ? words.go_on : words.pause;
      button.setAttribute("aria-pressed", String(paused));
    },
    full() {
      if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => { /* the browser forbids it */ });
    },
    leave() { window.barograph.go("/"); },
  };
  document.addEventListener("click", (event) => {
    const button = root && event.target.closest("button[data-wall]");
    if (!button) return;
    actions[button.dataset.wall](button);
    paint();
  });
  document.addEventListener("keydown", (event) => {
    if (!root || !root.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !document.fullscreenElement && !event.target.closest("[role=dialog]")) actions.leave();
  });
  document.addEventListener("pointermove", () => {
    movedAt = Date.now();
    if (root) root.removeAttribute("data-idle");
  }, { passive: true });
  window.addEventListener("barograph:feeds", hear);
  for (const name of ["barograph:cycles", "barograph:late", "barograph:live", "online", "pageshow"]) window.addEventListener(name, () => { wanted = true; });

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    wall: { arrive() { arrive(); return Date.now(); } },
  });
})();
