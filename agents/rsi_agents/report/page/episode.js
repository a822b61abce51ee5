// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// One episode, opened over the page; its address is #episode=ID.

const dialog = byId("episode");
let opened = "";

async function follow() {
  const id = decodeURIComponent(/^#episode=(.+)$/.exec(location.hash)?.[1] ?? "");
  if (!id) return dialog.open && dialog.close();
  const row = list.rows.find((one) => one.id === id);
  opened = id;
  if (!row) return present(id, "Episode", make("p", { class: "note" }, "There is no such episode in this report."));
  const named = (row.task || `seed ${row.seed}`).slice(0, LONG_NAME);
  const kicker = [row.environment, row.agent.slice(0, LONG_NAME)].join(" · ");
  try {
    const details = await detailsOf(row);
    if (opened === id) present(named, kicker, ...parts(row, details));
  } catch (error) {
    if (opened === id) present(named, kicker, make("p", { class: "note" }, `It can’t be opened: ${error.message}`));
  }
}

function present(title, kicker, ...content) {
  byId("episode-kicker").textContent = kicker;
  byId("episode-title").textContent = title;
  byId("episode-body").replaceChildren(...content.filter(Boolean));
  const at = list.shown.findIndex((row) => row.id === opened);
  byId("episode-back").disabled = at <= 0;
  byId("episode-on").disabled = at < 0 || at >= list.shown.length - 1;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  byId("episode-title").focus();
  byId("episode-status").textContent = `Opened ${title}`;
}

function parts(row, details) {
  const where = [["Seed", String(row.seed)], ["Run", row.run], ["Reward", row.reward == null ? "" : figure(row.reward)], ...details.facts];
  return [
    details.verdict || details.fault ? verdict(row, details) : null,
    facts(where.filter(([, value]) => value !== "")),
    ...details.notes.map((note) => make("p", { class: "note" }, inline(note))),
    details.left_out
      ? make("p", { class: "note" }, `What was said is left out so that this file stays small: ${count(details.left_out)} bytes. The records have it.`)
      : null,
    ...details.sections.map(sectionElement),
    traces(details.traces),
  ];
}

function verdict(row, { verdict: found, fault }) {
  if (fault) {
    return make(
      "section",
      { class: "verdict fault" },
      make("p", { class: "score" }, badge("fault", "fault")),
      make("p", { class: "reason" }, "The ", wordsOf(fault.where), " broke with ", make("b", {}, inline(fault.kind)), ": ", inline(fault.message)),
      make("details", {}, make("summary", {}, "Traceback"), block(fault.traceback, "code", "Traceback")),
    );
  }
  const beaten = found.references == null || found.references_beaten == null ? "" : `Better than ${found.references_beaten} of ${found.references} references`;
  return make(
    "section",
    { class: "verdict", "aria-label": "Verdict" },
    make("p", { class: "score" }, found.score == null ? "" : figure(found.score), badge(row.outcome, row.outcome)),
    found.reason ? make("p", { class: "reason" }, inline(found.reason)) : null,
    found.unscored ? make("p", { class: "reason" }, "No verdict: ", inline(found.unscored)) : null,
    beaten ? make("p", { class: "quiet" }, beaten) : null,
    scoreParts(found.parts),
    found.judged_by?.length ? make("p", { class: "quiet" }, "Judged by ", inline(found.judged_by.map(wordsOf).join(", "))) : null,
    health(found.health),
    found.votes ? make("details", {}, make("summary", {}, "Votes"), block(found.votes, "code", "Votes")) : null,
  );
}

function scoreParts(named) {
  const rows = Object.entries(named ?? {}).map(([name, value]) => {
    const within = value >= 0 && value <= 1;
    const bar = within ? draw("svg", { class: "bar", viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" }, draw("path", { d: `M0 6H${100 * value}` })) : "";
    return [name, figure(value), bar];
  });
  return rows.length ? table(["Part", "Value", hidden("Drawn")], rows, { caption: "Parts of the score", numbers: [1] }) : null;
}

function traces(found) {
  if (!found.length) return null;
  return make(
    "section",
    { class: "section" },
    make("h3", {}, "Behind the actions"),
    ...found.map((trace) => make("details", {}, make("summary", {}, `Step ${trace.step}: `, brief(trace.name)), block(trace.text, "code", wordsOf(trace.name)))),
  );
}

function beside(step) {
  const next = list.shown[list.shown.findIndex((row) => row.id === opened) + step];
  if (next) location.replace(`#episode=${next.id}`);
}

function listenToEpisode() {
  byId("episode-close").addEventListener("click", () => dialog.close());
  byId("episode-back").addEventListener("click", () => beside(-1));
  byId("episode-on").addEventListener("click", () => beside(1));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // The event comes late: another episode may have been opened since.
  dialog.addEventListener("close", () => {
    if (dialog.open) return;
    if (location.hash === `#episode=${opened}`) history.replaceState(null, "", location.pathname + location.search);
    opened = "";
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
    const game = event.target.closest(".game") ?? dialog.querySelector(".game");
    if (game?.stepBy(event.key)) event.preventDefault();
  });
  addEventListener("hashchange", follow);
}
