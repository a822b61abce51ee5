// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// A drawing for each kind of section that a story has.

const MOST_NUMBERED_LINES = 5000;
const MOST_NUMBERED_CHARACTERS = 200000;

const SECTIONS = {
  Conversation(section) {
    return make(
      "ol",
      { class: "talk" },
      ...section.messages.map((message) =>
        make(
          "li",
          { class: message.role === "agent" ? "agent" : "other" },
          make(
            "p",
            { class: "role" },
            brief(message.role),
            message.call ? badge(`calls ${wordsOf(message.call)}`, "call") : null,
            message.malformed ? badge("malformed", "failed") : null,
          ),
          block(message.text, "", "What was said"),
          message.malformed ? make("p", { class: "malformed" }, "Could not be read: ", inline(message.malformed)) : null,
        ),
      ),
    );
  },
  Program(section) {
    return make("div", {}, source(section.source), checks(section.checks));
  },
  Writing(section) {
    return make("div", {}, block(section.text, "prose", "Text"), checks(section.checks));
  },
  Votes(section) {
    const rows = section.votes.map((vote) => [
      brief(vote.judge),
      vote.ranking ? make("span", { class: "ranking" }, brief(vote.ranking)) : badge("abstained", "unscored"),
      block(vote.ranking ? vote.rationale : vote.abstained, "prose", "Rationale"),
    ]);
    return make("div", {}, table(["Judge", "Ranking", "Why"], rows, { caption: "Votes" }), health(section.health));
  },
  Table(section) {
    return table(section.columns.map(brief), section.rows.map((row) => row.map(inline)), { caption: wordsOf(section.title).slice(0, LONG_NAME) });
  },
  Board: (section) => board(section),
};

function sectionElement(section) {
  const drawn = SECTIONS[section.kind] ?? ((other) => block(JSON.stringify(other, null, 1), "code"));
  return make("section", { class: `section ${section.kind.toLowerCase()}` }, make("h3", {}, brief(section.title)), drawn(section));
}

function source(value) {
  const words = wordsOf(value).replace(/\n$/, "");
  const lines = words.split("\n");
  const numbered = lines.length <= MOST_NUMBERED_LINES && words.length <= MOST_NUMBERED_CHARACTERS;
  const code = make("code", { class: numbered ? "numbered" : null });
  if (!numbered) pour(code, value, AT_ONCE);
  else code.append(...lines.map((line) => make("span", { class: "line" }, line + "\n")), cutNote(value) ?? "");
  return make("pre", { class: "code", tabindex: "0", role: "region", "aria-label": "Program" }, code);
}

function checks(found) {
  if (!found.length) return null;
  const words = (passed) => (passed === null ? ["–", "not run", "unscored"] : passed ? ["✓", "passed", "passed"] : ["✗", "failed", "failed"]);
  const passed = found.filter((check) => check.passed).length;
  return make(
    "details",
    { class: "checks", open: found.length <= 12 },
    make("summary", {}, `${count(passed)} of ${count(found.length)} checks passed`),
    make(
      "ul",
      {},
      ...found.map((check) => {
        const [mark, word, kind] = words(check.passed);
        return make(
          "li",
          {},
          make("span", { class: `mark ${kind}`, "aria-hidden": "true" }, mark),
          hidden(`${word}: `),
          brief(check.name),
          check.detail ? make("span", { class: "detail" }, inline(check.detail)) : null,
        );
      }),
    ),
  );
}

const HEALTH = {
  abstentions: "Share of votes without a ranking",
  swap_consistency: "Decided alike in both orders",
  first_preferred: "Preferred the one shown first (½ is fair)",
  agreement: "Krippendorff’s alpha between judges",
  length_slope: "What twice the length adds",
};

function health(measures) {
  const known = Object.entries(measures ?? {});
  return known.length ? facts(known.map(([name, value]) => [HEALTH[name] ?? name, figure(value)])) : null;
}

function facts(pairs) {
  return make("dl", { class: "facts" }, ...pairs.map(([name, value]) => make("div", {}, make("dt", {}, brief(name)), make("dd", {}, inline(value)))));
}
