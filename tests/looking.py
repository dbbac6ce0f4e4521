"""What a page shows, what in it is not ours, and hands that touch all of it."""

import unicodedata
from collections.abc import Iterable

FAULTS = """() => {
  const found = [];
  if (window.ran) found.push(`ran ${window.ran} times`);
  const leads = new Set(["href", "xlink:href", "src", "srcset", "action", "formaction", "data", "poster", "srcdoc"]);
  for (const node of document.querySelectorAll("*")) {
    for (const { name, value } of node.attributes) {
      const where = `${node.tagName} ${name}=${value.slice(0, 80)}`;
      if (name.startsWith("on") || name === "srcdoc") { found.push(where); continue; }
      if (name === "style" && /url\\(\\s*["']?(https?:)?[\\\\/]{2}/i.test(value)) found.push(where);
      if (!leads.has(name) || value.startsWith("#")) continue;
      let address;
      try { address = new URL(value, location.href); } catch { found.push(where); continue; }
      const own = address.host === location.host || ["blob:"].includes(address.protocol)
        || (address.protocol === "data:" && /^data:image\\//.test(value) && ["IMG", "image"].includes(node.tagName));
      if (!own) found.push(where);
    }
  }
  return found;
}"""
"""Handlers, links and pictures in the page that are not ours, and whether a text has run."""

TOUCH = """() => {
  const kinds = [["pointerover", PointerEvent], ["pointerenter", PointerEvent], ["mouseover", MouseEvent],
    ["mouseenter", MouseEvent], ["mousemove", MouseEvent], ["focusin", FocusEvent]];
  const presses = [["pointerdown", PointerEvent], ["mousedown", MouseEvent], ["mouseup", MouseEvent],
    ["click", MouseEvent]];
  const controls = "a, button, input, textarea, label, summary, [role=button], [data-press], .ag-header, #import-drop";
  let touched = 0;
  for (const node of document.querySelectorAll("#main *, #page *")) {
    if ((node.children.length && !node.title) || node.closest(".js-plotly-plot")) continue;
    const box = node.getBoundingClientRect();
    const where = { bubbles: true, cancelable: true, clientX: box.x + 1, clientY: box.y + 1, view: window };
    for (const [name, Kind] of kinds) node.dispatchEvent(new Kind(name, where));
    if (!node.closest(controls)) {
      for (const [name, Kind] of presses) node.dispatchEvent(new Kind(name, where));
    }
    touched += 1;
  }
  return touched;
}"""
"""Point at every text, and press each that is no control of ours; figures are pointed at by HOVER."""

HOVER = """() => {
  const said = [], clock = Date.now;
  let now = clock();
  Date.now = () => (now += 1000);  // plotly answers a pointer at most every 50 ms
  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    (plot._fullData || []).forEach((trace, curve) => {
      if (trace.visible !== true || trace.hoverinfo === "skip" || !(trace.x || []).length) return;
      try { window.Plotly.Fx.hover(plot, [{ curveNumber: curve, pointNumber: trace.x.length - 1 }]); }
      catch (error) { return; }
      said.push(plot.querySelector(".hoverlayer")?.textContent || "");
    });
    window.Plotly.Fx.unhover(plot);
  }
  Date.now = clock;
  return said.join("\\n");
}"""
"""Point at the last point of every line; what was said."""

SHOWN = """() => {
  const said = [document.title, document.body.textContent];
  for (const field of document.querySelectorAll("input, textarea")) said.push(field.value);
  return said.join("\\n");
}"""


def plain(text: str) -> str:
    """The text with one blank where a browser shows one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def missing(shown: str, wanted: Iterable[str]) -> list[str]:
    """Wanted texts that are not shown as they were typed."""
    there = plain(shown)
    return [text for text in wanted if plain(text) not in there]
