/* The frame: theme of the interface and of every plot, links, side bar, where the reader is. */
(function () {
  "use strict";
  const theme = window.barographTheme;
  const RAIL_KEY = "barograph-rail";
  const ICONS = { system: "system", light: "sun", dark: "moon" };

  /* Every colour of a figure is a token, so another theme is a walk that replaces each by its counterpart. */
  function replacer(pairs, to) {
    const table = new Map();
    const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(",");
    for (const [light, dark] of pairs) {
      const [old, fresh] = to === "dark" ? [light, dark] : [dark, light];
      if (!table.has(old.toLowerCase())) table.set(old.toLowerCase(), fresh);
      if (!table.has(channels(old))) table.set(channels(old), channels(fresh));
    }
    return (text) => {
      const hex = table.get(text.toLowerCase());
      if (hex) return hex;
      const parts = /^rgba?\(\s*(\d+),\s*(\d+),\s*(\d+)(.*)$/.exec(text);
      const rgb = parts && table.get(parts.slice(1, 4).join(","));
      return rgb ? `rgba(${rgb}${parts[4]}` : text;
    };
  }
  function walk(value, replace) {
    if (typeof value === "string") return /^(#|rgb)/.test(value) ? replace(value) : value;
    if (Array.isArray(value)) {
      return typeof value[0] === "number" ? value : value.map((item) => walk(item, replace));
    }
    if (value && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, replace)]));
    }
    return value;
  }
  function repaintPlots(pairs, to) {
    const replace = replacer(pairs, to);
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      window.Plotly.react(plot, walk(plot.data, replace), walk(plot.layout, replace));
    }
  }

  function paintButton() {
    const button = document.querySelector("[data-frame=theme]");
    if (!button) return;
    const chosen = theme.choice();
    const words = JSON.parse(button.dataset.words || "{}");
    button.querySelector(".ic").style.setProperty("--i", `url(/assets/icons/${ICONS[chosen]}.svg)`);
    button.querySelector(".label").textContent = words[chosen] || chosen;
    button.title = `${words[chosen] || chosen}: ${button.dataset.hint || ""}`;
  }

  /* Dash knows where a new address leads when it hears of it in its own way. */
  function go(address) {
    if (address === location.pathname + location.search) return;
    history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }
  function onLink(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (/^\/(api|assets|healthz)(\/|$)/.test(link.pathname)) return;
    if (link.pathname === location.pathname && link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  }

  function railByChoice() {
    try { return localStorage.getItem(RAIL_KEY) === "1"; } catch { return false; }
  }
  function paintRail() {
    document.documentElement.toggleAttribute("data-rail", railByChoice());
  }
  const actions = {
    theme() {
      theme.keep(theme.next());
      window.dash_clientside.set_props("theme-choice", { data: theme.choice() });
    },
    keys() { window.dash_clientside.set_props("keys-dialog", { opened: true }); },
    sidebar() {
      try { localStorage.setItem(RAIL_KEY, railByChoice() ? "0" : "1"); } catch { return; }
      paintRail();
    },
    retry() { window.barograph.ping(); },
  };
  function onButton(event) {
    const button = event.target.closest("[data-frame]");
    if (button) actions[button.dataset.frame]();
    /* Dash hears no callback from inside a toast, so its Undo is told here. */
    const undo = event.target.closest("[data-undo]");
    if (undo) {
      undo.disabled = true;
      window.dash_clientside.set_props("undo", { data: { changes: undo.dataset.undo, at: Date.now() } });
    }
  }
  /* A menu made of details closes when the reader turns to something else. */
  function closeMenus(event) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || event.target.closest("button, a")) menu.removeAttribute("open");
    }
  }

  function whereIAm(pathname) {
    for (const row of document.querySelectorAll("#navigation .nav-row")) {
      const path = row.dataset.under || new URL(row.href).pathname;
      const here = path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`);
      if (here) row.setAttribute("aria-current", "page"); else row.removeAttribute("aria-current");
    }
    named.disconnect();
    const heading = document.querySelector("h1");
    if (heading) named.observe(heading, { childList: true, characterData: true, subtree: true });
    nameTab();
  }
  /* The browser's title is the page's own, without the way to it; that of a cell comes with its data. */
  function nameTab() {
    const words = [...(document.querySelector("h1")?.childNodes || [])].filter((part) => part.nodeName !== "A");
    const title = words.map((part) => part.textContent).join("").trim();
    document.title = title ? `${title} · Barograph` : "Barograph";
  }
  const named = new MutationObserver(nameTab);

  document.addEventListener("click", onLink);
  document.addEventListener("click", onButton);
  document.addEventListener("click", closeMenus);
  theme.dark.addEventListener("change", () => {
    if (theme.choice() === "system") window.dash_clientside.set_props("theme-choice", { data: `system ${Date.now()}` });
  });
  paintRail();

  window.barograph = Object.assign(window.barograph || {}, { go, actions });
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    frame: {
      apply_theme(_choice, pairs) {
        const to = theme.resolved();
        theme.paint();
        paintButton();
        repaintPlots(pairs, to);
        return [to, to];
      },
      arrive(_children, pathname) {
        theme.paint();
        window.dash_clientside.set_props("theme-choice", { data: `${theme.choice()} ${pathname}` });  // a page may have its own
        window.requestAnimationFrame(() => whereIAm(pathname));
        return window.dash_clientside.no_update;
      },
    },
  });
})();
