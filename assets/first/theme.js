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
  function resolved() {
    return choice() === "system" ? (dark.matches ? "dark" : "light") : choice();
  }
  function keep(value) {
    try { localStorage.setItem(KEY, value); } catch { /* a browser without storage forgets, and works */ }
  }
  function paint() {
    document.documentElement.setAttribute("data-mantine-color-scheme", resolved());
  }
  function next() {
    return CHOICES[(CHOICES.indexOf(choice()) + 1) % CHOICES.length];
  }
  window.barographTheme = { choice, resolved, keep, paint, next, dark };
  paint();
})();
