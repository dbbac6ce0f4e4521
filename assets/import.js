/* Import page: files go straight from the browser to the API, one request each, never through a callback.
   An upload goes on while another page of Barograph is shown; the list is drawn again when the reader returns. */
(function () {
  "use strict";

  const AT_ONCE = 2;
  const SLACK_PX = 8;
  const ROUTE = "/api/v1/imports";
  const uploads = [];
  let busyAt = 0;
  let down = null;
  let focused = "";

  function place() {
    return document.getElementById("import-uploads");
  }

  function words() {
    return JSON.parse(place().dataset.words);
  }

  function start(files) {
    const cell = new URLSearchParams(location.search).get("cell");
    const drop = { at: Date.now(), shown: false };
    Array.from(files).forEach((file) => {
      uploads.push({ file, cell, drop, state: "waiting", sent: 0, text: "", request: null });
    });
    next();
  }

  function next() {
    const running = uploads.filter((one) => one.state === "sending").length;
    uploads.filter((one) => one.state === "waiting").slice(0, AT_ONCE - running).forEach(send);
    draw();
  }

  function send(upload) {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ name: upload.file.name, confirm: "ask" });
    if (upload.cell) query.set("cell_id", upload.cell);
    upload.state = "sending";
    upload.request = request;
    request.open("POST", `${ROUTE}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => { upload.sent = event.loaded; draw(); };
    request.onload = () => received(upload, request);
    request.onerror = () => failed(upload, "lost");
    request.onabort = () => { remove(upload); };
    request.send(upload.file);
  }

  function received(upload, request) {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a proxy's page: the status says it */ }
    if (request.status !== 200 && request.status !== 202) {
      failed(upload, "refused", answer.error || `HTTP ${request.status}`);
      return;
    }
    if (answer.already) failed(upload, "already");
    else remove(upload);
    if (place() === null) return;
    window.dash_clientside.set_props("import-arrived", { data: { import_id: answer.import_id, at: Date.now() } });
    /* The first file that is there is shown, but never under the hands of somebody who is busy with another one. */
    if (!upload.drop.shown && busyAt < upload.drop.at) {
      window.dash_clientside.set_props("import-chosen", { data: answer.import_id });
    }
    upload.drop.shown = true;
  }

  function failed(upload, state, text) {
    upload.state = state;
    upload.text = text || "";
    next();
  }

  function remove(upload) {
    uploads.splice(uploads.indexOf(upload), 1);
    next();
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function row(upload, said) {
    const sending = upload.state === "sending" || upload.state === "waiting";
    const percent = upload.file.size ? Math.round(100 * upload.sent / upload.file.size) : 0;
    const made = element("div", `import-card import-upload import-upload-${upload.state}`);
    const head = element("div", "import-card-head");
    head.append(element("span", "import-name", upload.file.name));
    const stop = element("button", "button button-quiet import-stop", sending ? said.cancel : said.close);
    stop.type = "button";
    stop.setAttribute("aria-label", `${sending ? said.cancel : said.close} ${upload.file.name}`);
    stop.onclick = () => { if (upload.state === "sending") upload.request.abort(); else remove(upload); };
    head.append(stop);
    made.append(head);
    const detail = sending ? `${said[upload.state]} · ${percent} %` : `${said[upload.state]} ${upload.text}`;
    made.append(element("div", "import-card-detail", detail.trim()));
    if (sending) {
      const track = element("div", "import-progress");
      const bar = element("div", "import-progress-bar");
      bar.style.width = `${percent}%`;
      track.setAttribute("role", "progressbar");
      track.setAttribute("aria-valuenow", String(percent));
      track.setAttribute("aria-label", `${said.sending} ${upload.file.name}`);
      track.append(bar);
      made.append(track);
    }
    return made;
  }

  function draw() {
    const list = place();
    if (list !== null) list.replaceChildren(...uploads.map((upload) => row(upload, words())));
  }

  function pick() {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.onchange = () => start(input.files);
    input.click();
  }

  function dragged(event) {
    const zone = document.getElementById("import-drop");
    if (zone === null || !event.dataTransfer || !event.dataTransfer.types.includes("Files")) return null;
    event.preventDefault();
    return zone;
  }

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#import-drop")) pick();
  });
  /* A press carries all that it says (data-press) from the moment it begins: a list, a row or a button that is drawn
     anew, or moves, before it ends loses nothing. Keys and programs click without a pointer. */
  function pressOf(target) {
    const button = target instanceof Element ? target.closest("[data-press]") : null;
    return button === null || button.disabled ? null : JSON.parse(button.dataset.press);
  }

  function say(press) {
    if (press.card !== undefined) window.dash_clientside.set_props("import-chosen", { data: press.card });
    else window.dash_clientside.set_props("import-pressed", { data: { ...press, at: Date.now() } });
  }

  document.addEventListener("pointerdown", (event) => {
    focused = "";
    const press = event.button === 0 && event.isPrimary ? pressOf(event.target) : null;
    down = press === null ? null : { press, x: event.clientX, y: event.clientY, said: false };
  });
  document.addEventListener("pointerup", (event) => {
    if (down === null || Math.hypot(event.clientX - down.x, event.clientY - down.y) > SLACK_PX) return;
    down.said = true;
    say(down.press);
  });
  document.addEventListener("focusin", (event) => { focused = event.target.closest(".import-card")?.id || ""; });
  document.addEventListener("pointercancel", () => { down = null; });
  document.addEventListener("click", (event) => {
    const said = event.detail > 0 && down !== null && down.said;
    down = null;
    const press = said ? null : pressOf(event.target);
    if (press !== null) say(press);
  });
  for (const type of ["pointerdown", "input", "keydown"]) {
    document.addEventListener(type, (event) => {
      if (event.target instanceof Element && event.target.closest(".import-page") !== null) busyAt = Date.now();
    });
  }

  document.addEventListener("dragover", (event) => { dragged(event)?.classList.add("import-drop-over"); });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) dragged(event)?.classList.remove("import-drop-over");
  });
  document.addEventListener("drop", (event) => {
    const zone = dragged(event);
    if (zone === null) return;
    zone.classList.remove("import-drop-over");
    start(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (uploads.some((one) => one.state === "sending" || one.state === "waiting")) event.preventDefault();
  });

  /* A card that has been chosen is brought into view once; the list stays where it is while nothing else is chosen. */
  function showChosen() {
    const list = document.getElementById("import-list");
    const chosen = list?.querySelector("[aria-pressed=true]");
    if (!chosen || list.dataset.placed === chosen.id) return;
    list.dataset.placed = chosen.id;
    chosen.scrollIntoView({ block: "nearest" });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.import_page = {
    /* The chosen import is in the address, so that the page can be left and returned to. */
    remember(chosen) {
      if (chosen && location.pathname === "/import") {
        const query = new URLSearchParams(location.search);
        query.set("import", chosen);
        history.replaceState(history.state, "", `/import?${query}`);
      }
    },
    /* Beside the list, which has just been drawn: the card that had the focus has it again. */
    draw_uploads() {
      draw();
      setTimeout(showChosen, 0);
      setTimeout(() => { if (document.activeElement === document.body) document.getElementById(focused)?.focus(); }, 0);
    },
  };
})();
