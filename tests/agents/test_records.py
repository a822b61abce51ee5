# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import math
import resource
from datetime import UTC, datetime

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import (
    EpisodeRecord,
    EpisodeSpec,
    Plan,
    RecordsDiskFull,
    RecordsError,
    RunFolder,
    RunFolderBroken,
    RunFolderExists,
    RunInUse,
    Step,
    Trajectory,
    make_agent,
    rollout,
)
from rsi_agents.faults import Fault
from rsi_agents.records import read_plan, read_records, unpack
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict
from tests.agents.fakes import MASKED

STARTED = datetime(2026, 1, 2, tzinfo=UTC)


def record(spec, *, text="", fault=None, verdict=None):
    return EpisodeRecord(
        *(spec.agent, spec.task_id, spec.seed, spec.index, STARTED.isoformat(), 0.5, Usage()),
        observation=text,
        info=None if fault else {},
        fault=Fault(fault, "", "environment", "") if fault else None,
        verdict=verdict,
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
infos = st.dictionaries(st.text(), json_values, max_size=3)
finite = st.floats(allow_nan=False, allow_infinity=False)
steps = st.builds(Step, json_values, finite, st.booleans(), st.booleans(), json_values, infos, infos)
verdicts = st.builds(
    Verdict,
    score=st.floats(0, 1),
    passed=st.none() | st.booleans(),
    parts=st.dictionaries(st.text(), finite, max_size=3),
    votes=st.lists(infos, max_size=2).map(tuple),
    reason=st.text(),
)
records = st.builds(
    EpisodeRecord,
    agent=st.text(),
    task_id=st.none() | st.text(),
    seed=st.integers(0),
    index=st.integers(0),
    started=st.just(STARTED.isoformat()),
    wall_s=finite,
    usage=st.builds(Usage, st.integers(0), st.integers(0), finite, st.integers(0)),
    observation=json_values,
    info=st.none() | infos,
    steps=st.lists(steps, max_size=3).map(tuple),
    verdict=st.none() | verdicts,
    fault=st.none() | st.builds(Fault, st.text(), st.text(), st.just("agent"), st.text()),
)


@given(records)
def test_a_record_reads_back_as_it_was_written(written):
    line = written.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert EpisodeRecord.from_line(line) == written


def test_what_a_model_may_write_survives_the_file():
    spec = EpisodeSpec("a", None, 0, 0)
    written = record(spec, text="lone \ud800 surrogate, \u2028 separator, \x00, 字")
    assert EpisodeRecord.from_line(written.to_line()) == written


def test_arrays_become_lists_and_strange_numbers_text():
    trajectory = rollout(gym.make(MASKED), make_agent("random"), seed=0)
    written = EpisodeRecord.of(EpisodeSpec("random", None, 0, 0), trajectory, STARTED)
    data = json.loads(written.to_line(), parse_constant=pytest.fail)
    assert data["observation"] == [0.0, "inf"]
    assert data["info"] == {"action_mask": [1, 0, 0, 0, 0]}
    assert data["steps"][0]["action"] == 0
    odd = {"nan": np.float32(math.nan), 1: (2, b"x")}
    line = record(EpisodeSpec("a", None, 0, 0), text=odd).to_line()
    assert json.loads(line)["observation"] == {"nan": "nan", "1": [2, "b'x'"]}


def test_a_run_says_what_was_asked_and_with_what(tmp_path, plan):
    with RunFolder.create(tmp_path / "a" / "run", plan):
        pass
    asked = json.loads((tmp_path / "a" / "run" / "run.json").read_text())
    assert asked["plan"]["agents"] == ["reference:right", "reference:wrong"]
    assert asked["versions"]["gymnasium"] == gym.__version__
    assert set(asked["versions"]) == {"rsi-envs", "gymnasium", "litellm", "python", "platform"}
    assert datetime.fromisoformat(asked["created"]).tzinfo is not None
    assert read_plan(tmp_path / "a" / "run") == plan
    assert sorted(path.name for path in (tmp_path / "a" / "run").iterdir()) == ["episodes.jsonl", "run.json"]


def test_missing_is_what_has_no_record(tmp_path, plan):
    specs = list(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        assert folder.missing() == specs
        folder.append(record(specs[3]))
        assert folder.missing() == specs[:3] + specs[4:]
    with RunFolder.open(tmp_path) as folder:
        assert folder.missing() == specs[:3] + specs[4:]


def test_an_episode_can_not_be_recorded_twice(tmp_path, plan):
    spec = next(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(record(spec))
        with pytest.raises(RecordsError, match="already"):
            folder.append(record(spec))
    assert len(list(read_records(tmp_path))) == 1


@given(cut=st.integers(1, 200))
def test_a_line_cut_anywhere_is_removed_and_its_episode_missing(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut")
    plan = Plan("x", ("a",), 3)
    specs = list(plan.specs())
    with RunFolder.create(path, plan) as folder:
        folder.append(record(specs[0]))
        folder.append(record(specs[1]))
    file = path / "episodes.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    with RunFolder.open(path) as folder:
        assert folder.missing() == specs[1:]
        folder.append(record(specs[1]))
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (b"{]\n", "line 2: no record"),
        (b"\n", "line 2: no record"),
        (b'{"agent": "a"}\n', "line 2: no record"),
        (b"first", "line 2: repeats episode"),
    ],
)
def test_a_line_that_no_runner_wrote_is_named(tmp_path, plan, tail, message):
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(record(next(plan.specs())))
    file = tmp_path / "episodes.jsonl"
    first = file.read_bytes()
    file.write_bytes(first + (first if tail == b"first" else tail))
    with pytest.raises(RunFolderBroken, match=message):
        RunFolder.open(tmp_path)
    file.write_bytes(first)
    RunFolder.open(tmp_path).close()


def test_a_folder_without_a_run_is_broken(tmp_path):
    with pytest.raises(RunFolderBroken, match="holds no run"):
        RunFolder.open(tmp_path)
    (tmp_path / "run.json").write_text('{"plan": {"env_id": 3}}')
    with pytest.raises(RunFolderBroken, match="holds no plan"):
        RunFolder.open(tmp_path)


def test_a_run_without_its_episodes_is_broken(tmp_path, plan):
    RunFolder.create(tmp_path, plan).close()
    (tmp_path / "episodes.jsonl").unlink()
    with pytest.raises(RecordsError, match=r"episodes\.jsonl"):
        RunFolder.open(tmp_path)


def test_a_new_run_does_not_overwrite_another(tmp_path, plan):
    RunFolder.create(tmp_path, plan).close()
    with pytest.raises(RunFolderExists, match="go on with `--resume"):
        RunFolder.create(tmp_path, plan)


def test_what_a_killed_creation_leaves_is_no_run_yet(tmp_path, plan):
    (tmp_path / "episodes.jsonl").touch()
    (tmp_path / "run.json.new").write_text("{")
    RunFolder.create(tmp_path, plan).close()
    assert read_plan(tmp_path) == plan


def test_two_runners_can_not_share_a_folder(tmp_path, plan):
    with RunFolder.create(tmp_path, plan), pytest.raises(RunInUse, match="another runner"):
        RunFolder.open(tmp_path)
    RunFolder.open(tmp_path).close()


def test_faults_and_unscored_episodes_can_be_forgotten(tmp_path, plan):
    specs = list(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(record(specs[0], verdict=Verdict(1.0)))
        folder.append(record(specs[1], fault="EnvironmentFault"))
        folder.append(record(specs[2], verdict=Verdict(unscored="no judge")))
        folder.append(record(specs[3]))
        kept = (tmp_path / "episodes.jsonl").read_bytes().splitlines(keepends=True)
        assert folder.forget_faults() == 2
        assert folder.missing() == specs[1:3] + specs[4:]
        assert (tmp_path / "episodes.jsonl").read_bytes() == kept[0] + kept[3]
        folder.append(record(specs[1]))
    assert [r.key for r in read_records(tmp_path)] == [specs[0].key, specs[3].key, specs[1].key]


def test_a_record_that_does_not_fit_leaves_no_trace(tmp_path, plan):
    specs = list(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(record(specs[0]))
        before = (tmp_path / "episodes.jsonl").read_bytes()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
        try:
            with pytest.raises(RecordsDiskFull, match=f"no room on the disk for records in {tmp_path}"):
                folder.append(record(specs[1], text="x" * 10_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (tmp_path / "episodes.jsonl").read_bytes() == before
        folder.append(record(specs[1]))
    assert [r.key for r in read_records(tmp_path)] == [specs[0].key, specs[1].key]


def test_a_folder_that_can_not_be_made_is_a_named_error(tmp_path, plan):
    (tmp_path / "file").touch()
    with pytest.raises(RecordsError, match="file"):
        RunFolder.create(tmp_path / "file" / "run", plan)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "float32", "int64"])
def test_large_arrays_are_packed_and_come_back(dtype):
    array = (np.arange(8 * 8 * 119).reshape(119, 8, 8) % 7).astype(dtype).transpose(1, 2, 0)
    spec = EpisodeSpec("a", None, 0, 0)
    line = EpisodeRecord.of(spec, made_trajectory({"mask": array, "short": np.arange(3)}), STARTED).to_line()
    info = EpisodeRecord.from_line(line).steps[0].info
    back = unpack(info["mask"])
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)
    assert info["short"] == [0, 1, 2]
    assert len(line) < array.nbytes + 1_000


def made_trajectory(info):
    return Trajectory(0, "", {}, (Step(0, 0.0, True, False, "", info),), None, Usage(), 0.1)


@pytest.mark.parametrize("packed", [{}, {"npy_zlib_base64": "!"}, {"npy_zlib_base64": "AAAA"}])
def test_what_is_no_packed_array_is_refused(packed):
    with pytest.raises(ValueError, match=r"array|base64|Only"):
        unpack(packed)


def test_a_run_of_which_nothing_is_recorded_can_be_discarded(new_run):
    run = new_run()
    (run.path / "notes.txt").touch()
    run.discard()
    assert [file.name for file in run.path.iterdir()] == ["notes.txt"]
    (empty := new_run()).discard()
    assert not empty.path.exists()


def test_a_run_with_records_is_never_discarded(new_run):
    run = new_run()
    run.append(record(run.missing()[0]))
    with pytest.raises(RecordsError, match="holds records"):
        run.discard()
    assert len(list(run.records())) == 1


def test_records_written_together_are_whole_lines_in_their_order(tmp_path, plan):
    specs = list(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(*(record(spec) for spec in specs[:3]))
        assert folder.missing() == specs[3:]
        with pytest.raises(RecordsError, match="already"):
            folder.append(record(specs[3]), record(specs[3]))
        assert folder.missing() == specs[3:]
    assert [r.key for r in read_records(tmp_path)] == [spec.key for spec in specs[:3]]


def test_of_records_that_do_not_all_fit_those_that_do_are_written(tmp_path, plan):
    specs = list(plan.specs())
    small, large = record(specs[0]), record(specs[1], text="x" * 10_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with RunFolder.create(tmp_path, plan) as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(small.to_line()) + 5_000, hard))
        try:
            with pytest.raises(RecordsDiskFull):
                folder.append(small, large, record(specs[2]))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert folder.missing() == specs[1:]
    assert [r.key for r in read_records(tmp_path)] == [specs[0].key]


@pytest.mark.parametrize("step", ["os.fsync", "rsi_agents.records.disk.write_whole"])
def test_ctrl_c_in_the_middle_of_writing_leaves_no_trace(tmp_path, plan, monkeypatch, step):
    def fake_interrupted(*args):
        raise KeyboardInterrupt

    specs = list(plan.specs())
    with RunFolder.create(tmp_path, plan) as folder:
        folder.append(record(specs[0]))
        before = (tmp_path / "episodes.jsonl").read_bytes()
        monkeypatch.setattr(step, fake_interrupted)
        with pytest.raises(KeyboardInterrupt):
            folder.append(record(specs[1]))
        assert (tmp_path / "episodes.jsonl").read_bytes() == before
        assert folder.missing() == specs[1:]
