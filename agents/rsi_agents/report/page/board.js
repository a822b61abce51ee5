// SPDX-FileCopyrightText: 2026 The rsi-envs authors
// SPDX-License-Identifier: MIT
// A game of chess, to be replayed by buttons, arrow keys, the move list and a slider.

const GLYPHS = { k: "♚", q: "♛", r: "♜", b: "♝", n: "♞", p: "♟" };
const PIECES = { k: "king", q: "queen", r: "rook", b: "bishop", n: "knight", p: "pawn" };
const FILES = "abcdefgh";

function board(game) {
  const squares = make("div", { class: "squares", role: "img" });
  const moves = make("ol", { class: "moves", "aria-label": "Moves" });
  const said = make("p", { class: "position", role: "status", "aria-live": "polite" });
  const slider = make("input", { type: "range", min: "0", max: String(game.positions.length - 1), value: "0", "aria-label": "Position" });
  const curve = game.evaluations.length ? evaluationCurve(game.evaluations) : null;
  const buttons = [["«", "First position"], ["‹", "Back"], ["›", "Next"], ["»", "Last position"]].map(([sign, label]) =>
    make("button", { type: "button", "aria-label": label }, sign),
  );
  const moveButtons = listMoves(game, moves);
  const last = game.positions.length - 1;
  let at = 0;

  function go(to) {
    at = Math.min(last, Math.max(0, to));
    place(squares, game, at);
    slider.value = String(at);
    moveButtons.forEach((button, number) => {
      if (number === at - 1) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    const current = moveButtons[at - 1];
    moves.scrollTop = current ? current.offsetTop - moves.offsetTop - moves.clientHeight / 2 : 0;
    curve?.mark(at);
    const value = game.evaluations[at];
    const expects = value == null ? "" : `; White can expect ${figure(value, 2)}`;
    said.textContent = `${at ? `After ${current.getAttribute("aria-label")}` : "First position"}, ${at} of ${last}${expects}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    [buttons[0].disabled, buttons[1].disabled] = [at === 0, at === 0];
    [buttons[2].disabled, buttons[3].disabled] = [at === last, at === last];
  }

  const steps = [() => 0, () => at - 1, () => at + 1, () => last];
  buttons.forEach((button, number) => button.addEventListener("click", () => go(steps[number]())));
  moveButtons.forEach((button, number) => button.addEventListener("click", () => go(number + 1)));
  slider.addEventListener("input", () => go(Number(slider.value)));
  const element = make(
    "div",
    { class: "game" },
    make("div", { class: "left" }, squares, make("div", { class: "buttons" }, ...buttons), slider, curve?.element, said),
    moves,
  );
  element.stepBy = (key) => {
    const step = { Home: 0, ArrowLeft: 1, ArrowRight: 2, End: 3 }[key];
    if (step !== undefined) go(steps[step]());
    return step !== undefined;
  };
  go(0);
  return element;
}

// The pieces of a position from a8 to h1, and who is to move at which number.
function parsed(fen) {
  const [placement, side = "w", , , , number = "1"] = wordsOf(fen).split(" ");
  const pieces = placement.slice(0, LONG_NAME).replaceAll("/", "").replace(/\d/g, (empty) => " ".repeat(Number(empty)));
  return { pieces: [...pieces.padEnd(64).slice(0, 64)], white: side === "w", number: Number(number) || 1 };
}

function place(squares, game, at) {
  const { pieces, white } = parsed(game.positions[at]);
  const before = at ? parsed(game.positions[at - 1]).pieces : pieces;
  const order = [...pieces.keys()];
  if (game.flipped) order.reverse();
  squares.replaceChildren(
    ...order.map((square, shown) => {
      const [rank, file] = [Math.floor(square / 8), square % 8];
      const kind = (rank + file) % 2 ? "dark" : "light";
      const edge = [shown % 8 === 0 ? make("i", { class: "rank" }, String(8 - rank)) : null, shown >= 56 ? make("i", { class: "file" }, FILES[file]) : null];
      return make("div", { class: `square ${kind} ${pieces[square] !== before[square] ? "moved" : ""}` }, ...edge, piece(pieces[square]));
    }),
  );
  const described = (wanted) =>
    [...pieces.entries()]
      .filter(([, letter]) => letter !== " " && (letter === letter.toUpperCase()) === wanted)
      .map(([square, letter]) => `${PIECES[letter.toLowerCase()] ?? letter} ${FILES[square % 8]}${8 - Math.floor(square / 8)}`)
      .join(", ");
  squares.setAttribute("aria-label", `White: ${described(true)}. Black: ${described(false)}. ${white ? "White" : "Black"} to move.`);
}

function piece(letter) {
  if (!letter || letter === " ") return null;
  if (byId(`piece-${letter}`)) return draw("svg", { viewBox: "0 0 45 45", class: "piece" }, draw("use", { href: `#piece-${letter}` }));
  const color = letter === letter.toUpperCase() ? "white" : "black";
  return make("span", { class: `piece glyph ${color}` }, (GLYPHS[letter.toLowerCase()] ?? letter) + "\ufe0e");
}

function listMoves(game, moves) {
  let line = null;
  return game.moves.map((move, number) => {
    const { white, number: turn } = parsed(game.positions[number]);
    if (white || !line) {
      line = make("li", {}, make("span", { class: "turn" }, `${turn}.`));
      if (!white) line.append(make("span", { class: "gap" }, "…"));
      moves.append(line);
    }
    const button = make("button", { type: "button", "aria-label": `${turn}${white ? "." : "…"} ${wordsOf(move).slice(0, LONG_NAME)}` }, brief(move));
    line.append(button);
    return button;
  });
}

function evaluationCurve(values) {
  const last = Math.max(1, values.length - 1);
  const point = (value, at) => `${((100 * at) / last).toFixed(2)},${(40 - 40 * value).toFixed(2)}`;
  const pieces = [[]];
  values.forEach((value, at) => (value == null ? pieces.push([]) : pieces.at(-1).push(point(value, at))));
  const mark = draw("line", { class: "now", y1: "0", y2: "40" });
  const label = `What White can expect, from ${figure(values.find((value) => value != null), 2)} to ${figure(values.findLast((value) => value != null), 2)}`;
  const element = draw(
    "svg",
    { class: "curve", viewBox: "0 0 100 40", preserveAspectRatio: "none", role: "img", "aria-label": label },
    draw("line", { class: "even", x1: "0", x2: "100", y1: "20", y2: "20" }),
    ...pieces.filter((points) => points.length).map((points) => draw("polyline", { points: (points.length > 1 ? points : [points[0], points[0]]).join(" ") })),
    mark,
  );
  return { element, mark: (at) => ["x1", "x2"].forEach((name) => mark.setAttribute(name, String((100 * at) / last))) };
}
