# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in, one HTML file out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rsi_agents.errors import NothingToReport, ReportNotWritable, ReportTooLarge
from rsi_agents.records import EpisodeRecord
from rsi_agents.report.chapters import Chapter, ChapterMaker, by_environment
from rsi_agents.report.packing import Packed, pack_to_fit, packed_text
from rsi_agents.report.page import page_text
from rsi_agents.report.rows import EpisodeRow, columns_of
from rsi_agents.report.runs import Run
from rsi_agents.report.sources import Sources, open_sources
from rsi_agents.report.spool import Spool
from rsi_agents.report.telling import Teller, has_board

MAX_BYTES = 28_000_000
"""What a report may take unless told otherwise."""
_PAGE_FILE = "report.html"
_NOTES_BYTES = 2_000
"""Room for what the page says of what was cut."""
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written."""

    path: str
    bytes: int
    episodes: int
    cut_texts: int
    """Texts that were cut so that it fits; each says so where it is shown."""
    episodes_left_out: int
    """Episodes of which it shows no more than their row, verdict and fault."""


def write_report(
    folders: Sequence[str | Path],
    out: str | Path | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    on_record: Callable[[EpisodeRecord], object] = lambda record: None,
) -> Written:
    """Writes a report of runs and loops, one or several.

    Args:
        folders: Theirs, at least one; those that go on are read as far as they are. Of a loop it has the rounds, and
            the held-out episodes of every generation.
        out: The file, which is replaced when it is there; None takes `report.html` in the folder, or in the current
            one where there are several.
        max_bytes: What the file may take. Where all that was said takes more, the longest texts are cut first, then
            the largest episodes lose what they show, and both say so.
        on_record: Called with every record as it is read.

    Raises:
        RunFolderBroken: A folder holds neither a run nor a loop, or a line of its records is none.
        NothingToReport: There is neither an episode nor a round yet.
        ReportTooLarge: Not even the list of episodes fits.
        ReportNotWritable: The file can't be written.
    """
    sources = open_sources(folders)
    path = Path(out) if out is not None else (sources.folders[0] if len(sources.folders) == 1 else Path()) / _PAGE_FILE
    rows: list[EpisodeRow] = []
    boards = False

    def seen(records: Iterable[tuple[Run, EpisodeRecord]], teller: Teller) -> Iterator[tuple[Run, EpisodeRecord]]:
        nonlocal boards
        for run, record in records:
            row = EpisodeRow.of(run, record)
            details = teller.tell(record, row)
            boards = boards or has_board(details)
            rows.append(row)
            spool.add(details)
            on_record(record)
            yield run, record

    with Spool() as spool:
        chapters: list[Chapter] = []
        for together in by_environment(sources.runs):
            maker = ChapterMaker(together)
            chapters.append(maker.make(seen(maker.records(), Teller.of(together[0].plan.env_id))))
        if not rows and not any(loop.rounds for loop in sources.loops):
            raise NothingToReport(_nothing_in(sources))
        page = _Page(chapters, sources, rows, boards)
        packed = pack_to_fit(spool, max_bytes - page.frame_bytes())
        if packed is None:
            raise ReportTooLarge(
                f"the list of {len(rows):,} episodes and their verdicts does not fit into {max_bytes:,} bytes; "
                "give a larger --max-bytes, or fewer runs"
            )
        with closing(packed):
            size = _replace(path, page.text(packed))
            return Written(str(path), size, len(rows), packed.cut, packed.left_out)


@dataclass(frozen=True, slots=True)
class _Page:
    chapters: Sequence[Chapter]
    sources: Sources
    rows: list[EpisodeRow]
    boards: bool

    def text(self, packed: Packed) -> Iterator[str]:
        return self._text(packed.places.tolist(), packed.chunks(), _notes(packed))

    def frame_bytes(self) -> int:
        """Counts what the page takes without the details."""
        text = self._text(list(range(len(self.rows))), (), ())
        return sum(len(_encoded(part)) for part in text) + _NOTES_BYTES

    def _text(self, places: list[int], chunks: Iterable[str], notes: Sequence[str]) -> Iterator[str]:
        rows = packed_text({**columns_of(self.rows), "chunk": places})
        return page_text(
            self.chapters,
            loops=self.sources.loops,
            title=self.sources.title,
            rows=rows,
            chunks=chunks,
            notes=notes,
            pieces=self.boards,
        )


def _nothing_in(sources: Sources) -> str:
    goes_on = "rsi improve --resume DIR" if sources.loops else "rsi eval --resume DIR"
    return f"no episode is recorded in {', '.join(map(str, sources.folders))} yet; play some with `{goes_on}`"


def _notes(packed: Packed) -> list[str]:
    notes = []
    if packed.cut:
        notes.append(
            f"{packed.cut:,} texts are cut to their first {packed.bounds.text:,} characters, so that this file stays "
            "small. Each says where it is cut; the records have all of it."
        )
    if packed.left_out:
        notes.append(f"Of {packed.left_out:,} large episodes only the verdict is kept here; the records have the rest.")
    return notes


def _replace(path: Path, text: Iterable[str]) -> int:
    """Writes a file so that the old one stays until the new one is whole; returns its bytes."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            for part in text:
                file.write(_encoded(part))
            size = file.tell()
        temporary.chmod(_MODE)
        temporary.replace(path)
    except OSError as error:
        raise ReportNotWritable(
            f"the report can't be written to {path}: {error.strerror}; name another file with --out"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return size


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
