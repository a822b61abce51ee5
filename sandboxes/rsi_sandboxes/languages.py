# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs in other languages: one table says how each is compiled and run, `run_program` does so in a fresh world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from rsi_sandboxes.errors import CommandNotFound, InvalidJob, LanguageNotFound
from rsi_sandboxes.job import ExecResult, check_path
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox, Session

LANGUAGES_IMAGE = "rsi-sandbox-languages:1"
"""The docker image that has every language of the table."""

COMPILE_LIMITS = Limits(wall_s=30.0, cpu_s=30.0, memory_bytes=1024 * MIB)
"""What a compiler may take when nothing else is said; it needs more than most programs."""


def _bound_to_numbers(arguments: Sequence[str]) -> tuple[str, ...]:
    """Options that bind each argument, as text, to SQL's parameters ?1, ?2 and so on.

    Source: "SQL Parameters" in the manual of the sqlite3 shell, which reads them from temp.sqlite_parameters.
    """
    # In hexadecimal no argument can close its quotes.
    values = [argument.encode("utf-8", "surrogatepass").hex() for argument in arguments]
    rows = (
        f"INSERT INTO temp.sqlite_parameters VALUES ('?{number}', CAST(x'{value}' AS TEXT));"  # noqa: S608 - a number and hexadecimal digits
        for number, value in enumerate(values, 1)
    )
    return tuple(part for command in (".parameter init", *rows) for part in ("-cmd", command)) if values else ()


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of one language are compiled and run."""

    name: str
    """Its key in `LANGUAGES`."""
    file_name: str
    """Where the source lies in the working directory."""
    compile: tuple[str, ...] | None
    """The command that makes what `run` runs; None where nothing is compiled."""
    run: tuple[str, ...]
    """The command that runs the program; the arguments come after it."""
    version: tuple[str, ...]
    """The command whose first line of output says which version there is."""
    packages: tuple[str, ...]
    """The Debian packages that bring what `compile` and `run` need."""
    pass_arguments: Callable[[Sequence[str]], tuple[str, ...]] = tuple
    """Turns a program's arguments into those of the `run` command."""


LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language(
            name="c",
            file_name="main.c",
            compile=("gcc", "-std=gnu17", "-O2", "-o", "program", "main.c", "-lm"),
            run=("./program",),
            version=("gcc", "--version"),
            packages=("gcc", "libc6-dev"),
        ),
        Language(
            name="cpp",
            file_name="main.cpp",
            compile=("g++", "-std=gnu++20", "-O2", "-o", "program", "main.cpp"),
            run=("./program",),
            version=("g++", "--version"),
            packages=("g++",),
        ),
        Language(
            name="javascript",
            file_name="main.js",
            compile=None,
            run=("node", "main.js"),
            version=("node", "--version"),
            packages=("nodejs",),
        ),
        Language(
            name="bash",
            file_name="main.sh",
            compile=None,
            run=("bash", "main.sh"),
            version=("bash", "--version"),
            packages=("bash",),
        ),
        Language(
            name="sql",
            file_name="main.sql",
            compile=None,
            # As a command, not as standard input, so that the program has its own.
            run=("sqlite3", "-batch", "-bail", "-list", "-noheader", "data.db", ".read main.sql"),
            version=("sqlite3", "--version"),
            packages=("sqlite3",),
            pass_arguments=_bound_to_numbers,
        ),
        Language(
            name="python",
            file_name="main.py",
            compile=None,
            run=("python3", "main.py"),
            version=("python3", "--version"),
            packages=("python3",),
        ),
    )
}
"""THE TABLE: every language by name. What is not there yet takes one entry, whose packages the image then has."""


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """How a program was compiled and ran."""

    compiled: ExecResult | None
    """How the compiler ended; None where nothing is compiled."""
    ran: ExecResult | None
    """How the program ended; None when it could not be compiled."""

    @property
    def ok(self) -> bool:
        """Whether the program was compiled, where it needs to be, and exited with status 0 of its own accord."""
        return self.ran is not None and self.ran.ok


