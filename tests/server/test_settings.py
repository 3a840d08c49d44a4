"""The settings' schema: what is read, what is refused, what is made from it."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeplan_server.sections import Settings
from codeplan_server.settings import (
    contributions,
    markdown,
    read_settings,
    schema,
)


def test_nothing_gives_the_defaults():
    assert read_settings(None) == (Settings(), ())
    assert read_settings({}) == (Settings(), ())


def test_nested_and_dotted_names_are_the_same():
    nested, _ = read_settings({"search": {"timeLimit": 5}})
    dotted, _ = read_settings({"search.timeLimit": 5.0})

    assert nested == dotted
    assert nested.search.time_limit == 5.0


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"search": {"plans": "x"}}, 'codeplan.search.plans must be a whole number, not "x"'),
        ({"search": {"plans": True}}, "must be a whole number, not true"),
        ({"search": {"plans": 1.5}}, "must be a whole number, not 1.5"),
        ({"search": {"plans": 0}}, "must be at least 1, not 0"),
        ({"search": {"plans": 10**6}}, "must be at most 200"),
        ({"search": {"temperature": math.nan}}, "must be a number, not nan"),
        ({"insert": {"failing": "maybe"}}, "must be one of ask, always, never"),
        ({"insert": {"confirm": 1}}, "must be true or false, not 1"),
        ({"backend": {"model": ["x"]}}, "must be a text"),
        ({"search": 3}, "codeplan.search: there is no such setting"),
        ({"serach": {"plans": 3}}, "did you mean codeplan.search.plans?"),
        ([1], "must be an object"),
    ],
)
def test_a_wrong_value_is_named_and_the_default_used(raw, problem):
    settings, problems = read_settings(raw)

    assert settings == Settings()
    assert len(problems) == 1
    assert problem in problems[0]


def test_one_wrong_value_spoils_no_other():
    settings, problems = read_settings({"search": {"plans": "x", "samples": 4}})

    assert settings.search.samples == 4
    assert len(problems) == 1


def test_whole_numbers_are_taken_however_they_are_written():
    settings, problems = read_settings({"search": {"plans": 4.0, "temperature": 1}})

    assert problems == ()
    assert (settings.search.plans, settings.search.temperature) == (4, 1.0)


def test_the_client_s_own_sections_and_unset_values_are_passed_over():
    _, problems = read_settings(
        {"server": {"path": "x"}, "trace": {"server": "off"}, "search": {"plans": None}}
    )

    assert problems == ()


def test_an_untrusted_workspace_sets_nothing_that_runs_code_or_sends_data():
    raw = {
        "backend": {"kind": "openai", "baseUrl": "https://example.org", "model": "x"},
        "sandbox": {"consent": True, "interpreter": "./python", "memoryMb": 60000},
        "logging": {"sourceText": True},
        "search": {"plans": 3},
    }

    settings, problems = read_settings(raw, trusted=False)

    assert settings.backend == Settings().backend
    assert settings.sandbox == Settings().sandbox
    assert settings.logging.source_text is False
    assert settings.search.plans == 3
    assert len(problems) == 7
    assert read_settings(raw)[1] == ()


def test_what_is_restricted_is_what_runs_code_sends_data_or_takes_more_of_the_machine():
    assert {f"codeplan.{entry.key}" for entry in schema() if entry.restricted} == {
        "codeplan.backend.kind",
        "codeplan.backend.model",
        "codeplan.backend.baseUrl",
        "codeplan.backend.keyVariable",
        "codeplan.sandbox.interpreter",
        "codeplan.sandbox.consent",
        "codeplan.sandbox.wallSeconds",
        "codeplan.sandbox.cpuSeconds",
        "codeplan.sandbox.memoryMb",
        "codeplan.sandbox.outputBytes",
        "codeplan.sandbox.threads",
        "codeplan.sandbox.importSeconds",
        "codeplan.sandbox.importMemoryMb",
        "codeplan.logging.sourceText",
        # A repository must not switch on that its code is kept.
        "codeplan.memory.remember",
    }


def test_every_setting_is_described_and_its_default_is_valid():
    for entry in schema():
        assert entry.description.endswith(".")
        assert entry.check(entry.default) == (entry.default, "")
        assert contributions()[f"codeplan.{entry.key}"]["default"] == entry.default
        assert f"`codeplan.{entry.key}`" in markdown()


def test_an_empty_table_from_lua_and_a_section_in_its_own_name_are_understood():
    assert read_settings([]) == (Settings(), ())
    wrapped, problems = read_settings({"codeplan": {"search": {"plans": 3}}})

    assert problems == ()
    assert wrapped.search.plans == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_settings_that_cannot_be_written_are_told_in_words_and_a_reader_that_left_is_no_error():
    command = [sys.executable, "-m", "codeplan_server", "--settings", "json"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    read, write = os.pipe()
    os.close(read)
    gone = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)

    assert done.returncode == 2
    assert "the settings can't be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert (gone.returncode, gone.stderr) == (141, "")
