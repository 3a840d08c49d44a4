"""`codeplan bench`: a table of figures from real work."""

from __future__ import annotations


def test_bench_measures_every_part(codeplan, tiny_gguf):
    run = codeplan("bench", "--json", "--seconds", "0.1", "--model", str(tiny_gguf))

    assert run.status == 0
    (found,) = run.objects
    figures = {name.split(":")[0]: value for name, (value, _) in found["figures"].items()}
    assert found["functions"] == 4
    assert found["sandbox"]
    for name in (
        "start",
        "reading prompts",
        "writing, 1 at a time",
        "writing, 8 at a time",
        "writing, 32 at a time",
        "judging candidates",
    ):
        assert figures[name] > 0, name


def test_bench_prints_a_table_on_stdout_and_the_machine_beside_it(codeplan, tiny_gguf):
    run = codeplan("bench", "--seconds", "0.1", "--model", str(tiny_gguf))

    assert "tokens/s" in run.out
    assert "CPU" in run.err
