// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// Elements out of data. Text reaches the page as text nodes alone, whatever it says.

const SVG = "http://www.w3.org/2000/svg";
const LONG_TEXT = 1500;
const LONG_NAME = 300;

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

const inline = (value) => make("bdi", {}, wordsOf(value), cutNote(value));

// A name where there is little room; what is longer says by how much.
function brief(value) {
  const words = wordsOf(value);
  const more = words.length - LONG_NAME + (isCut(value) ? value.cut : 0);
  return more > 0 ? inline({ text: words.slice(0, LONG_NAME), cut: more }) : inline(value);
}

function block(value, kind = "", label = "text") {
  const long = wordsOf(value).length > LONG_TEXT;
  const scrolls = long ? { tabindex: "0", role: "region", "aria-label": label } : {};
  return make("div", { class: `text ${kind} ${long ? "long" : ""}`, dir: "auto", ...scrolls }, wordsOf(value), cutNote(value));
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
