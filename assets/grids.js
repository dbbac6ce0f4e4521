/* How the cells of tables are drawn. Every text becomes a text node; nothing a user typed is read as mark-up. */
(function () {
  "use strict";
  const h = (...parts) => window.React.createElement(...parts);
  const MINUS = "\u2212", NOTHING = "\u2013";
  const icon = (name, size) => h("i", {
    className: "ic", "aria-hidden": "true", style: { "--i": `url(/assets/icons/${name}.svg)`, "--s": `${size || 16}px` },
  });
  const number = (value, digits) => value.toFixed(digits).replace("-", MINUS);

  function Swatch(mark) {
    const hollow = mark.hollow ? " swatch-hollow" : "";
    return h("span", { className: "swatch-word" },
      h("i", { className: `swatch swatch-${mark.symbol}${hollow}`, "aria-hidden": "true", style: { "--c": `var(--${mark.token})` } }),
      h("span", null, mark.label));
  }

  /* A link must not take the keyboard from the grid, and leads on without loading the page again. */
  function CellLink(props) {
    if (!props.data || !props.data.cell_id) return null;
    const badge = props.data.synthetic
      ? h("span", { className: "badge", title: props.data.synthetic }, "synthetic") : null;
    return h("span", { className: "cell-name" },
      h("a", { href: `/cells/${props.data.cell_id}`, title: props.value }, props.value), badge);
  }
  function NumberCell(props) {
    if (typeof props.value !== "number") {
      const why = props.data && props.data.missing && props.data.missing[props.colDef.field];
      return h("span", { className: "nothing", title: why || undefined }, NOTHING);
    }
    const sign = props.signed && props.value > 0 ? "+" : "";
    const spread = props.data && props.data.titles && props.data.titles[props.colDef.field];
    return h("span", { title: spread || undefined }, sign + number(props.value, props.digits));
  }
  /* The value of these columns is what they sort and filter by; how it looks stands in data.marks. */
  const markOf = (props) => (props.data && props.data.marks && props.data.marks[props.colDef.field]) || null;
  function Status(props) {
    const mark = markOf(props);
    if (!mark) return null;
    return h("span", { className: `status status-${mark.level}`, title: mark.title || undefined },
      icon(mark.icon), h("span", null, mark.word || props.value));
  }
  function Plating(props) {
    const mark = markOf(props);
    return mark ? Swatch(mark) : null;
  }
  function Quiet(props) {
    const mark = markOf(props);
    if (!mark) return h("span", { className: "nothing" }, props.value || NOTHING);
    return h("span", { className: "quiet", title: mark.title || undefined }, mark.text);
  }

  /* All sparklines have one scale: the same length is the same age, the same height the same per cent. */
  const WIDTH = 166, HEIGHT = 24, LOW = 74, HIGH = 112;
  function Spark(props) {
    const spark = props.value;
    if (!spark || !spark.points.length) {
      return h("span", { className: "quiet", title: (spark && spark.title) || undefined }, (spark && spark.words) || NOTHING);
    }
    const x = (cycle) => 3 + (cycle - 1) / (spark.cycles - 1) * (WIDTH - 8);
    const y = (percent) => 2 + (HIGH - Math.min(Math.max(percent, LOW), HIGH)) / (HIGH - LOW) * (HEIGHT - 4);
    const runs = [];
    let last = null;
    for (const [cycle, percent] of spark.points) {
      const point = `${x(cycle).toFixed(1)},${y(percent).toFixed(1)}`;
      if (last !== null && cycle - last <= 1) runs[runs.length - 1].push(point); else runs.push([point]);
      last = cycle;
    }
    const colour = `var(--${spark.token})`;
    const [cycle, percent] = spark.points[spark.points.length - 1];
    return h("svg", { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spark.words },
      ...runs.map((run, at) => {
        const line = run.length > 1 ? run.join(" ") : `${run[0]} ${run[0]}`;  // a lone cycle is a dot, not nothing
        return h("polyline", { key: at, points: line, fill: "none", stroke: colour, strokeWidth: 1.3, strokeLinejoin: "round", strokeLinecap: "round" });
      }),
      h("circle", { key: "end", cx: x(cycle), cy: y(percent), r: 2, fill: colour }));
  }

  function GroupRow(props) {
    const group = props.data.group;
    return h("div", { role: "gridcell", className: "group-row" },
      group.mark ? Swatch({ ...group.mark, label: group.title }) : h("strong", null, group.title),
      h("span", { className: "group-facts" }, group.facts));
  }

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    CellLink, Number: NumberCell, Status, Plating, Quiet, Spark, GroupRow,
  });
})();
