// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// The beginning; and, where a server follows a run, the news.

const ASK_EVERY_MS = 2000;

async function start() {
  listenToList();
  listenToEpisode();
  if (live) await listen();
  else setRows(rowsOf(await unpacked(byId("rows").textContent)));
  await follow();
}

// Rows are added as they come; whatever is open stays so.
const known = { edition: "", summarised: 0 };

async function listen() {
  try {
    const answer = await fetch(`changes?after=${list.rows.length}&edition=${known.edition}&summarised=${known.summarised}`);
    const news = await answer.json();
    const begun = news.edition !== known.edition;
    if (begun || news.rows.id.length) setRows([...(begun ? [] : list.rows), ...rowsOf(news.rows)]);
    if (news.chapters !== null) renewChapters(news.chapters);
    Object.assign(known, { edition: news.edition, summarised: news.summarised });
    say(news.message, news.broken);
  } catch {
    say("The server that follows the run does not answer; start rsi view again.", true);
  }
  setTimeout(listen, ASK_EVERY_MS);
}

function say(message, broken) {
  const note = byId("following");
  note.classList.toggle("broken", broken);
  if (note.textContent !== message) note.textContent = message;
}

// The server's template escapes as it does in the page itself, and a parsed document runs nothing.
function renewChapters(html) {
  const parsedPage = new DOMParser().parseFromString(html, "text/html");
  byId("chapters").replaceChildren(...parsedPage.body.childNodes);
}

start();
