/* The pages of Settings: copying what is shown once, closing dialogs, Undo of toasts, the length of a password. */
(function () {
  "use strict";
  function say(button, text) {
    const label = button.lastChild, before = label.textContent;
    label.textContent = text;
    setTimeout(() => { label.textContent = before; }, 2500);
  }
  /* Without TLS a browser lends no clipboard to pages: then the text is marked and copied in the old way. */
  function copy(button) {
    const row = button.closest(".secret-row"), code = row.querySelector("code");
    const mark = () => {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      let copied = false;
      try { copied = document.execCommand("copy"); } catch { /* said below */ }
      say(button, copied ? button.dataset.done : row.dataset.byHand);
    };
    if (!navigator.clipboard) { mark(); return; }
    navigator.clipboard.writeText(code.textContent).then(() => say(button, button.dataset.done), mark);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const close = event.target.closest("[data-close-dialog]");
    if (close) close.closest(".mantine-Modal-content").querySelector(".mantine-Modal-close").click();
    const undo = event.target.closest("[data-settings-undo]");
    if (undo) {
      undo.disabled = true;
      window.dash_clientside.set_props("settings-undo", { data: { what: undo.dataset.settingsUndo, at: Date.now() } });
    }
  });
  /* Enter in a field of a dialog or of the password is the press of its black button. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("input:not([aria-expanded=true])")) return;
    const form = event.target.closest(".settings-form, .settings-password");
    const tags = event.target.closest(".mantine-TagsInput-root");
    const button = form && !tags && form.querySelector(".button-primary");
    if (button && !event.target.closest("[role=combobox]")) button.click();
  });
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    settings: {
      /* What was shown once is gone when its dialog is closed. */
      forget(opened) { return opened ? window.dash_clientside.no_update : null; },
      length(text, id) {
        const place = document.getElementById(id), length = [...(text || "").normalize("NFC")].length;
        if (!place || !length) return "";
        const enough = length >= Number(place.dataset.least);
        place.toggleAttribute("data-is-enough", enough);
        return (enough ? place.dataset.enough : place.dataset.short)
          .replace("{length}", length).replace("{least}", place.dataset.least);
      },
    },
  });
})();
