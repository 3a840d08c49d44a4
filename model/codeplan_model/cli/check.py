"""`codeplan check`: a file's own examples, run in the sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from codeplan_model.cli.interrupt import cancelled_by_ctrl_c
from codeplan_model.cli.output import Output, escape
from codeplan_model.cli.sandboxing import Judging
from codeplan_model.extract import file_examples
from codeplan_model.files import FileError, read_source
from codeplan_model.values import Status

OK, FAILED, UNVERIFIED = 0, 1, 3


def check_files(paths: Sequence[str], output: Output, judge: Judging) -> int:
    """Run every example of every file; the exit status. Raises FileError, SandboxUnavailable."""
    sources = [read_source(Path(path)) for path in paths]
    for source in sources:
        try:
            compile(source.text, str(source.path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise FileError(f"{source.path} doesn't parse: {error}") from None
        except (MemoryError, RecursionError):
            raise FileError(f"{source.path} doesn't parse: it is nested too deeply") from None
    statuses: set[int] = set()
    with judge.sandbox(paths, output) as sandbox, cancelled_by_ctrl_c() as cancel:
        for source in sources:
            examples = file_examples(source.text, str(source.path))
            results = sandbox.run(source.text, examples, path=str(source.path), cancel=cancel)
            counts = Counter(result.status for result in results)
            judged = len(results) - counts[Status.NOT_JUDGED]
            passed = counts[Status.PASSED]
            status = UNVERIFIED if not judged else OK if passed == judged else FAILED
            statuses.add(status)
            if output.as_json:
                output.json(
                    {
                        "file": str(source.path),
                        "passed": passed,
                        "total": judged,
                        "not_judged": counts[Status.NOT_JUDGED],
                        "sandbox": sandbox.level.describe(),
                        "failures": [
                            {
                                "origin": r.example.origin,
                                "source": r.example.source,
                                "want": r.example.want,
                                "got": r.got,
                                "status": r.status.value,
                            }
                            for r in results
                            if r.status not in (Status.PASSED, Status.NOT_JUDGED)
                        ],
                    }
                )
                continue
            failures = [r for r in results if r.status is not Status.PASSED]
            for failure in failures:
                output.place(failure.example.origin)
                output.examples([failure])
            words = f"passed {passed} of {judged} examples" if judged else "no examples"
            level = sandbox.level.describe()
            output.out.print(escape(f"{source.path}: {words}; sandbox {level}"))
    return next((s for s in (FAILED, UNVERIFIED) if s in statuses), OK)
