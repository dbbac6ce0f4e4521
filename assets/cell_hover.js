/* The cycle under the pointer in every panel of the Cell page: a band in the time plot, the strip and over cycles,
   and its curves on top of the loops; curves that are not drawn are asked from the server. */
(function () {
  "use strict";
  const WAIT_MS = 120;
  const CURVES = { "cell-loops": "loops", "cell-curves": "curves" };
  const graph = (id) => document.querySelector(`#${id} .js-plotly-plot`);
  let raised = null, timer = 0;

  function shade(id, low, high) {
    const plot = graph(id);
    if (!plot || !plot._fullLayout || !plot._fullLayout.xaxis) return;
    let mark = plot.querySelector(".hover-band");
    const { xaxis, _size: size } = plot._fullLayout;
    const from = low === null ? 1 : Math.max(xaxis.d2p(low), 0);
    const to = low === null ? 0 : Math.min(xaxis.d2p(high), xaxis._length);
    if (to <= from) { if (mark) mark.remove(); return; }
    if (!mark) {
      mark = document.createElement("i");
      mark.className = "hover-band";
      plot.querySelector(".svg-container").append(mark);
    }
    Object.assign(mark.style, {
      left: `${xaxis._offset + from}px`, width: `${Math.max(to - from, 1)}px`, top: `${size.t}px`, height: `${size.h}px`,
    });
  }
  function spanOf(cycle) {
    const plot = graph("cell-time");
    const spans = (plot && plot.layout && plot.layout.meta && plot.layout.meta.cycles) || [];
    return spans.find(([number]) => number === cycle) || [cycle, null, null];
  }
  /* One line for all halves of a cycle, a gap between them. */
  function joined(traces) {
    const line = { x: [], y: [] };
    for (const trace of traces) {
      line.x.push(...Array.from(trace.x), null);
      line.y.push(...Array.from(trace.y), null);
    }
    return line;
  }
  const isHover = (trace) => Boolean(trace.meta && trace.meta.hover);

  /* A trace of its own, on top of all others; the axes stay as they are. */
  async function draw(plot, { x, y }) {
    const at = plot.data.findIndex(isHover);
    if (at >= 0) return window.Plotly.restyle(plot, { x: [x], y: [y] }, [at]);
    if (!x.length) return undefined;
    const { xaxis, yaxis } = plot._fullLayout;
    const color = getComputedStyle(plot).getPropertyValue("--focus").trim();
    const line = { width: 2.4, color };
    await window.Plotly.addTraces(plot, { x, y, mode: "lines", line, hoverinfo: "skip", meta: { hover: true } });
    const ranges = { "xaxis.range": [...xaxis.range], "yaxis.range": [...yaxis.range] };
    return window.Plotly.relayout(plot, ranges);
  }
  function curvesOf(plot, cycle) {
    return plot.data.filter((trace) => !isHover(trace) && trace.meta && trace.meta.cycle === cycle);
  }
  function raise(cycle, from) {
    if (cycle === raised) return;
    raised = cycle;
    clearTimeout(timer);
    const [, start, end] = spanOf(cycle);
    const onTime = !/[?&]x=capacity\b/.test(location.search);
    shade("cell-time", onTime ? start : null, end);
    shade("cell-strip", start, end);
    shade("cell-stack", cycle === null || from === "cell-stack" ? null : cycle - 0.5, cycle + 0.5);
    let missing = false;
    for (const id of Object.keys(CURVES)) {
      const plot = graph(id);
      if (!plot || !plot.data || !plot.data.some((trace) => trace.meta && trace.meta.cycle)) continue;
      const found = cycle === null ? [] : curvesOf(plot, cycle);
      missing = missing || (cycle !== null && !found.length);
      draw(plot, joined(found));
    }
    if (missing) timer = setTimeout(() => window.dash_clientside.set_props("cell-hovered", { data: cycle }), WAIT_MS);
  }
  /* The server's answer, unless the pointer has moved on. */
  function showHovered(found) {
    if (found.cycle !== raised) return;
    for (const [id, name] of Object.entries(CURVES)) {
      const plot = graph(id);
      if (plot && plot.data && found[name] && !curvesOf(plot, found.cycle).length) draw(plot, found[name]);
    }
  }
  window.barograph = Object.assign(window.barograph || {}, { raise_cycle: raise, show_hovered: showHovered });
})();
