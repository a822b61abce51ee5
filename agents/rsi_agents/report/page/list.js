// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// The list of episodes: filtered, sorted, a page at a time.

const PAGE = 50;
const NUMBERS = ["seed", "score", "reward", "tokens", "cost_usd", "wall_s"];
const FILTERS = ["agent", "environment", "run", "outcome"];
const OUTCOMES = { passed: "passed", failed: "failed", scored: "scored", ended: "ended", unscored: "unscored", fault: "fault" };

const list = { rows: [], shown: [], page: 0, sort: "", down: false };

function setRows(rows) {
  list.rows = rows;
  for (const name of FILTERS) offer(byId(`filter-${name}`), [...new Set(rows.map((row) => row[name]))].sort(compareText));
  refresh();
}

function offer(select, values) {
  const chosen = select.value;
  select.replaceChildren(make("option", { value: "" }, "all"), ...values.map((value) => make("option", { value }, value.slice(0, LONG_NAME))));
  select.value = values.includes(chosen) ? chosen : "";
  select.parentElement.hidden = values.length < 2;
}

const compareText = new Intl.Collator("en", { numeric: true }).compare;

function refresh() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = FILTERS.map((name) => [name, byId(`filter-${name}`).value]).filter(([, value]) => value);
  list.shown = list.rows.filter(
    (row) => chosen.every(([name, value]) => row[name] === value) && words.every((word) => row.searched.includes(word)),
  );
  if (list.sort) list.shown.sort(order(list.sort, list.down));
  const pages = Math.max(1, Math.ceil(list.shown.length / PAGE));
  list.page = Math.min(list.page, pages - 1);
  showPage(pages);
}

// What has no value comes last either way.
function order(name, down) {
  const compare = NUMBERS.includes(name) ? (one, other) => one - other : compareText;
  return (one, other) => {
    const [left, right] = [one[name], other[name]];
    if (left == null || right == null) return (left == null) - (right == null);
    return down ? compare(right, left) : compare(left, right);
  };
}

function showPage(pages) {
  const start = list.page * PAGE;
  const shown = list.shown.slice(start, start + PAGE);
  byId("rows-shown").replaceChildren(...shown.map(rowElement));
  const some = list.shown.length === list.rows.length ? "" : ` of ${count(list.rows.length)}`;
  byId("count").textContent = `${count(list.shown.length)}${some} episode${list.shown.length === 1 && !some ? "" : "s"}`;
  byId("page-number").textContent = list.shown.length
    ? `${count(start + 1)} to ${count(start + shown.length)}, page ${count(list.page + 1)} of ${count(pages)}`
    : "none fits";
  for (const button of document.querySelectorAll("[data-page]")) {
    const back = ["first", "back"].includes(button.dataset.page);
    button.disabled = back ? list.page === 0 : list.page >= pages - 1;
  }
}

function rowElement(row) {
  const number = (value, kind = "") => make("td", { class: `number ${kind}` }, value);
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("a", { href: `#episode=${row.id}` }, brief(row.task || `seed ${row.seed}`)), make("span", { class: "narrow" }, brief(row.agent))),
    make("td", { class: "agent" }, brief(row.agent)),
    make("td", { class: "wide" }, row.environment),
    number(String(row.seed), "wide"),
    make("td", {}, badge(OUTCOMES[row.outcome], row.outcome)),
    number(figure(row.score)),
    number(figure(row.reward), "wide"),
    number(row.tokens ? count(row.tokens) : "", "wide"),
    number(row.cost_usd ? `$${figure(row.cost_usd, 4)}` : "", "wide"),
    number(figure(row.wall_s, 1), "wide"),
  );
}

function sortBy(name) {
  const descendsFirst = NUMBERS.includes(name) && name !== "seed";
  list.down = list.sort === name ? !list.down : descendsFirst;
  list.sort = name;
  list.page = 0;
  for (const button of document.querySelectorAll("[data-sort]")) {
    const sorted = button.dataset.sort === name ? (list.down ? "descending" : "ascending") : "none";
    button.closest("th").setAttribute("aria-sort", sorted);
  }
  refresh();
}

function turnPage(where) {
  const last = Math.ceil(list.shown.length / PAGE) - 1;
  list.page = { first: 0, back: list.page - 1, on: list.page + 1, last }[where];
  refresh();
}

function listenToList() {
  const again = () => {
    list.page = 0;
    refresh();
  };
  const form = document.querySelector(".filters");
  form.addEventListener("input", again);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(again));
  for (const button of document.querySelectorAll("[data-sort]")) button.addEventListener("click", () => sortBy(button.dataset.sort));
  for (const button of document.querySelectorAll("[data-page]")) button.addEventListener("click", () => turnPage(button.dataset.page));
  byId("rows-shown").addEventListener("click", (event) => {
    const link = event.target.closest("tr")?.querySelector("a");
    if (link && !event.target.closest("a") && !String(getSelection())) link.click();
  });
}
