/* What the instruments send, as it arrives: one stream of events a page (GET /api/v1/stream).

   Everything else listens on window:
     barograph:feeds   every cell that has a channel: last values, age, state          (once a second)
     barograph:rows    new rows of the cell that was asked for by barograph.live.rows() (at most twice a second)
     barograph:cycles  {cell_id, revision}: results of a cell's cycles have changed
     barograph:late    {cell_id}: draw it anew from the store
     barograph:live    {connected}: data flow, or they do not

   A page that is not seen closes its stream: a browser opens only six connections to one server.  Where streams do not
   get through (a proxy holds them back), it asks once a second instead. */
(function () {
  "use strict";
  const ADDRESS = "/api/v1/stream";
  const SILENT_MS = 5000;      // nothing heard for so long: the connection is half open, or a proxy holds it back
  const HIDDEN_MS = 10000;     // a tab that is only left for a moment keeps its stream
  const POLL_MS = 1000;
  const STREAM_AGAIN_MS = 60000;
  const LONGEST_WAIT_MS = 10000;

  let source = null, mode = "closed", greeted = false, heardAt = 0, tries = 0;
  let timer = 0, pollTimer = 0, pollingSince = 0, hiddenAt = 0, stale = false;
  let asked = "", last = "", watched = null, build = null;
  let connected = false, feeds = null, interval = 1, questions = 0;
  const revisions = new Map();

  const tell = (name, detail) => window.dispatchEvent(new CustomEvent(`barograph:${name}`, { detail }));
  const cellOfPage = () => { const found = /^\/cells\/(\d+)\/?$/.exec(location.pathname); return found ? Number(found[1]) : null; };

  function query(withPosition) {
    const given = new URLSearchParams();
    const cell = cellOfPage();
    if (cell !== null) given.set("cells", cell);
    if (watched !== null && watched === cell) {
      given.set("rows", cell);
      if (withPosition && last) given.set("last", last);
    }
    return given.toString();
  }
  function setConnected(now) {
    if (now === connected) return;
    connected = now;
    tell("live", { connected });
  }

  /* A new build of the pages is loaded when nobody types, drags, or has a dialog open. */
  let touchedAt = 0, pressed = false;
  function busy() {
    return pressed || Date.now() - touchedAt < 5000 || location.pathname.startsWith("/import")
      || Boolean(document.querySelector("[role=dialog]"))
      || Boolean(document.activeElement && document.activeElement.matches("input, textarea, select") && document.activeElement.value);
  }
  function reloadGently() { if (stale && !busy()) { stale = false; location.reload(); } }

  function sawRevision(cell, revision) {
    const before = revisions.get(cell);
    revisions.set(cell, Math.max(revision, before ?? revision));
    if (before !== undefined && revision > before) tell("cycles", { cell_id: cell, revision });
  }
  const receive = {
    hello(data) {
      greeted = true;
      tries = 0;
      interval = data.interval_second;
      if (build !== null && data.build !== build) stale = true;
      build = data.build;
      setConnected(true);
      for (const [cell, revision] of Object.entries(data.cycles || {})) sawRevision(Number(cell), revision);
    },
    feeds(data) {
      feeds = data;
      feeds.heard = Date.now();
      setConnected(true);
      for (const cell of data.cells) sawRevision(cell.cell_id, cell.cycles_revision);
      tell("feeds", data);
    },
    rows(data) { tell("rows", data); },
    cycles(data) { sawRevision(data.cell_id, data.revision); },
    late(data) { tell("late", data); },
  };
  function heard(name, data, id) {
    heardAt = Date.now();
    if (id) last = id;
    if (window.barograph.heard) window.barograph.heard();
    receive[name](data);
  }

  function close() {
    if (source) source.close();
    source = null;
    clearTimeout(timer);
    clearTimeout(pollTimer);
    mode = "closed";
  }
  function open() {
    close();
    if (document.hidden && Date.now() - hiddenAt > HIDDEN_MS) return;
    asked = query(false);
    mode = "stream";
    greeted = false;
    heardAt = Date.now();
    const here = new EventSource(`${ADDRESS}?${query(true)}`);
    source = here;
    for (const name of Object.keys(receive)) {
      here.addEventListener(name, (event) => { if (source === here) heard(name, JSON.parse(event.data), event.lastEventId); });
    }
    here.addEventListener("error", () => { if (source === here) lost(); });
  }
  /* The first try after a break comes soon, later ones seldom; all pages of a laboratory must not come at once. */
  function lost() {
    const fresh = greeted;
    close();
    setConnected(false);
    if (window.barograph.ping) window.barograph.ping();
    const wait = Math.min(300 * 2 ** tries, LONGEST_WAIT_MS) * (0.5 + Math.random());
    tries += 1;
    timer = setTimeout(fresh ? open : () => poll(true), wait);
  }
  /* Ask instead of listening.  `probe`: the stream did not begin; if this is answered, the server is there and the
     stream is what does not get through. */
  async function poll(probe) {
    if (document.hidden && Date.now() - hiddenAt > HIDDEN_MS) { close(); return; }
    if (!probe && Date.now() - pollingSince > STREAM_AGAIN_MS) { open(); return; }
    const question = query(false), number = questions;
    try {
      const answer = await fetch(`${ADDRESS}/once?${query(true)}`, { cache: "no-store", signal: AbortSignal.timeout(SILENT_MS) });
      if (!answer.ok) throw new Error(String(answer.status));
      const { events, id } = await answer.json();
      if (mode === "stream") return;
      if (probe) pollingSince = Date.now();
      mode = "poll";
      if (question !== query(false) || number !== questions) {  // another one was put meanwhile
        pollTimer = setTimeout(() => poll(false), 0);
        return;
      }
      for (const { event, data } of events) heard(event, data, "");
      if (id) last = id;
      clearTimeout(pollTimer);
      pollTimer = setTimeout(() => poll(false), POLL_MS * (0.9 + 0.2 * Math.random()));
    } catch {
      if (mode === "stream") return;
      setConnected(false);
      mode = "closed";
      if (window.barograph.ping) window.barograph.ping();
      const wait = Math.min(300 * 2 ** tries, LONGEST_WAIT_MS) * (0.5 + Math.random());
      tries += 1;
      timer = setTimeout(open, wait);
    }
  }

  function look() {
    reloadGently();
    if (document.hidden) {
      if (mode !== "closed" && Date.now() - hiddenAt > HIDDEN_MS) { close(); setConnected(false); }
      return;
    }
    if (mode === "stream" && Date.now() - heardAt > SILENT_MS) lost();
    else if (asked !== query(false) && mode !== "closed") follow();
  }
  /* Another page, another question. */
  function follow() {
    if (watched !== null && watched !== cellOfPage()) { watched = null; last = ""; }
    const question = query(false);
    if (question === asked) return;
    if (mode === "poll") { asked = question; return; }
    open();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (mode === "closed") open();
  });
  document.addEventListener("pointerdown", () => { pressed = true; touchedAt = Date.now(); }, true);
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => { pressed = false; touchedAt = Date.now(); }, true);
  }
  document.addEventListener("keydown", () => { touchedAt = Date.now(); }, true);
  window.addEventListener("_dashprivate_pushstate", () => setTimeout(follow, 0));
  window.addEventListener("popstate", () => setTimeout(follow, 0));
  window.addEventListener("online", () => { tries = 0; if (mode === "closed" && !document.hidden) open(); });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  setInterval(look, 1000);
  setTimeout(open, 300);  // figures first: a Cell page asks for its rows as soon as it is drawn

  window.barograph = Object.assign(window.barograph || {}, {
    live: {
      /* Ask for the rows of a cell after these positions: "series:sequence:late revision, ..." as its figure says. */
      rows(cell, positions) {
        watched = cell;
        last = positions;
        questions += 1;
        if (mode === "poll") asked = query(false); else open();
      },
      watching: () => watched,
      pressed: () => pressed,
      connected: () => connected,
      position: () => last,
      feeds: () => feeds,
      interval: () => interval,
      mode: () => mode,
    },
  });
})();
