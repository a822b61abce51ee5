// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// Elements out of data. Text reaches the page as text nodes alone, whatever it says.

const SVG = "http://www.w3.org/2000/svg";
// Characters: of a name, of a line in a table, of a text that scrolls, of a text shown at once; and how it goes on.
const LONG_NAME = 300;
const LONG_LINE = 2000;
const LONG_TEXT = 1500;
const AT_ONCE = 20000;
const MORE = 4;

const make = (tag, properties = {}, ...children) => fill(document.createElement(tag), properties, children);
const draw = (tag, properties = {}, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children) if (child != null && child !== "") element.append(child);
  return element;
}

// A text is a string, or, where it was cut to fit, an object of what is left and how much is not.
const isCut = (value) => value !== null && typeof value === "object" && typeof value.cut === "number";
const wordsOf = (value) => (isCut(value) ? value.text : String(value ?? ""));
const cutNote = (value) =>
  isCut(value)
    ? make("span", { class: "cut" }, ` … ${count(value.cut)} characters are cut here; the records have them.`)
    : null;

// Puts a text into an element, so much at first; the rest comes by a button, because browsers choke on long lines.
function pour(element, value, portion) {
  const words = wordsOf(value);
  let shown = portion;
  element.append(words.slice(0, shown), cutNote(value) ?? "");
  if (words.length <= shown) return element;
  const node = element.firstChild;
  const left = () => `Show ${count(words.length - shown)} more characters`;
  const button = make("button", { type: "button", class: "more" }, left());
  button.addEventListener("click", () => {
    node.data = words.slice(0, (shown *= MORE));
    if (shown < words.length) button.textContent = left();
    else button.remove();
  });
  node.after(button);
  return element;
}

const inline = (value) => pour(make("bdi"), value, LONG_LINE);
const brief = (value) => pour(make("bdi"), value, LONG_NAME);

function block(value, kind = "", label = "Text") {
  const long = wordsOf(value).length > LONG_TEXT;
  const scrolls = long ? { tabindex: "0", role: "region", "aria-label": label } : {};
  return pour(make("div", { class: `text ${kind} ${long ? "long" : ""}`, dir: "auto", ...scrolls }), value, AT_ONCE);
}

const count = (number) => Number(number).toLocaleString("en-US");
const minus = (text) => text.replace("-", "\u2212");
const figure = (number, digits = 3) => (number == null ? "" : minus(Number(number).toFixed(digits)));
const hidden = (text) => make("span", { class: "hidden" }, text);
const badge = (value, kind) => make("span", { class: `badge ${kind}` }, brief(value));
const byId = (id) => document.getElementById(id);

function table(columns, rows, { caption = "", numbers = [] } = {}) {
  const kind = (place) => (numbers.includes(place) ? "number" : null);
  return make(
    "div",
    { class: "scroller", role: "region", "aria-label": caption || "Table", tabindex: "0" },
    make(
      "table",
      {},
      caption ? make("caption", { class: "hidden" }, caption) : null,
      make("thead", {}, make("tr", {}, ...columns.map((name, place) => make("th", { scope: "col", class: kind(place) }, name)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, place) => make("td", { class: kind(place) }, cell))))),
    ),
  );
}
