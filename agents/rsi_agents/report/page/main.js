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
let following = "";

async function listen() {
  try {
    const answer = await fetch(`changes?after=${list.rows.length}&edition=${encodeURIComponent(following)}`);
    const news = await answer.json();
    if (news.edition !== following) list.rows = [];
    following = news.edition;
    if (news.rows.id.length || !news.rows.id) setRows([...list.rows, ...rowsOf(news.rows)]);
    else if (!list.rows.length) setRows([]);
    if (news.chapters !== null) renewChapters(news.chapters);
    say(news.message, news.broken);
  } catch (error) {
    say("The server that follows the run does not answer; start `rsi view` again.", true);
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
