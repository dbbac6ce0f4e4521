/* The Compare page in the browser: the address holds groups, metric and what is shown. */
(function () {
  "use strict";
  const DEFAULTS = {
    by: "plating", metric: "delta_delta_p_q_percent", show: "both", at: "cycle", cycle: "", start: "", cells: "first",
  };
  const CONTROLS = {
    "compare-by": "by", "compare-metric": "metric", "compare-show": "show", "compare-at": "at", "compare-cycle": "cycle",
    "compare-from-cycle": "start", "compare-cells": "cells",
  };
  const count = (text) => (/^[1-9]\d{0,6}$/.test(text) ? Number(text) : null);
  const listed = (text) => (text ? text.split("|").filter(Boolean) : []);

  function readView(search) {
    const given = new URLSearchParams(search);
    const view = { hidden: listed(given.get("hide")), hand: given.get("hand") || "" };
    for (const [name, value] of Object.entries(DEFAULTS)) view[name] = given.get(name) || value;
    return view;
  }
  function write(changes) {
    if (location.pathname.replace(/\/$/, "") !== "/compare") return;
    const given = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      const text = value === null || value === undefined ? "" : String(value);
      if (!text || text === DEFAULTS[name]) given.delete(name); else given.set(name, text);
    }
    const search = given.toString() ? `?${given}` : "";
    if (search === location.search) return;
    history.pushState({}, "", location.pathname + search);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }
  function fresh(now, before) {
    return JSON.stringify(now) === JSON.stringify(before) ? window.dash_clientside.no_update : now;
  }

  const page = {
    read_address(search, groups, multiples) {
      if (location.pathname.replace(/\/$/, "") !== "/compare") return Array(9).fill(window.dash_clientside.no_update);
      const { by, metric, show, at, cycle, start, cells, hidden, hand } = readView(search || "");
      return [
        fresh({ by, metric, show, at, cycle: count(cycle), hidden, hand }, groups),
        fresh({ by, start: count(start), cells, hidden, hand }, multiples),
        by, metric, show, at, count(cycle) ?? "", count(start) ?? "", cells,
      ];
    },
    choose() {
      const changes = {};
      for (const { prop_id: prop, value } of window.dash_clientside.callback_context.triggered) {
        const name = CONTROLS[prop.split(".")[0]];
        if (!name || value === undefined) continue;
        changes[name] = value;
        if (name === "by" && value !== readView(location.search).by) changes.hide = null;
      }
      write(changes);
    },
    toggle(clicks, names) {
      const { triggered } = window.dash_clientside.callback_context;
      if (!clicks.some(Boolean) || triggered.length !== 1 || !triggered[0].value) return;
      const name = names[JSON.parse(triggered[0].prop_id.replace(/\.n_clicks$/, "")).group];
      const { hidden } = readView(location.search);
      const now = hidden.includes(name) ? hidden.filter((item) => item !== name) : [...hidden, name];
      if (now.length < names.length) write({ hide: now.join("|") });
    },
    click(data) {
      const point = data && data.points && data.points[0];
      if (point) write({ cycle: Math.round(point.x), at: "cycle" });
    },
    add_group(_open, _add, name, cells, missing) {
      const stay = window.dash_clientside.no_update;
      const triggered = window.dash_clientside.callback_context.triggered[0];
      if (!triggered || !triggered.value) return [stay, stay, stay, stay, stay];
      if (triggered.prop_id.startsWith("compare-hand-open")) return [true, stay, stay, null, null];
      if (!name.trim() || !cells.length) {
        return [stay, stay, stay, name.trim() ? null : missing.name, cells.length ? null : missing.cells];
      }
      const clean = name.trim().replace(/[:;,|]/g, " ");
      const before = readView(location.search).hand;
      write({ by: "hand", hand: [before, `${clean}:${cells.join(",")}`].filter(Boolean).join(";"), hide: null });
      return [false, "", [], null, null];
    },
  };
  /* A cycle has closed somewhere: the figures are drawn anew, zoom and choices stay; not while somebody drags. */
  const CALM_MS = 3000;
  let drawnAt = 0, timer = 0;
  function redraw() {
    clearTimeout(timer);
    if (location.pathname.replace(/\/$/, "") !== "/compare") return;
    const there = document.getElementById("compare-graph");  // Dash knows the page's stores once the page is there
    const wait = Math.max(drawnAt + CALM_MS - Date.now(), there && !window.barograph.live.pressed() ? 0 : 300);
    if (wait > 0) { timer = setTimeout(redraw, wait); return; }
    drawnAt = Date.now();
    window.dash_clientside.set_props("compare-revision", { data: drawnAt });
  }
  window.addEventListener("barograph:cycles", redraw);

  window.dash_clientside = Object.assign(window.dash_clientside || {}, { compare: page });
})();
