/* A tile of the wall: its words, its marks and its sparkline. Every text becomes a text node, written only when it changes. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const NOTHING = "\u2013", MINUS = "\u2212";
  const ICONS = { failed: "critical", stale: "plug", falling: "warning", waiting: "clock", quiet: "plug", running: "running", ended: "ended" };
  const WIDTH = 300, HEIGHT = 100, LOW = 74, HIGH = 112;  // one scale for all: length is age, height is per cent of cycles 2-6

  function text(node, value) {
    if (node.textContent !== value) node.textContent = value;
  }
  function attribute(node, name, value) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  function number(value, digits) {
    return typeof value === "number" ? value.toFixed(digits).replace("-", MINUS) : NOTHING;
  }
  function age(seconds) {
    if (typeof seconds !== "number") return NOTHING;
    if (seconds < 10) return `${Math.max(seconds, 0).toFixed(1)} s`;
    const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].find(([most]) => seconds >= most);
    return `${Math.floor(seconds / size)} ${unit}`;
  }
  function element(name, className, parent) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (parent) parent.append(made);
    return made;
  }
  function drawn(name, parent, values) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }
  function swatch(mark, parent) {
    const made = element("i", `swatch swatch-${mark.symbol}${mark.hollow ? " swatch-hollow" : ""}`, parent);
    made.setAttribute("aria-hidden", "true");
    made.style.setProperty("--c", `var(--${mark.token})`);
    return made;
  }

  function spark(svg, points, cycles) {
    svg.replaceChildren();
    if (!points.length) return;
    const x = (cycle) => 4 + (cycle - 1) / Math.max(cycles - 1, 1) * (WIDTH - 12);
    const y = (percent) => 8 + (HIGH - Math.min(Math.max(percent, LOW), HIGH)) / (HIGH - LOW) * (HEIGHT - 16);
    const line = points.map(([cycle, percent]) => `${x(cycle).toFixed(1)},${y(percent).toFixed(1)}`).join(" ");
    drawn("line", svg, { class: "wall-hundred", x1: 0, x2: WIDTH, y1: y(100), y2: y(100) });
    drawn("polyline", svg, { points: line, class: "wall-line" });
    const [cycle, percent] = points[points.length - 1];
    const end = `${x(cycle).toFixed(1)},${y(percent).toFixed(1)}`;
    drawn("polyline", svg, { points: `${end} ${end}`, class: "wall-point" });  // a round cap stays round however the picture is stretched
  }

  /* The tile's nodes, made once; `update` writes into them. */
  function make() {
    const tile = element("li", "tile");
    const head = element("div", "tile-head", tile);
    const link = element("a", "tile-name", element("h2", "", head));
    const badge = element("span", "badge tile-badge", head);
    const plating = element("span", "tile-plating", head);
    const state = element("div", "tile-state", tile);
    const icon = element("i", "ic", state);
    icon.setAttribute("aria-hidden", "true");
    const word = element("span", "tile-word", state);
    const value = element("span", "tile-value", state);
    const svg = drawn("svg", tile, { class: "tile-spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
    const why = element("p", "tile-why", tile);
    const facts = element("div", "tile-facts", tile);
    const cycle = element("span", "", facts), capacity = element("span", "", facts);
    const measured = element("div", "tile-facts", tile);
    const voltage = element("span", "", measured), pressure = element("span", "", measured), seen = element("span", "tile-age", measured);
    return { tile, link, badge, plating, icon, word, value, svg, why, cycle, capacity, seen, voltage, pressure, drawnFrom: null };
  }

  function update(nodes, cell, cycles, words) {
    const { stored, judged, live } = cell;
    attribute(nodes.tile, "class", `tile tile-${judged.level}`);
    attribute(nodes.tile, "data-cell", String(stored.cell_id));
    text(nodes.link, stored.name);
    attribute(nodes.link, "href", `/cells/${stored.cell_id}`);
    attribute(nodes.link, "title", stored.name);
    nodes.badge.hidden = !stored.synthetic;
    text(nodes.badge, stored.synthetic ? words.synthetic : "");
    attribute(nodes.badge, "title", stored.synthetic || "");
    if (nodes.drawnFrom !== stored) {
      nodes.plating.replaceChildren();
      swatch(stored.plating, nodes.plating);
      element("span", "", nodes.plating).textContent = stored.plating.label;
      nodes.tile.style.setProperty("--c", `var(--${stored.plating.token})`);
      spark(nodes.svg, stored.indicator, cycles);
      attribute(nodes.svg, "aria-label", stored.indicator_words);
      nodes.svg.toggleAttribute("hidden", !stored.indicator.length);
      text(nodes.why, stored.indicator.length ? "" : stored.indicator_words);
      nodes.drawnFrom = stored;
    }
    attribute(nodes.icon, "style", `--i: url(/assets/icons/${ICONS[judged.level]}.svg)`);
    text(nodes.word, judged.word);
    const said = stored.indicator_value === null ? "" : `${number(stored.indicator_value, stored.indicator_unit === "%" ? 1 : 2)} ${stored.indicator_unit}`;
    text(nodes.value, said);
    attribute(nodes.value, "title", said);  // a long unit gives way to the word of the state
    const cycle = live && live.cycle_count ? live.cycle_count : stored.cycle_count;
    text(nodes.cycle, `${words.cycle} ${cycle || NOTHING}`);
    text(nodes.capacity, stored.capacity === null ? "" : `${number(stored.capacity, stored.capacity < 10 ? 2 : 0)} ${stored.capacity_unit}`);
    text(nodes.seen, live ? age(judged.age) : "");
    const last = (live && live.last) || {};
    text(nodes.voltage, "voltage_volt" in last ? `${number(last.voltage_volt, 3)} V` : "");
    text(nodes.pressure, "surface_pressure_mpa" in last ? `${number(last.surface_pressure_mpa, 2)} MPa` : "");
  }

  window.barograph = Object.assign(window.barograph || {}, { tiles: { make, update, swatch, age, text, element } });
})();
