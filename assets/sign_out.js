/* Signing out, and what happens to a page whose session has ended: both lead to the sign-in page. */
(function () {
  "use strict";
  let leaving = false;

  function leave(address) {
    if (leaving) return;
    leaving = true;
    location.assign(address);
  }
  /* Sent by a script: this page's policy on referrers would have the form say that it comes from nowhere. */
  document.addEventListener("submit", async (event) => {
    if (new URL(event.target.action, location.href).pathname !== "/sign-out") return;
    event.preventDefault();
    await fetch("/sign-out", { method: "POST", redirect: "manual" }).catch(() => { /* the page asks again below */ });
    leave("/sign-in?out=1");
  });

  /* A callback that is answered with 401 would leave the page dead without a word. */
  const ask = window.fetch;
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    if (answer.status === 401 && new URL(answer.url, location.href).origin === location.origin && !document.body.hasAttribute("data-public-wall")) {
      leave(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
    return answer;
  };
})();
