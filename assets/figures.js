/* What a figure's menu gives: its data as CSV, its picture as SVG or PNG, the link to this view; and what it is called. */
(function () {
  "use strict";
  const HEADING_PX = 30;
  const numbers = (values) => (values ? Array.from(values) : []);
  const quote = (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]/.test(String(value)) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  /* plotly shows text with marks such as &lt; and <b>; a table wants the plain text. */
  const plain = (text) => new DOMParser().parseFromString(String(text ?? ""), "text/html").body.textContent;

  function fileName(plot) {
    return (plot.layout.meta && plot.layout.meta.file) || document.title.split(" · ")[0] || "figure";
  }
  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  const axisKey = (name, letter) => `${letter}axis${(name || letter).slice(1)}`;
  function axisTitle(plot, name, letter) {
    const axis = plot.layout[axisKey(name, letter)];
    return plain(axis && axis.title && axis.title.text).trim();
  }
  /* One block a trace: whose it is, its name, x and y under "quantity / unit"; lines that only help the eye stay out. */
  function table(plot) {
    const own = plot.layout.meta || {};
    const traces = plot._fullData.filter((trace) => trace.visible === true && trace.hoverinfo !== "skip");
    const columns = ["name", "trace"];
    const placed = traces.map((trace) => {
      const meta = trace.meta || {};
      const names = [meta.x || axisTitle(plot, trace.xaxis, "x") || "x", meta.y || axisTitle(plot, trace.yaxis, "y") || plain(trace.name)];
      const values = { [names[0]]: numbers(trace.x), [names[1]]: numbers(trace.y), ...(meta.columns || {}) };
      for (const name of Object.keys(values)) if (!columns.includes(name)) columns.push(name);
      return { trace, values, length: numbers(trace.x).length, at: names };
    });
    const lines = [columns.map(quote).join(",")];
    for (const { trace, values, length, at } of placed) {
      const meta = trace.meta || {};
      const who = [plain(meta.name || own.name), plain(trace.name)];
      for (let row = 0; row < length; row += 1) {
        if (values[at[0]][row] === null && values[at[1]][row] === null) continue;
        lines.push([...who, ...columns.slice(2).map((name) => (values[name] || [])[row])].map(quote).join(","));
      }
    }
    return lines.join("\r\n");
  }
  /* What a picture needs beside its page: whose it is, what it shows, and which line is which axis. */
  function heading(plot) {
    const own = plot.layout.meta || {};
    const title = plot.closest(".figure-panel").querySelector(".panel-title");
    const words = [own.name ? `<b>${own.name}</b>` : "", title ? title.textContent.replaceAll("&", "&amp;").replaceAll("<", "&lt;") : ""];
    const keys = new Map();
    for (const trace of plot._fullData) {
      const axis = plot.layout[axisKey(trace.yaxis, "y")];
      const text = axis && axis.title && axis.title.text;
      if (text && trace.line && !keys.has(text)) keys.set(text, trace.line.color);
    }
    const key = keys.size > 1 ? [...keys].map(([text, colour]) => `<span style="color:${colour}">\u2501</span> ${text}`) : [];
    return [words.filter(Boolean).join(" \u00b7 "), ...key].join("    ");
  }
  function picture(plot, format) {
    const { width, height } = { width: plot.clientWidth, height: plot.clientHeight + HEADING_PX };
    const margin = plot._fullLayout.margin;
    const title = {
      text: heading(plot), x: 0, xref: "container", xanchor: "left", pad: { l: 12 }, font: { size: 13 },
      y: 1 - HEADING_PX / 2 / height, yref: "container", yanchor: "middle", automargin: false,
    };
    const layout = {
      ...plot.layout, title, width, height, autosize: false, margin: { ...margin, t: margin.t + HEADING_PX },
      paper_bgcolor: getComputedStyle(plot).getPropertyValue("--surface").trim(),
    };
    const scale = format === "png" ? 3 : 1;
    window.Plotly.downloadImage({ data: plot.data, layout }, { format, scale, filename: fileName(plot), width, height });
  }
  function say(button, text) {
    const before = button.lastChild.textContent;
    button.lastChild.textContent = text;
    setTimeout(() => { button.lastChild.textContent = before; }, 1500);
  }
  const actions = {
    csv(plot) {
      const source = plot.layout.meta && plot.layout.meta.csv;
      if (!source) return save(new Blob([table(plot)], { type: "text/csv" }), `${fileName(plot)}.csv`);
      return fetch(source).then((answer) => answer.blob()).then((blob) => save(blob, `${fileName(plot)}.csv`));
    },
    svg(plot) { picture(plot, "svg"); },
    png(plot) { picture(plot, "png"); },
    link(_plot, button) { copy(location.href, button); },
  };
  function copy(text, button) {
    navigator.clipboard.writeText(text).then(() => say(button, button.dataset.done || text), () => say(button, text));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-figure]");
    if (button) {
      const plot = button.closest(".figure-panel").querySelector(".js-plotly-plot");
      if (plot) actions[button.dataset.figure](plot, button);
    }
    const link = event.target.closest("[data-copy-link]");
    if (link) copy(location.href, link);
  });
  /* The picture's words for a screen reader come with the figure: layout.meta.label. */
  function label(plot) {
    const words = plot.layout && plot.layout.meta && plot.layout.meta.label;
    const frame = plot.closest(".figure");
    if (words && frame) frame.setAttribute("aria-label", words);
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        const plot = node.nodeType === 1 && node.closest(".js-plotly-plot");
        if (plot) label(plot);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
