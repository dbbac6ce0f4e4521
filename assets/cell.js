/* The Cell page in the browser: the address holds the view; clicks, keys, zoom and the brush write it; readouts. */
(function () {
  "use strict";
  const DEFAULTS = {
    unit: "paper", beside: "none", tab: "pq", curve: "dsignal_dq", by: "q", arrange: "overlay", x: "time", range: "5",
  };
  const WITHOUT_SIGNAL = { ...DEFAULTS, tab: "vq", curve: "dq_dv" };
  let defaults = DEFAULTS;
  const CONTROLS = {
    "cell-unit": "unit", "cell-beside": "beside", "cell-tab": "tab", "cell-curve": "curve", "cell-against": "by",
    "cell-arrangement": "arrange", "cell-axis": "x", "cell-range": "range",
  };
  const CUSTOM = "custom";
  const NUMBER = /^-?\d+(\.\d+)?$/;

  const graph = (id) => document.querySelector(`#${id} .js-plotly-plot`);
  const onCellPage = () => /^\/cells\/\d+/.test(location.pathname);

  function number(text) {
    return text !== null && NUMBER.test(text) ? Number(text) : null;
  }
  function readView(search) {
    const given = new URLSearchParams(search);
    const view = { cycle: number(given.get("cycle")), from: number(given.get("from")), to: number(given.get("to")) };
    for (const [name, value] of Object.entries(defaults)) view[name] = given.get(name) || value;
    return view;
  }
  /* One entry of the history for a choice; zoom and stepping replace the last one. */
  function write(changes, replace) {
    if (!onCellPage()) return;
    const given = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === defaults[name]) given.delete(name);
      else given.set(name, String(value));
    }
    const search = given.toString() ? `?${given}` : "";
    if (search === location.search) return;
    history[replace ? "replaceState" : "pushState"]({}, "", location.pathname + search + location.hash);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }
  /* A chosen cycle centres the time plot, unless it was chosen there. */
  function chooseCycle(cycle, { replace = false, stay = false } = {}) {
    if (!Number.isInteger(cycle) || cycle < 1) return;
    write(stay ? { cycle } : { cycle, from: null, to: null }, replace);
  }
  /* The first click of a double click chooses no cycle, and its reset is no zoom.  What counts is how often the button
     was pressed, not when an answer comes: a busy page is late. */
  const DOUBLE_CLICK_MS = 320, SLOW_DOUBLE_CLICK_MS = 900;
  let pending = 0, resetAt = 0, presses = 1, before = null;
  const justReset = () => Date.now() - resetAt < 2 * DOUBLE_CLICK_MS;
  function chooseSoon(cycle) {
    clearTimeout(pending);
    pending = setTimeout(() => {
      const { cycle: old } = readView(location.search);
      before = { at: Date.now(), cycle: old };
      chooseCycle(cycle, { stay: true });
    }, DOUBLE_CLICK_MS);
  }
  function reset() {
    clearTimeout(pending);
    resetAt = Date.now();
    const chosen = before && Date.now() - before.at < SLOW_DOUBLE_CLICK_MS ? { cycle: before.cycle } : {};
    write({ from: null, to: null, ...chosen });
  }

  function fresh(now, before) {
    return JSON.stringify(now) === JSON.stringify(before) ? window.dash_clientside.no_update : now;
  }
  const triggered = () => {
    const list = window.dash_clientside.callback_context.triggered;
    return list.length ? list[0] : { prop_id: "", value: null };
  };
  const source = () => triggered().prop_id.split(".")[0];

  function cycleAt(hours) {
    const plot = graph("cell-time");
    const spans = (plot && plot.layout.meta && plot.layout.meta.cycles) || [];
    const found = spans.find(([, start, end]) => hours >= start && hours <= end);
    return found ? found[0] : null;
  }
  function cycleOfCurve(id, point) {
    const trace = graph(id).data[point.curveNumber];
    return (trace && trace.meta && trace.meta.cycle) || null;
  }
  function cycleOf(id, point) {
    if (id === "cell-stack") return Math.round(point.x);
    const onTime = id === "cell-time" && readView(location.search).x !== "capacity";
    return onTime ? cycleAt(point.x) : cycleOfCurve(id, point);
  }

  /* The cycle under the pointer is shown in every panel (assets/cell_hover.js). */
  const raise = (cycle, from) => window.barograph.raise_cycle(cycle, from);
  function readoutOf(cycle) {
    const plot = graph("cell-stack");
    const trace = plot && plot.data.find((item) => item.customdata);
    const at = trace ? Array.from(trace.x).indexOf(cycle) : -1;
    return at < 0 ? "" : trace.customdata[at];
  }

  function valueText(value, meta) {
    const text = value.toFixed(meta.digits).replace("-", "\u2212");
    return `${text} ${meta.unit}`.trim();
  }

  const page = {
    read_address(cellId, search, over, inside, time) {
      const stay = window.dash_clientside.no_update;
      if (cellId === null || cellId === undefined || location.pathname.replace(/\/$/, "") !== `/cells/${cellId}`) {
        return Array(11).fill(stay);
      }
      const view = readView(search || "");
      const { cycle, from, to, unit, beside, tab, curve, by, arrange, x, range } = view;
      return [
        fresh({ cell: cellId, cycle, unit, beside }, over),
        fresh({ cell: cellId, cycle, tab, curve, by }, inside),
        fresh({ cell: cellId, cycle, from, to, range, arrange, x }, time),
        unit, beside, tab, curve, by, arrange, x, from !== null && to !== null ? CUSTOM : range,
      ];
    },
    /* Without a mechanical signal other figures stand there until the reader chooses. */
    begin_with(content, cell) {
      const wanted = (content || "").split(" ").includes("without-signal") ? WITHOUT_SIGNAL : DEFAULTS;
      if (wanted === defaults || cell === null || cell === undefined) return;
      defaults = wanted;
      const { cycle, tab, curve, by } = readView(location.search);
      const set = window.dash_clientside.set_props;
      set("cell-inside-view", { data: { cell, cycle, tab, curve, by } });
      set("cell-tab", { value: tab });
      set("cell-curve", { value: curve });
    },
    choose() {
      const changes = {};
      for (const { prop_id: prop, value } of window.dash_clientside.callback_context.triggered) {
        const name = CONTROLS[prop.split(".")[0]];
        if (!name || value === CUSTOM || value === null || value === undefined) continue;
        if (name === "range" && readView(location.search).range !== value) Object.assign(changes, { from: null, to: null });
        if (name === "range" && readView(location.search).from !== null) Object.assign(changes, { from: null, to: null });
        changes[name] = value;
      }
      write(changes);
    },
    click() {
      const { value } = triggered();
      if (value && value.points && value.points.length) {
        const from = source(), cycle = cycleOf(from, value.points[0]);
        graph(from).closest(".figure").focus({ preventScroll: true });  // the arrow keys go on from here
        if (from !== "cell-time") chooseCycle(cycle);
        else if (presses === 1 && !justReset()) chooseSoon(cycle);
      }
    },
    zoom() {
      const { value } = triggered();
      if (!value || justReset() || readView(location.search).x === "capacity") return;
      let range = null;
      if (source() === "cell-strip") {
        const box = value.selections && value.selections[value.selections.length - 1];
        if (box) range = [box.x0, box.x1];
        else if (value["selections[0].x0"] !== undefined) range = [value["selections[0].x0"], value["selections[0].x1"]];
      } else if (value["xaxis.range[0]"] !== undefined) range = [value["xaxis.range[0]"], value["xaxis.range[1]"]];
      else if (Array.isArray(value["xaxis.range"])) range = value["xaxis.range"];
      if (!range) return;
      const [from, to] = range.map((hours) => Math.round(Number(hours) * 3600 * 10) / 10).sort((a, b) => a - b);
      if (to - from >= 1) write({ from, to }, true);
    },
    read_cycle(_stack, _loops, _curves) {
      const { value } = triggered();
      const point = value && value.points && value.points[0];
      if (!point) { raise(null); return ""; }
      const cycle = cycleOf(source(), point);
      raise(cycle, source());
      return source() === "cell-stack" ? point.customdata || "" : readoutOf(cycle);
    },
    read_time(hover) {
      const plot = graph("cell-time");
      if (!hover || !hover.points || !plot) { raise(null); return ""; }
      const points = [...hover.points].sort((a, b) => a.curveNumber - b.curveNumber);
      const hours = points[0].x;
      const cycle = cycleOf("cell-time", points[0]);
      raise(cycle, "cell-time");
      const values = points.filter((point) => typeof point.y === "number").map((point) => {
        const meta = (plot.data[point.curveNumber] || {}).meta;
        if (meta && meta.flagged) return point.customdata;
        return meta && meta.unit !== undefined ? valueText(point.y, meta) : "";
      });
      if (!values.some(Boolean)) return "";
      return [`${hours.toFixed(3)} h`, cycle === null ? "" : `cycle ${cycle}`, ...values].filter(Boolean).join("   ");
    },
    show_hovered(found) {
      if (found) window.barograph.show_hovered(found);
    },
    open_note() {
      return triggered().value ? true : window.dash_clientside.no_update;
    },
  };

  /* plotly lays a cover over the page while a button is down, so dblclick never reaches the plot: count mousedowns. */
  document.addEventListener("mousedown", (event) => {
    if (!event.target.closest("#cell-time, #cell-strip")) return;
    presses = event.detail;
    if (presses === 2) reset();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-jump-now]")) write({ from: null, to: null, cycle: null });
  });
  /* Arrow keys on a focused figure step through the cycles. */
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const figure = event.target.closest && event.target.closest(".figure");
    if (!by || !figure || !onCellPage() || event.altKey || event.ctrlKey || event.metaKey) return;
    const plot = graph("cell-stack");
    const trace = plot && plot.data.find((item) => item.customdata);
    const cycles = trace ? Array.from(trace.x).filter((x) => x >= 1) : [];
    if (!cycles.length) return;
    const here = readView(location.search).cycle ?? cycles[cycles.length - 1];
    const next = cycles[cycles.indexOf(here) + by];
    event.preventDefault();
    if (next !== undefined) chooseCycle(next, { replace: true });
  });

  window.dash_clientside = Object.assign(window.dash_clientside || {}, { cell: page });
})();
