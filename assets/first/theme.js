/* The theme, chosen before the first paint: "system", "light" or "dark", remembered in this browser.
   Loaded in the head by the page itself and once more by Dash with the other scripts; the second time does nothing. */
(function () {
  "use strict";
  if (window.barographTheme) return;
  const KEY = "barograph-theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const CHOICES = ["system", "light", "dark"];

  function choice() {
    try {
      const kept = localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : "system";
    } catch { return "system"; }
  }
  function onWall() {
    return location.pathname.replace(/\/$/, "") === "/wall";
  }
  /* The wall is dark, for a room in which people work at other screens, unless its address says otherwise. */
  function ofPage() {
    if (!onWall()) return null;
    const said = new URLSearchParams(location.search).get("theme");
    return CHOICES.includes(said) ? said : "dark";
  }
  function resolved() {
    const wanted = ofPage() || choice();
    return wanted === "system" ? (dark.matches ? "dark" : "light") : wanted;
  }
  function keep(value) {
    try { localStorage.setItem(KEY, value); } catch { /* a browser without storage forgets, and works */ }
  }
  function paint() {
    document.documentElement.setAttribute("data-mantine-color-scheme", resolved());
    document.documentElement.toggleAttribute("data-wall", onWall());  // no frame around it, from the first paint on
  }
  function next() {
    return CHOICES[(CHOICES.indexOf(choice()) + 1) % CHOICES.length];
  }
  window.barographTheme = { choice, resolved, keep, paint, next, dark };
  paint();
})();
