/* The Cells page: the search narrows the grid in the browser. */
(function () {
  "use strict";
  const h = (...parts) => window.React.createElement(...parts);
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    cells: {
      typed(changes) { return changes || window.dash_clientside.no_update; },
      search(text, options) { return { ...options, quickFilterText: text || "" }; },
      /* A mark that changed under the same value (after an edit in place) is not drawn anew by the grid itself. */
      redraw_marks(_rows, id) {
        window.dash_ag_grid.getApiAsync(id).then((api) => window.setTimeout(
          () => api.isDestroyed() || api.refreshCells({ force: true, columns: ["state", "plating_time_min"] }), 100));
      },
      /* Dash gives the file input of an upload no name; a screen reader needs one. */
      name_file_input(_opened, id) {
        window.requestAnimationFrame(() => {
          const frame = document.getElementById(id);
          frame?.querySelector("input")?.setAttribute("aria-label", frame.dataset.label);
        });
        return window.dash_clientside.no_update;
      },
    },
  });
  /* A typed number with a decimal point or a decimal comma; anything else stays the text that it is. */
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, WITH_COMMA = /^[+-]?\d*,\d+$/;
  function typedNumber(typed) {
    const text = String(typed ?? "").trim().replace("\u2212", "-");
    if (WITH_COMMA.test(text)) return Number(text.replace(",", "."));
    return NUMBER.test(text) ? Number(text) : text || null;
  }
  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    typedNumber,
    typedNumberOrNull(typed) {
      const value = typedNumber(typed);
      return typeof value === "number" ? value : null;
    },
  });
  /* The grid has no word for the keyboard of a phone. */
  document.addEventListener("focusin", ({ target }) => {
    const column = target.matches("input") && target.closest(".ag-root [aria-colindex]")?.getAttribute("aria-colindex");
    const head = column && target.closest(".ag-root").querySelector(`.typed-number[aria-colindex="${column}"]`);
    if (head) target.inputMode = "decimal";
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    /* A number as it was entered, without added zeros. */
    Plain(props) {
      return typeof props.value === "number"
        ? h("span", null, String(Number(props.value.toPrecision(6))).replace("-", "\u2212"))
        : h("span", { className: "nothing" }, "\u2013");
    },
    Text(props) {
      return props.value ? h("span", { className: "cell-text", title: props.value }, props.value) : null;
    },
    Lacks(props) {
      return props.value ? h("span", { className: "quiet cell-text" }, props.value) : null;
    },
  });
})();
