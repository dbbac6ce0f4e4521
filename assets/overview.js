/* The Overview and the Cells page: the order of their lists is the order of J and K on a cell's page. */
(function () {
  "use strict";
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    overview: {
      remember_order(rows) {
        window.barograph.rememberOrder((rows || []).map((row) => row.cell_id).filter(Boolean));
        return window.dash_clientside.no_update;
      },
    },
  });
})();
