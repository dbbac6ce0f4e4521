/* The Overview while instruments send: values and ages change in their places.  No row moves while the pointer is in the
   table; what is sorted, grouped or counted comes from the server when a cycle has closed or a feed falls silent. */
(function () {
  "use strict";
  const CALM_MS = 3000, RESTING_MS = 20000, GRID = "overview-grid";
  let inside = false, movedAt = 0, askedAt = 0, timer = 0, seen = null;

  function grid() {
    if (location.pathname !== "/" || !document.getElementById(GRID)) return null;
    try { return window.dash_ag_grid.getApi(GRID) || null; } catch { return null; }
  }
  /* The list, its order and its sentence anew; the grid keeps its place, rows are told apart by their keys. */
  function refresh() {
    clearTimeout(timer);
    const now = Date.now();
    const wait = Math.max(askedAt + CALM_MS - now, inside ? movedAt + RESTING_MS - now : 0);
    if (wait > 0) { timer = setTimeout(refresh, Math.min(wait, 1000)); return; }
    if (!document.getElementById(GRID)) return;
    askedAt = now;
    window.dash_clientside.set_props("edited", { data: new Date(now).toISOString() });
  }
  function fresh(data, cell, since = 0) {
    const age = window.barograph.age_words(Math.max(cell.age_second + since, 0));
    const now = {
      ...data, step: cell.step || "", last: cell.age_second + since,
      marks: { ...data.marks, last: { text: age, title: (data.marks.last || {}).title } },
    };
    for (const [name, column] of [["voltage", "voltage_volt"], ["pressure", "surface_pressure_mpa"]]) {
      if (typeof cell.last[column] === "number") now[name] = cell.last[column];
    }
    return now;
  }
  function show({ detail }) {
    const api = grid();
    if (!api) return;
    const update = [];
    const absent = [];
    for (const cell of detail.cells) {
      const node = api.getRowNode(String(cell.cell_id));
      if (!node) { absent.push(cell.cell_id); continue; }
      if (!node.data.running || cell.status === "ended" || cell.status === "unknown") continue;
      update.push([node, fresh(node.data, cell)]);
    }
    if (inside) for (const [node, data] of update) node.updateData(data);
    else if (update.length) api.applyTransaction({ update: update.map(([, data]) => data) });
    const stale = detail.cells.filter((one) => one.status === "stale").map((one) => one.cell_id);
    const now = `${stale} ${absent}`;
    if (now !== seen) { seen = now; refresh(); }
  }

  /* While nothing comes, the ages go on: what is seen grows old. */
  const QUIET_S = 3;
  function grow() {
    const api = grid(), feeds = window.barograph.live.feeds();
    const since = feeds ? (Date.now() - feeds.heard) / 1000 : 0;
    if (!api || since < QUIET_S) return;
    for (const cell of feeds.cells) {
      const node = api.getRowNode(String(cell.cell_id));
      if (!node || !node.data.running || !["live", "late", "stale"].includes(cell.status)) continue;
      node.updateData(fresh(node.data, cell, since));
    }
  }
  setInterval(grow, 1000);

  document.addEventListener("pointermove", (event) => {
    inside = Boolean(event.target.closest && event.target.closest(`#${GRID}`));
    movedAt = Date.now();
  }, { passive: true, capture: true });
  document.documentElement.addEventListener("pointerleave", () => { inside = false; });
  window.addEventListener("barograph:feeds", show);
  window.addEventListener("barograph:cycles", () => { if (location.pathname === "/") refresh(); });
})();
