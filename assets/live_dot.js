/* The dot at the end of the top bar: green only while rows flow, else for how long they have not. */
(function () {
  "use strict";
  const QUIET_MS = 3000, MINUTE_MS = 60000;
  const cellOfPage = () => { const found = /^\/cells\/(\d+)\/?$/.exec(location.pathname); return found ? Number(found[1]) : null; };
  let announcedAt = 0, silent = false;

  function age(seconds) {
    if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
    if (seconds < 60) return `${Math.round(seconds)} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
  }
  /* Of one cell on its page, of the whole laboratory elsewhere: live if any feed is; ended ones, and cells that are
     over though their instrument still sends, say nothing. */
  function verdict(feeds) {
    const cell = cellOfPage();
    const cells = feeds.cells.filter((one) => (cell === null || (one.cell_id === cell && one.state === "running")) && one.status !== "ended" && one.status !== "unknown");
    if (!cells.length) return null;
    const since = (Date.now() - feeds.heard) / 1000;
    const live = cells.filter((one) => one.status === "live");
    const late = cells.filter((one) => one.status === "late");
    const shown = live.length ? live : late.length ? late : cells;
    const level = live.length ? "live" : late.length ? "late" : "stale";
    const quiet = cells.flatMap((one) => one.channels.filter((channel) => channel.status === "stale").map((channel) => channel.name));
    return { level, seconds: Math.min(...shown.map((one) => one.age_second)) + since, quiet, names: shown.map((one) => one.name) };
  }
  function paint() {
    const dot = document.querySelector("[data-live-dot]");
    if (!dot) return;
    const feeds = window.barograph.live.feeds();
    const found = feeds && verdict(feeds);
    if (!found) { if (!dot.hidden) dot.hidden = true; return; }
    const words = JSON.parse(dot.dataset.liveDot);
    const lost = !window.barograph.live.connected() || Date.now() - feeds.heard > QUIET_MS;
    const level = lost ? "lost" : found.level;
    const text = words[level].replace("{age}", age(found.seconds));
    if (dot.dataset.level !== level) {
      dot.dataset.level = level;
      const mark = document.createElement("i");
      mark.className = level === "stale" ? "ic" : "live-mark";
      if (level === "stale") { mark.style.setProperty("--i", "url(/assets/icons/plug.svg)"); mark.style.setProperty("--s", "14px"); }
      const pill = document.createElement("span");
      pill.className = "live-pill";
      pill.append(mark, document.createElement("span"));
      dot.replaceChildren(pill);
    }
    dot.hidden = false;
    dot.firstChild.lastChild.textContent = text;
    dot.title = level === "stale" ? words.staleTitle.replace("{channels}", found.quiet.join(", ")) : words.liveTitle;
    announce(level, found);
  }
  function announce(level, found) {
    const place = document.getElementById("live-announcer");
    const now = level === "stale";
    if (!place || level === "lost" || now === silent || Date.now() - announcedAt < MINUTE_MS) return;
    const words = JSON.parse(place.dataset.liveWords);
    if (now || silent) {
      place.textContent = (now ? words.stale : words.live).replace("{names}", found.names.join(", ")).replace("{age}", age(found.seconds));
      announcedAt = Date.now();
    }
    silent = now;
  }
  /* Where instruments send, the dot's room is kept on every page, before it is known what it says. */
  const ROOM_KEY = "barograph-feeds";
  function keepRoom() {
    const feeds = window.barograph.live.feeds();
    const kept = feeds ? feeds.cells.length > 0 : sessionStorage.getItem(ROOM_KEY) === "1";
    document.documentElement.toggleAttribute("data-feeds", kept);
    if (feeds) sessionStorage.setItem(ROOM_KEY, kept ? "1" : "0");
  }
  window.addEventListener("barograph:feeds", () => { keepRoom(); paint(); });
  window.addEventListener("barograph:live", paint);
  setInterval(paint, 1000);
  keepRoom();
  window.barograph = Object.assign(window.barograph || {}, { age_words: age });
})();
