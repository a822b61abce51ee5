// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// Where episodes come from: compressed islands in this file, or the server that follows a run.

const live = document.documentElement.dataset.live === "1";
const NAMED = ["run", "environment", "agent", "outcome", "task"];
const KEPT_CHUNKS = 4;

async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// Columns to one object a row.
function rowsOf(columns) {
  const { names, ...lists } = columns;
  return lists.id.map((_, place) => {
    const row = {};
    for (const [name, list] of Object.entries(lists)) row[name] = NAMED.includes(name) ? names[list[place]] : list[place];
    row.searched = [row.id, row.agent, row.environment, row.task, row.seed, row.run].join("\n").toLowerCase();
    return row;
  });
}

const chunks = new Map();

async function chunk(number) {
  if (!chunks.has(number)) {
    if (document.readyState === "loading") await new Promise((go) => addEventListener("DOMContentLoaded", go, { once: true }));
    if (chunks.size >= KEPT_CHUNKS) chunks.delete(chunks.keys().next().value);
    chunks.set(number, unpacked(byId(`chunk-${number}`).textContent));
  }
  return chunks.get(number);
}

async function detailsOf(row) {
  if (!live) return (await chunk(row.chunk)).find((details) => details.id === row.id);
  const answer = await fetch(`episode/${encodeURIComponent(row.id)}`);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message);
  return told;
}
