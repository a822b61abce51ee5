# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs of every language of the table run on both backends, with their own compilers and interpreters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsi_sandboxes import (
    LANGUAGES,
    CommandNotFound,
    InvalidJob,
    Language,
    LanguageNotFound,
    Limits,
    ProgramResult,
    Sandbox,
    SandboxFileError,
    languages_in,
    make_sandbox,
    run_program,
)
from rsi_sandboxes.fake import FakeSandbox, exited
from rsi_sandboxes.languages import LANGUAGES_IMAGE
from rsi_sandboxes.limits import MIB
from tests.components import need

GREETERS = {
    "c": r"""
#include <stdio.h>
int main(int count, char **words) {
    char line[100];
    if (count != 3 || !fgets(line, sizeof line, stdin)) return 9;
    printf("hello %s, %s: %s", words[1], words[2], line);
    return 3;
}
""",
    "cpp": r"""
#include <iostream>
#include <string>
int main(int count, char **words) {
    std::string line;
    if (count != 3 || !std::getline(std::cin, line)) return 9;
    std::cout << "hello " << words[1] << ", " << words[2] << ": " << line << "\n";
    return 3;
}
""",
    "javascript": r"""
const [first, second, ...more] = process.argv.slice(2);
const line = require("fs").readFileSync(0, "utf8").split("\n")[0];
console.log(`hello ${first}, ${second}: ${line}`);
process.exitCode = more.length === 0 ? 3 : 9;
""",
    "bash": r"""
IFS= read -r line
echo "hello $1, $2: $line"
exit $((1 + $#))
""",
    "sql": r"""
CREATE TABLE lines (line);
.import --schema main /dev/stdin lines
SELECT 'hello ' || ?1 || ', ' || ?2 || ': ' || line FROM lines;
.exit 3
""",
    "python": r"""
import sys
first, second = sys.argv[1:]
print(f"hello {first}, {second}: {input()}")
sys.exit(3)
""",
}
"""Each greets its two arguments and a line of its standard input, and exits with 3."""

BROKEN = {
    "c": "int main(void) { return 0 }",
    "cpp": "int main() { std::cout << 1; }",
    "javascript": "console.log(1",
    "bash": "if true; then echo 1",
    "sql": "SELECT 1; SELEKT 2;",
    "python": "print(1",
}

TEMPLATE_BOMB = """
template <int depth, long at> struct Tree {
    static constexpr long sum = Tree<depth - 1, 2 * at>::sum + Tree<depth - 1, 2 * at + 1>::sum;
};
template <long at> struct Tree<0, at> { static constexpr long sum = at; };
int main() { return Tree<40, 1>::sum; }
"""
"""A compiler that were let would need 2**40 types."""

HOLD_48_MIB = """
#include <unistd.h>
static volatile char held[48 << 20];
int main(void) {
    for (unsigned long at = 0; at < sizeof held; at += 4096) held[at] = 1;
    sleep(5);
}
"""

WORLDS = {"bubblewrap": {}, "docker": {"image": LANGUAGES_IMAGE}}


