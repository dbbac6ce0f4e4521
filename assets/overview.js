/* The Overview and the Cells page: the order of their lists is the order of J and K on a cell's page. */
(function () {
  "use strict";
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    overview: {
      /* Sorted or filtered in the browser (virtual), or fresh from the server: whichever came last. */
      remember_order(virtual, fresh) {
        const sorted = window.dash_clientside.callback_context.triggered.some((one) => one.prop_id.endsWith(".virtualRowData"));
        const rows = (sorted ? virtual : fresh) || [];
        window.barograph.rememberOrder(rows.map((row) => row.cell_id).filter(Boolean));
        return window.dash_clientside.no_update;
      },
    },
  });
})();
