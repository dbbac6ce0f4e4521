/* Keys: a component with aria-keyshortcuts is pressed (or, if it takes text, focused) by that key, unless somebody types. */
(function () {
  "use strict";
  const ORDER_KEY = "barograph-cell-order";

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || !!target.closest("[role=dialog]");
  }
  /* J and K step through the cells in the order of the list the reader came from. */
  function step(by) {
    const here = /^\/cells\/(\d+)/.exec(location.pathname);
    if (!here) return false;
    orderAround(Number(here[1])).then((order) => {
      const next = order[order.indexOf(Number(here[1])) + by];
      if (next !== undefined) window.barograph.go(`/cells/${next}${location.search}`);
    });
    return true;
  }
  /* The order of the list; a page that was opened directly came from none: then all cells in the order of their making. */
  async function orderAround(cell) {
    let order = [];
    try { order = JSON.parse(sessionStorage.getItem(ORDER_KEY) || "[]"); } catch { /* no list is known */ }
    if (order.includes(cell)) return order;
    const { cells } = await (await fetch("/api/v1/cells")).json();
    return cells.filter((item) => !item.archived_at || item.id === cell).map((item) => item.id);
  }
  function press(key) {
    const found = [...document.querySelectorAll("[aria-keyshortcuts]")]
      .find((item) => item.getAttribute("aria-keyshortcuts").toLowerCase() === key && item.offsetParent !== null);
    if (!found) return false;
    const field = found.matches("input, textarea") ? found : found.querySelector("input, textarea");
    if (field) { field.focus(); field.select(); } else { found.click(); }
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.removeAttribute("open");
        menu.querySelector("summary").focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const done = press(key)
      || (key === "j" && step(1)) || (key === "k" && step(-1))
      || (key === "?" && (window.barograph.actions.keys(), true))
      || (key === "[" && (window.barograph.actions.sidebar(), true));
    if (done) event.preventDefault();
  });

  /* The order is that of the list at the moment the reader leaves it: filtered and sorted as it stands. */
  document.addEventListener("click", (event) => {
    const list = event.target.closest(".grid");
    if (!list || !event.target.closest("a[href^='/cells/']")) return;
    const order = [];
    window.dash_ag_grid.getApi(list.id).forEachNodeAfterFilterAndSort((node) => {
      if (node.data.cell_id) order.push(node.data.cell_id);
    });
    try { sessionStorage.setItem(ORDER_KEY, JSON.stringify(order)); } catch { /* J and K then go through all cells */ }
  }, true);
})();