@pytest.fixture(scope="module", params=list(WORLDS))
def worlds(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each backend in turn, the docker one with the image of all languages."""
    need("languages-image" if request.param == "docker" else request.param)
    made = make_sandbox(request.param, **WORLDS[request.param])
    yield made
    made.close()


@pytest.fixture(scope="module")
def versions(worlds: Sandbox) -> dict[str, str | None]:
    return languages_in(worlds)


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest, versions: dict[str, str | None]) -> str:
    """Each language in turn, where the world has it."""
    return require(request.param, versions)


@pytest.fixture
def c(versions: dict[str, str | None]) -> str:
    return require("c", versions)


@pytest.fixture
def cpp(versions: dict[str, str | None]) -> str:
    return require("cpp", versions)


@pytest.fixture
def sql(versions: dict[str, str | None]) -> str:
    return require("sql", versions)


def require(language: str, versions: dict[str, str | None]) -> str:
    if versions[language] is None:
        pytest.skip(f"{language}: not on this machine; apt-get install {' '.join(LANGUAGES[language].packages)}")
    return language


def output(result: ProgramResult) -> str:
    assert result.ok, result
    assert result.ran is not None
    return result.ran.stdout.decode()


def test_a_program_gets_arguments_and_stdin_and_ends_with_its_own_status(worlds: Sandbox, language: str) -> None:
    result = run_program(
        worlds, language, GREETERS[language], stdin="zwölf\n".encode(), arguments=['-it\'s "$HOME"', "ü"]
    )
    assert result.ran is not None, result
    assert (result.ran.stdout.decode(), result.ran.exit_code) == ('hello -it\'s "$HOME", ü: zwölf\n', 3), result
    assert not result.ok
    assert (result.compiled is None) == (LANGUAGES[language].compile is None)
    assert result.compiled is None or result.compiled.ok


def test_a_program_that_no_compiler_or_interpreter_takes_is_a_result(worlds: Sandbox, language: str) -> None:
    result = run_program(worlds, language, BROKEN[language])
    assert not result.ok
    if LANGUAGES[language].compile is None:
        assert result.compiled is None
        assert result.ran is not None
        assert result.ran.exit_code not in (0, None)
        assert result.ran.stderr
    else:
        assert result.ran is None
        assert result.compiled is not None
        assert result.compiled.exit_code == 1
        assert b"error:" in result.compiled.stderr


def test_text_that_is_no_unicode_is_the_program_s_mistake(worlds: Sandbox, language: str) -> None:
    assert not run_program(worlds, language, "\udcff").ok


def test_the_compiler_sees_the_files(worlds: Sandbox, c: str) -> None:
    source = '#include <stdio.h>\n#include "lib/answer.h"\nint main(void) { printf("%d\\n", ANSWER); }'
    assert output(run_program(worlds, c, source, files={"lib/answer.h": b"#define ANSWER 42\n"})) == "42\n"


def test_the_compiler_is_bounded_by_its_own_wall_limit(worlds: Sandbox, cpp: str) -> None:
    result = run_program(worlds, cpp, TEMPLATE_BOMB, compile_limits=Limits(wall_s=1, memory_bytes=1024 * MIB))
    assert result.compiled is not None
    assert (result.compiled.stopped_by, result.ran) == ("wall_s", None), result
    assert 0.9 < result.compiled.wall_s < 5


def test_the_compiler_is_bounded_by_its_own_memory_limit(worlds: Sandbox, cpp: str) -> None:
    # The run's own bound, which is larger, must not be the compiler's.
    result = run_program(
        worlds, cpp, TEMPLATE_BOMB, limits=Limits(memory_bytes=512 * MIB), compile_limits=Limits(memory_bytes=64 * MIB)
    )
    assert result.compiled is not None
    assert (result.compiled.stopped_by, result.ran) == ("memory_bytes", None), result


def test_the_compiler_has_more_memory_and_time_than_the_program(worlds: Sandbox, cpp: str) -> None:
    source = "#include <iostream>\n#include <map>\nint main() { std::cout << std::map<int, int>{{1, 42}}[1]; }"
    limits = Limits(wall_s=1, memory_bytes=32 * MIB)
    assert output(run_program(worlds, cpp, source, limits=limits)) == "42"
    tight = run_program(worlds, cpp, source, limits=limits, compile_limits=limits)
    assert (tight.ok, tight.ran) == (False, None)


def test_the_run_is_bounded_by_its_own_memory_limit(worlds: Sandbox, c: str) -> None:
    result = run_program(worlds, c, HOLD_48_MIB, limits=Limits(memory_bytes=32 * MIB))
    assert result.compiled is not None
    assert result.compiled.ok
    assert result.ran is not None
    assert result.ran.stopped_by == "memory_bytes", result


def test_the_run_is_bounded_by_its_own_wall_limit(worlds: Sandbox, c: str) -> None:
    result = run_program(worlds, c, "int main(void) { for (;;); }", limits=Limits(wall_s=0.5))
    assert result.ran is not None
    assert result.ran.stopped_by == "wall_s", result
    assert 0.4 < result.ran.wall_s < 5


def test_what_is_not_compiled_is_bounded_too(worlds: Sandbox) -> None:
    result = run_program(worlds, "bash", "echo on; sleep 60", limits=Limits(wall_s=0.5))
    assert result.ran is not None
    assert (result.ran.stdout, result.ran.stopped_by) == (b"on\n", "wall_s")


def test_no_program_finds_what_another_left(worlds: Sandbox) -> None:
    assert output(run_program(worlds, "bash", "echo x > left; echo x > /tmp/left; ls /tmp")) == "left\n"
    assert output(run_program(worlds, "bash", "ls . /tmp")) == ".:\nmain.sh\n\n/tmp:\n"


def test_sql_runs_on_a_database_that_is_given(worlds: Sandbox, sql: str, tmp_path: Path) -> None:
    database = tmp_path / "data.db"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE city (name TEXT, people INTEGER)")
    connection.executemany("INSERT INTO city VALUES (?, ?)", [("Ulm", 129), ("Kiel", 247), ("Jena", None)])
    connection.commit()
    connection.close()
    source = "DELETE FROM city WHERE name = ?1;\nSELECT name, people FROM city ORDER BY name;"
    result = run_program(worlds, sql, source, arguments=["Ulm"], files={"data.db": database.read_bytes()})
    assert output(result) == "Jena|\nKiel|247\n"


def test_sql_has_an_empty_database_when_none_is_given(worlds: Sandbox, sql: str) -> None:
    assert output(run_program(worlds, sql, "SELECT count(*) FROM sqlite_master;")) == "0\n"


def test_sql_ends_at_the_first_error(worlds: Sandbox, sql: str) -> None:
    result = run_program(worlds, sql, "SELECT 1;\nSELECT missing;\nSELECT 2;")
    assert result.ran is not None
    assert (result.ran.exit_code, result.ran.stdout) == (1, b"1\n")
    assert b"no such column: missing" in result.ran.stderr


def test_sql_arguments_are_text_that_closes_no_quotes(worlds: Sandbox, sql: str) -> None:
    arguments = ["", "'", "''); DROP TABLE x; --", '"', "\\", "a\nb", ".quit", "1", "ü", "$HOME"]
    source = "".join(f"SELECT typeof(?{n}), hex(?{n});\n" for n in range(1, len(arguments) + 1))
    lines = output(run_program(worlds, sql, source, arguments=arguments)).splitlines()
    assert lines == [f"text|{argument.encode().hex().upper()}" for argument in arguments]


def test_the_version_of_each_language_is_told(worlds: Sandbox, versions: dict[str, str | None]) -> None:
    assert list(versions) == list(LANGUAGES)
    assert str(versions["bash"]).startswith("GNU bash, version ")
    assert str(versions["python"]).startswith("Python 3.")


@pytest.fixture
def cobol(monkeypatch: pytest.MonkeyPatch) -> str:
    """A language of the table that no world has."""
    missing = Language(
        "cobol", "main.cob", ("no-such-cobc", "main.cob"), ("./main",), ("no-such-cobc", "-V"), ("gnucobol",)
    )
    monkeypatch.setitem(LANGUAGES, "cobol", missing)
    return "cobol"


def test_a_missing_tool_is_named_with_what_brings_it(sandbox: Sandbox, cobol: str) -> None:
    remedies = {"bubblewrap": "apt-get install gnucobol", "docker": "rsi sandbox images build languages"}
    with pytest.raises(CommandNotFound, match=rf"no 'no-such-cobc', which .*'cobol' needs; .*{remedies[sandbox.name]}"):
        run_program(sandbox, cobol, "")


def test_a_language_that_is_missing_has_no_version(sandbox: Sandbox, cobol: str) -> None:
    assert languages_in(sandbox)[cobol] is None


def test_an_unknown_language_is_answered_with_the_nearest() -> None:
    nowhere = FakeSandbox(lambda job: exited())
    with pytest.raises(LanguageNotFound, match="'javascrip'; did you mean 'javascript'"):
        run_program(nowhere, "javascrip", "")
    with pytest.raises(LookupError, match=r"'k'\. There are: c, cpp, javascript, bash, sql, python"):
        run_program(nowhere, "k", "")


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"files": {"../up": b""}}, "stay below"),
        ({"files": {"main.py": b""}}, "where the source lies"),
        ({"arguments": "ab"}, "sequence of strings"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidJob, match=match):
        run_program(FakeSandbox(lambda job: exited()), "python", "", **asked)  # type: ignore[arg-type]


def test_files_beyond_the_limits_are_refused(quick_sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFileError, match="big"):
        run_program(quick_sandbox, "python", "", files={"big": bytes(1001)}, limits=Limits(file_bytes=1000))


def test_each_language_stands_under_its_own_name() -> None:
    assert all(name == language.name for name, language in LANGUAGES.items())
    assert len({language.file_name for language in LANGUAGES.values()}) == len(LANGUAGES)
