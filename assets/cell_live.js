/* The Cell page while its instruments send: the time plot grows, the facts follow, results appear when a cycle closes.

   A figure says in layout.meta.live up to which row of each series it was drawn.  Rows that come after that are added
   once each; those between a drawing and the next are kept here for a while, so that none is missed.  A range that
   does not reach to now stays where it is.  The number of points is bounded: after so many the server thins anew. */
(function () {
  "use strict";
  const MOST_KEPT = 1500;       // rows a series, for a drawing that is older than the stream
  const MOST_ADDED = 2400;      // points added to a drawing before it is drawn anew from the store
  const MOST_POINTS = 12000;    // of a trace, whatever happens
  const STRIP_POINTS = 600, STRIP_MS = 4000;
  const REDRAW_MS = 15000;      // so long new points are a line laid over the figure; then plotly draws and knows them
  const FLAGGED_MS = 10000;     // so often the server is asked to mark values that cannot be
  const CALM_MS = 2000, PATIENCE_MS = 10000, AFTER_RELEASE_MS = 600;
  const MINUS = "\u2212";
  const graph = (id) => document.querySelector(`#${id} .js-plotly-plot`);
  const live = () => window.barograph.live;

  const kept = new Map();       // series: {after, rows: [[sequence, time, {column: value}]]}
  const asked = new Set();      // what was missing in a drawing and was asked for once
  let drawing = null, newest = null, revision = null, pendingAt = 0, orderedAt = 0, order = null, timer = 0, held = 0, markedAt = 0;

  function positionsOf(text) {
    const found = new Map();
    for (const part of text ? text.split(",") : []) {
      const [series, sequence] = part.split(":").map(Number);
      found.set(series, sequence);
    }
    return found;
  }

  /* ---- Drawing anew: all of the page when results changed, the time plot alone for records. ---- */
  function redraw(all) {
    order = all || order === "all" ? "all" : "time";
    clearTimeout(timer);
    const now = Date.now();
    const waiting = pendingAt && now - pendingAt < PATIENCE_MS;
    const wait = waiting ? 300 : Math.max(0, orderedAt + CALM_MS - now);
    if (wait > 0 || live().pressed() || now - held < AFTER_RELEASE_MS) {
      timer = setTimeout(() => redraw(false), Math.max(wait, 300));
      return;
    }
    if (!graph("cell-time")) { order = null; return; }  // the reader has left the page
    const set = window.dash_clientside.set_props;
    if (order === "all") set("cell-revision", { data: now }); else set("cell-live", { data: now });
    order = null;
    pendingAt = orderedAt = now;
  }
  function askOnce(what, all) {
    if (asked.has(what)) return;
    asked.add(what);
    redraw(all);
  }

  /* ---- The drawing that is there, and how it goes on. ---- */
  function adopt() {
    const plot = graph("cell-time");
    const meta = plot && plot.layout && plot.layout.meta && plot.layout.meta.live;
    if (!meta) { drawing = null; return false; }
    if (drawing && drawing.plot === plot && drawing.drawn === meta.drawn) return Boolean(meta.position);
    if (!drawing || drawing.cell !== meta.cell) { kept.clear(); asked.clear(); newest = null; revision = null; }
    pendingAt = 0;
    drawing = {
      ...meta, plot, at: positionsOf(meta.position), added: 0, stripAdded: 0, stripAt: 0, window: plot.layout.meta.window,
      redrawnAt: Date.now(),
    };
    clearTails(plot);
    if (!plot.livesOn) {
      plot.livesOn = true;
      plot.on("plotly_afterplot", () => clearTails(plot));
      plot.on("plotly_relayout", readersRange);
    }
    if (revision !== null && revision > meta.revision) redraw(true);
    showJump();
    if (!meta.position) return false;
    const told = positionsOf(live().position());
    const follows = live().watching() === meta.cell && [...drawing.at].every(([series, sequence]) => {
      const rows = kept.get(series);
      return told.has(series) && (sequence >= told.get(series) || (rows && rows.after <= sequence));
    });
    if (!follows) {
      kept.clear();
      live().rows(meta.cell, meta.position);
    }
    add();
    return true;
  }

  /* A range that the reader has drawn stays at once, not only when the server's figure of it is there. */
  function readersRange(change) {
    const low = Number(change["xaxis.range[0]"]), high = Number(change["xaxis.range[1]"]);
    if (!drawing || !(high > low)) return;
    drawing.follows = false;
    drawing.to = 3600 * high;
    drawing.window = [3600 * low, 3600 * high];
    showJump();
  }

  /* ---- Rows. ---- */
  function keep({ series_id: series, after, columns }) {
    const { sequence: sequences, test_time_second: times, ...values } = columns;
    let store = kept.get(series);
    if (!store || (store.rows.length && after > store.last)) kept.set(series, store = { after, rows: [], last: after });
    for (let i = 0; i < sequences.length; i += 1) {
      if (sequences[i] !== null && sequences[i] <= store.last) continue;
      const row = {};
      for (const name of Object.keys(values)) row[name] = values[name][i];
      store.rows.push([sequences[i], times[i], row]);
      if (sequences[i] !== null) store.last = sequences[i];
    }
    while (store.rows.length > MOST_KEPT) {
      const [sequence] = store.rows.shift();
      if (sequence !== null) store.after = sequence;
    }
  }
  /* Points to add to each trace: {index: {x, y}}; or null where only the store can say how they lie. */
  function pointsToAdd() {
    const traces = new Map();
    drawing.plot.data.forEach((trace, index) => { if (trace.meta && trace.meta.column) traces.set(trace.meta.column, index); });
    const points = new Map();
    for (const [series, store] of kept) {
      const from = drawing.at.has(series) ? drawing.at.get(series) : store.last;
      const own = drawing.columns[series] || [];
      let gap = null;
      for (const [sequence, time, row] of store.rows) {
        if (sequence === null) { gap = time; continue; }
        if (sequence <= from) { gap = null; continue; }
        newest = Math.max(newest ?? time, time);
        for (const [column, value] of Object.entries(row)) {
          if (value === null) continue;
          if (!own.includes(column) || !traces.has(column)) { missing(series, column, own); continue; }
          const index = traces.get(column);
          if (!points.has(index)) points.set(index, { x: [], y: [] });
          const { x, y } = points.get(index);
          const line = drawing.plot.data[index].x, last = x.length ? x[x.length - 1] : line[line.length - 1];
          const hours = time / 3600;
          if (last !== undefined && last !== null && hours < last) return null;
          if (!drawing.follows && time > drawing.to) continue;
          if (gap !== null && last !== undefined) { x.push(gap / 3600); y.push(null); }
          const flagged = isFlagged(index, value);
          x.push(hours);
          y.push(flagged ? null : value);
          if (flagged) askForMarks();
        }
        gap = null;
        drawing.at.set(series, sequence);
      }
    }
    return points;
  }
  function isFlagged(index, value) {
    const trace = drawing.plot.data[index], range = trace && trace.meta.range;
    return Boolean(range) && (value < range[0] || value > range[1]);
  }
  function askForMarks() {
    if (Date.now() - markedAt < FLAGGED_MS) return;
    markedAt = Date.now();
    redraw(false);
  }
  /* A quantity that came for the first time has no line yet. */
  function missing(series, column, own) {
    const drawn = /^(voltage_volt|surface_pressure_mpa|thickness_micrometre|strain)$/.test(column);
    if (drawn && !(own.length && drawing.plot.data.some((trace) => trace.meta && trace.meta.column === column))) {
      askOnce(`${series} ${column}`, true);
    }
  }
  function add() {
    if (!drawing || live().pressed() || Date.now() - held < AFTER_RELEASE_MS) return;
    const points = pointsToAdd();
    if (points === null) { redraw(false); return; }
    showJump();
    growStrip();
    const indices = [...points.keys()].filter((index) => points.get(index).x.length);
    if (!indices.length) return;
    const most = Math.max(...indices.map((index) => points.get(index).x.length));
    drawing.added += most;
    if (drawing.added > MOST_ADDED) redraw(false);
    if (most > MOST_ADDED) return;
    const { plot } = drawing;
    if (Date.now() - drawing.redrawnAt < REDRAW_MS && indices.every((index) => fits(plot, index, points.get(index)))) {
      for (const index of indices) layOver(plot, index, points.get(index));
      return;
    }
    drawing.redrawnAt = Date.now();
    for (const index of indices) {
      const trace = plot.data[index];
      for (const axis of ["x", "y"]) if (!Array.isArray(trace[axis])) trace[axis] = Array.from(trace[axis] || []);
    }
    if (drawing.follows) moveRange(plot);
    const grown = { x: indices.map((index) => points.get(index).x), y: indices.map((index) => points.get(index).y) };
    window.Plotly.extendTraces(plot, grown, indices, MOST_POINTS);
  }

  /* ---- Between two drawings of plotly's, which cost 50 times as much: the new end of a line, laid over it. ---- */
  const axisOf = (plot, trace, letter) => plot._fullLayout[`${letter}axis${(trace[`${letter}axis`] || letter).slice(1)}`];
  const groupOf = (plot, index) => [...plot.querySelectorAll(".scatterlayer .trace")]
    .find((group) => group.__data__ && group.__data__[0] && group.__data__[0].trace.index === index);
  function clearTails(plot) { for (const tail of plot.querySelectorAll(".live-tail")) tail.remove(); }
  function fits(plot, index, { x, y }) {
    const trace = plot.data[index], group = groupOf(plot, index);
    if (!group || !group.querySelector(".js-line") || !Array.isArray(trace.x)) return false;
    const across = axisOf(plot, trace, "x").range, up = axisOf(plot, trace, "y").range;
    const low = Math.min(...up), high = Math.max(...up);
    return x.every((hours) => hours <= across[1]) && y.every((value) => value === null || (value >= low && value <= high));
  }
  function layOver(plot, index, { x, y }) {
    const trace = plot.data[index], group = groupOf(plot, index);
    const across = axisOf(plot, trace, "x"), up = axisOf(plot, trace, "y");
    let tail = group.querySelector(".live-tail"), path = tail ? tail.getAttribute("d") : "", pen = tail ? "L" : "M";
    const put = (hours, value) => {
      if (value === null) { pen = "M"; return; }
      path += `${pen}${across.c2p(hours).toFixed(2)},${up.c2p(value).toFixed(2)}`;
      pen = "L";
    };
    if (!tail) {
      const line = group.querySelector(".js-line");
      tail = line.cloneNode(false);
      tail.setAttribute("class", "live-tail");
      line.parentNode.append(tail);
      put(trace.x[trace.x.length - 1], trace.y[trace.y.length - 1]);
      trace.x = trace.x.slice();  // the server's figure, which Dash holds, stays as it came
      trace.y = trace.y.slice();
    }
    x.forEach((hours, at) => { put(hours, y[at]); trace.x.push(hours); trace.y.push(y[at]); });
    tail.setAttribute("d", path);
  }
  /* Now and then, not with every row: there is room at the right until then.  Drawn together with the new points. */
  function moveRange(plot) {
    const axis = plot.layout.xaxis, now = newest / 3600;
    let [low, high] = axis.range;
    if (now > high) {
      const width = drawing.slides ? high - low : now - low;
      high = now + drawing.room * width;
      if (drawing.slides) low = high - width;
      axis.range = [low, high];
      axis.autorange = false;
    }
    for (const shape of plot.layout.shapes || []) if (shape.name === "open-cycle") shape.x1 = Math.max(shape.x1, now);
    const spans = plot.layout.meta.cycles;
    const isOpen = (plot.layout.annotations || []).some((note) => note.name === "open-cycle");
    if (isOpen && spans.length) spans[spans.length - 1][2] = Math.max(spans[spans.length - 1][2], now);
  }

  /* ---- The strip of the whole test: one point for as much time as one of its points stands for. ---- */
  function growStrip() {
    const plot = graph("cell-strip"), column = plot && plot.layout && plot.layout.meta && plot.layout.meta.column;
    if (!column || newest === null || plot.data.length < 2 || Date.now() - drawing.stripAt < STRIP_MS) return;
    const { x } = plot.data[0], last = x[x.length - 1];
    const points = sparse(column, last, (last - x[0]) / STRIP_POINTS);
    if (!points.x.length) return;
    const now = points.x[points.x.length - 1];
    drawing.stripAt = Date.now();
    drawing.stripAdded += points.x.length;
    if (drawing.stripAdded > STRIP_POINTS) redraw(false);
    plot.layout.xaxis.range = [plot.layout.xaxis.range[0], now];
    if (drawing.follows && plot.layout.shapes && plot.layout.shapes.length) plot.layout.shapes[0].x1 = now;
    const inside = drawing.follows ? points.y : points.y.map(() => null);
    window.Plotly.extendTraces(plot, { x: [points.x, points.x], y: [points.y, inside] }, [0, 1], 4 * STRIP_POINTS);
  }
  function sparse(column, after, apart) {
    const points = { x: [], y: [] }, index = drawing.plot.data.findIndex((trace) => trace.meta && trace.meta.column === column);
    for (const [series, { rows }] of kept) {
      if (!(drawing.columns[series] || []).includes(column)) continue;
      for (const [sequence, time, row] of rows) {
        const value = row[column];
        if (sequence === null || value === null || value === undefined || time / 3600 < after + apart) continue;
        if (isFlagged(index, value)) continue;
        after = time / 3600;
        points.x.push(after);
        points.y.push(value);
      }
    }
    return points;
  }

  /* ---- A range that does not show now says so. ---- */
  function showJump() {
    const button = document.querySelector("[data-jump-now]");
    if (!button) return;
    const axis = drawing && drawing.plot.layout.xaxis && drawing.plot.layout.xaxis.range;
    button.hidden = !(drawing && drawing.position && !drawing.follows && newest !== null && axis && newest > drawing.window[1] + 1);
  }

  /* ---- The facts. ---- */
  function say(element, text) { if (element.textContent !== text) element.textContent = text; }
  function showFacts(cell) {
    const strip = document.getElementById("cell-facts");
    if (!strip || cell.state !== "running") return;
    strip.toggleAttribute("data-stale", cell.status === "stale");
    let shown = false;
    for (const element of strip.querySelectorAll("[data-live]")) {
      const value = cell.last[element.dataset.live];
      shown = true;
      if (typeof value === "number") say(element, value.toFixed(Number(element.dataset.digits)).replace("-", MINUS));
    }
    for (const element of strip.querySelectorAll("[data-live-step]")) {
      const words = JSON.parse(element.dataset.liveStep);
      if (words[cell.step]) say(element, words[cell.step]);
    }
    const content = document.getElementById("cell-content");
    const values = typeof cell.last.voltage_volt === "number" || typeof cell.last.surface_pressure_mpa === "number";
    if (values && ((content && content.hidden) || !shown)) askOnce("first values", true);
  }

  window.addEventListener("barograph:feeds", ({ detail }) => {
    if (!adopt() && !drawing) return;
    const cell = detail.cells.find((one) => one.cell_id === drawing.cell);
    if (!cell) return;
    if (cell.test_time_second !== null) newest = Math.max(newest ?? cell.test_time_second, cell.test_time_second);
    revision = cell.cycles_revision;
    if (revision > drawing.revision && !pendingAt) redraw(true);
    if (!drawing.position && drawing.by_time) askOnce("first channel", true);
    showFacts(cell);
    showJump();
  });
  window.addEventListener("barograph:rows", ({ detail }) => {
    if (!adopt() || detail.cell_id !== drawing.cell) return;
    keep(detail);
    add();
  });
  window.addEventListener("barograph:cycles", ({ detail }) => {
    if (!drawing || detail.cell_id !== drawing.cell) return;
    revision = detail.revision;
    if (revision > drawing.revision) redraw(true);
  });
  window.addEventListener("barograph:late", ({ detail }) => { if (drawing && detail.cell_id === drawing.cell) redraw(false); });
  /* A reader's zoom over cycles outlives a drawing with one cycle more; a double click gives it up. */
  function keepZoom() {
    const plot = graph("cell-stack");
    if (!plot || !plot.on || plot.zoomIsKept) return;
    plot.zoomIsKept = true;
    let zoom = null;
    plot.on("plotly_relayout", (change) => {
      const low = change["xaxis.range[0]"], high = change["xaxis.range[1]"];
      if (change["xaxis.autorange"]) zoom = null;
      else if (low !== undefined) zoom = { of: plot.layout.uirevision, range: [low, high] };
    });
    const restore = () => {
      const { xaxis, uirevision } = plot.layout || {};  // the reader may have left the page meanwhile
      if (!zoom || !xaxis || !xaxis.range || zoom.of !== uirevision || xaxis.range[1] === zoom.range[1]) return;
      window.Plotly.relayout(plot, { "xaxis.range": [...zoom.range] });
    };
    plot.on("plotly_afterplot", () => setTimeout(restore, 50));  // plotly tells of a double click after it has drawn
  }
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      held = Date.now();
      setTimeout(() => { if (adopt()) add(); }, AFTER_RELEASE_MS + 10);
    }, true);
  }
  setInterval(() => { adopt(); keepZoom(); }, 300);
})();