def run_program(
    sandbox: Sandbox,
    language: str,
    source: str,
    *,
    stdin: bytes = b"",
    arguments: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    compile_limits: Limits | None = None,
) -> ProgramResult:
    """Compiles a program, where its language asks for it, and runs it, both in one fresh world.

    A source that no compiler or interpreter takes is a result, not an error. A SQL program runs on the database
    `data.db`, which `files` may hold and which is new and empty otherwise; it finds its arguments as the parameters
    `?1`, `?2` and so on, and its standard input as the file `/dev/stdin`. Each row is a line, columns are parted by
    `|`, there is no header, and the first error ends the program with status 1.

    Args:
        sandbox: Where; its worlds must have the language.
        language: A key of `LANGUAGES`.
        source: The program's text, written as UTF-8 to the language's file.
        stdin: What the program reads, then end of file; the compiler gets none of it.
        arguments: The program's arguments.
        files: As in `Job`; the compiler sees them too. None gives none.
        limits: Bounds of the run; None takes the defaults of `Limits`.
        compile_limits: Bounds of the compiler; None takes `COMPILE_LIMITS`.

    Returns:
        How the compiler and the program ended. Files the program wrote are gone with the world.

        The world itself is bounded by the larger of the two limits. The run is held to its own in all but
        `disk_bytes` and, in docker worlds, `processes`, which bound a world as a whole.

    Raises:
        LanguageNotFound: The table has no such language.
        CommandNotFound: The world lacks what the language needs; the message says what brings it.
        InvalidJob: A file's path leaves the working directory or is the source's own, the arguments are one string
            or hold what no kernel takes, or the limits leave no room to start.
        SandboxFileError: Source and files don't fit into the world.
        BackendUnavailable: No world can be made on this machine.
        WorldLost: The world went away before the program's end.
    """
    spec = _find(language)
    if isinstance(arguments, str):
        raise InvalidJob(f"arguments are a sequence of strings, not the string {arguments!r}")
    limits = limits or Limits()
    compile_limits = compile_limits or COMPILE_LIMITS
    contents = _contents(spec, source, files or {})
    with sandbox.session(limits if spec.compile is None else _room_for_both(limits, compile_limits)) as session:
        for path, data in contents.items():
            session.write_file(path, data)
        compiled = None
        try:
            if spec.compile is not None:
                compiled = session.exec(spec.compile, limits=compile_limits)
                if not compiled.ok:
                    return ProgramResult(compiled, None)
            command = (*spec.run, *spec.pass_arguments(arguments))
            return ProgramResult(compiled, session.exec(command, stdin=stdin, limits=limits))
        except CommandNotFound as error:
            raise CommandNotFound(error.errno, _how_to_get(spec, sandbox.name)) from error


def languages_in(sandbox: Sandbox) -> dict[str, str | None]:
    """Returns the version of each language of the table in the sandbox's worlds; None where it is missing.

    Raises:
        BackendUnavailable: No world can be made on this machine.
        WorldLost: The world went away.
    """
    with sandbox.session() as session:
        return {name: _version(session, language) for name, language in LANGUAGES.items()}


def _find(name: str) -> Language:
    if name in LANGUAGES:
        return LANGUAGES[name]
    near = get_close_matches(name, LANGUAGES, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise LanguageNotFound(f"there is no language {name!r}{hint} There are: {', '.join(LANGUAGES)}")


def _contents(language: Language, source: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    for path in files:
        check_path(path)
    if language.file_name in files:
        raise InvalidJob(f"{language.file_name!r} is where the source lies; give that file another name")
    # A lone surrogate is the program's mistake, for its compiler to find.
    return {**files, language.file_name: source.encode("utf-8", "surrogatepass")}


def _room_for_both(limits: Limits, compile_limits: Limits) -> Limits:
    return replace(
        limits,
        memory_bytes=max(limits.memory_bytes, compile_limits.memory_bytes),
        processes=max(limits.processes, compile_limits.processes),
        file_bytes=max(limits.file_bytes, compile_limits.file_bytes),
        disk_bytes=max(limits.disk_bytes, compile_limits.disk_bytes),
    )


def _how_to_get(language: Language, backend: str) -> str:
    tool = (language.compile or language.run)[0]
    if backend == "docker":
        remedy = (
            f"run `rsi sandbox images build languages` and use make_sandbox('docker', image={LANGUAGES_IMAGE!r}), "
            f"or an image that has the Debian packages {' '.join(language.packages)}"
        )
    else:
        remedy = f"as root run `apt-get install {' '.join(language.packages)}`"
        if backend == "bubblewrap":
            remedy += "; bubblewrap worlds see nothing of this machine that is not below /usr"
    return f"the world has no {tool!r}, which the language {language.name!r} needs; {remedy}"


def _version(session: Session, language: Language) -> str | None:
    try:
        result = session.exec(language.version)
    except CommandNotFound:
        return None
    lines = result.stdout.decode(errors="replace").splitlines()
    return lines[0] if result.ok and lines else None
