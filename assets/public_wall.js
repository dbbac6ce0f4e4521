/* The wall for whoever asks (BAROGRAPH_PUBLIC_WALL): starts it on its own page, which has no Dash to do so. */
(function () {
  "use strict";
  if (!document.body || !document.body.hasAttribute("data-public-wall")) return;
  window.barograph.go = () => location.assign("/sign-in");
  window.dash_clientside.wall.arrive();
})();
