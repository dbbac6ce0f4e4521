/* The Cells page: the search narrows the grid in the browser. */
(function () {
  "use strict";
  const h = (...parts) => window.React.createElement(...parts);
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    cells: {
      search(text, options) { return { ...options, quickFilterText: text || "" }; },
    },
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    /* A number as it was entered, without added zeros. */
    Plain(props) {
      return typeof props.value === "number"
        ? h("span", null, String(props.value).replace("-", "\u2212"))
        : h("span", { className: "nothing" }, "\u2013");
    },
    Lacks(props) {
      return props.value ? h("span", { className: "quiet" }, props.value) : null;
    },
  });
})();
