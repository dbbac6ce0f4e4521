/* What a figure's menu gives: its data as CSV, its picture as SVG or PNG, the link to this view; and what it is called. */
(function () {
  "use strict";
  const numbers = (values) => (values ? Array.from(values) : []);
  const quote = (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
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
  function table(plot) {
    const lines = ["trace,x,y,error_y"];
    for (const trace of plot._fullData) {
      if (trace.visible !== true || trace.meta === "guide") continue;
      const x = numbers(trace.x), y = numbers(trace.y), spread = numbers(trace.error_y && trace.error_y.array);
      y.forEach((value, at) => lines.push([plain(trace.name), x[at], value, spread[at]].map(quote).join(",")));
    }
    return lines.join("\r\n");
  }
  function picture(plot, format) {
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    const scale = format === "png" ? 3 : 1;
    window.Plotly.downloadImage(plot, { format, scale, filename: fileName(plot), ...size });
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
      const link = document.createElement("a");
      link.href = source;
      link.download = `${fileName(plot)}.csv`;
      return link.click();
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
