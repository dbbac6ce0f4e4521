/* The strip that says since when the server has not answered; nothing else on the page disappears. */
(function () {
  "use strict";
  const CALM_MS = 15000, ANXIOUS_MS = 5000;
  let lastAnswer = Date.now(), lostAt = null, timer = null;

  function age(milliseconds) {
    const seconds = Math.round(milliseconds / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
  }
  function paint() {
    const strip = document.getElementById("connection");
    if (!strip) return;
    strip.hidden = lostAt === null;
    document.documentElement.toggleAttribute("data-offline", lostAt !== null);
    if (lostAt === null) return;
    const since = strip.querySelector(".connection-since"), old = strip.querySelector(".connection-age");
    const time = new Date(lostAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    since.textContent = since.dataset.since.replace("{time}", time);
    old.textContent = since.dataset.age.replace("{age}", age(Date.now() - lastAnswer));
  }
  async function ping() {
    clearTimeout(timer);
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      if (answer.status >= 502) throw new Error("gateway");
      lastAnswer = Date.now();
      lostAt = null;
    } catch {
      lostAt = lostAt ?? Date.now();
    }
    paint();
    timer = setTimeout(() => (document.hidden ? plan() : ping()), lostAt === null ? CALM_MS : ANXIOUS_MS);
  }
  function plan() { timer = setTimeout(() => (document.hidden ? plan() : ping()), CALM_MS); }

  /* The live stream brings news of the server by itself. */
  function heard() {
    lastAnswer = Date.now();
    if (lostAt === null) return;
    lostAt = null;
    paint();
  }

  window.addEventListener("offline", ping);
  window.addEventListener("online", ping);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ping(); });
  plan();
  window.barograph = Object.assign(window.barograph || {}, { ping, heard });
})();
