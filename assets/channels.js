/* The Instruments page: ages and states of channels as the stream tells them, without asking the server. */
(function () {
  "use strict";
  const h = (...parts) => window.React.createElement(...parts);
  const ICONS = { live: "running", late: "running", stale: "plug", ended: "ended", unknown: "info", files: "info" };
  const LEVELS = { live: "running", late: "running", stale: "stale", ended: "finished", unknown: "info", files: "info" };
  const NOTHING = "\u2013";
  let heard = new Map(), words = {}, grid = null, listed = new Map();  // by the name of the channel: age in s, when it was true, status

  function ageOf(name) {
    const one = heard.get(name);
    return one && typeof one.age === "number" ? one.age + (Date.now() - one.at) / 1000 : null;
  }
  function age(seconds) {
    return seconds === null ? NOTHING : window.barograph.tiles.age(seconds);
  }
  function FeedAge(props) {
    return props.data ? h("span", null, age(ageOf(props.data.key))) : null;
  }
  function FeedStatus(props) {
    if (!props.data) return null;
    const status = (heard.get(props.data.key) || {}).status || props.value;
    const icon = h("i", { className: "ic", "aria-hidden": "true", style: { "--i": `url(/assets/icons/${ICONS[status]}.svg)`, "--s": "16px" } });
    return h("span", { className: `status status-${LEVELS[status]}` }, icon, h("span", null, words[status] || status));
  }
  function ChannelCell(props) {
    if (!props.data) return null;
    if (!props.data.cell_id) return h("span", { className: "quiet" }, NOTHING);
    return h("a", { href: `/cells/${props.data.cell_id}`, title: props.value }, props.value);
  }
  const seconds = (value) => `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} s`;
  function Seconds(props) {
    return typeof props.value === "number" ? h("span", null, seconds(props.value)) : h("span", { className: "nothing" }, NOTHING);
  }
  function Faults(props) {
    return props.value ? h("strong", null, String(props.value)) : h("span", { className: "nothing" }, NOTHING);
  }

  function paint() {
    const page = document.getElementById("channels-page");
    if (!page || page.hidden) return;
    for (const place of page.querySelectorAll(".feed-age")) {
      const said = age(ageOf(place.dataset.channel));
      if (place.textContent !== said) place.textContent = said;
    }
    /* The detail says what the list says. */
    for (const place of page.querySelectorAll(".feed-figure")) {
      const value = (listed.get(place.dataset.channel) || {})[place.dataset.name];
      if (typeof value !== "number") continue;
      const said = place.dataset.name === "interval" ? seconds(value) : String(value);
      if (place.textContent !== said) place.textContent = said;
    }
    if (grid && !grid.isDestroyed()) grid.refreshCells({ force: true, columns: ["status", "last"] });
  }
  window.addEventListener("barograph:feeds", (event) => {
    if (!heard.size) return;
    for (const cell of event.detail.cells) {
      for (const channel of cell.channels || []) {
        const before = heard.get(channel.name);
        if (!before) continue;
        const status = before.status === "files" && channel.status === "unknown" ? "files" : channel.status;
        heard.set(channel.name, { age: channel.age_second, at: Date.now(), status });
      }
    }
  });
  setInterval(paint, 1000);

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    channels: {
      took(rows, id) {
        const page = document.getElementById("channels-page");
        words = page ? JSON.parse(page.dataset.words) : {};
        window.dash_ag_grid.getApiAsync(id).then((api) => { grid = api; });
        heard = new Map((rows || []).map((row) => [row.key, { age: row.last, at: Date.now(), status: row.status }]));
        listed = new Map((rows || []).map((row) => [row.key, row]));
        window.requestAnimationFrame(paint);
        return window.dash_clientside.no_update;
      },
    },
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, { FeedAge, FeedStatus, ChannelCell, Seconds, Faults });
})();
