"""Function texts out of real wheels (written here), and problems mined from them."""

from __future__ import annotations

import random
import textwrap
import zipfile
from pathlib import Path

import pytest

from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import Sandbox
from codeplan_training import corpus, function_files, mining, mixture

SOURCE = '''
import math
from collections import Counter
from .other import helper


def most_common_word(
    text: str,
    smallest: int = 1,
) -> str:
    """Return the most frequent word of at least `smallest` letters.

    >>> most_common_word("a b b")
    'b'
    """
    words = Counter(word for word in text.split() if len(word) >= smallest)
    return words.most_common(1)[0][0]


def half(number):
    """Return half of a number, rounded down.

    >>> half(5)
    2
    """
    return math.floor(number / 2)


def through_helper(value):
    """Return what the helper makes of the value."""
    return helper(value)


class Box:
    def doubled(self, value):
        """Return twice the value."""
        return 2 * value
'''


def wheel(folder: Path, name: str, licence: str, files: dict[str, str]) -> Path:
    path = folder / f"{name}-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(
            f"{name}-1.2.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\nLicense: {licence}\n\nText\n",
        )
    return path


def packages(folder: Path) -> dict[str, tuple[str, list[corpus.File]]]:
    return {
        k: v for path in corpus.wheels_in(folder) for k, v in corpus.wheel_package(path).items()
    }


def texts(folder: Path) -> dict[str, corpus.FunctionText]:
    found = corpus.functions(packages(folder))
    return {text.text.split("(")[0].removeprefix("def "): text for text in found}


@pytest.fixture
def package(tmp_path):
    wheel(tmp_path, "everyday", "MIT", {"everyday/words.py": SOURCE})
    return tmp_path


def test_a_function_comes_with_its_parts_and_the_imports_that_it_needs(package):
    found = texts(package)["most_common_word"]

    assert found.package == "everyday==1.2"
    assert found.licence == "MIT"
    assert found.header == "def most_common_word(text: str, smallest: int=1) -> str:"
    assert found.docstring.startswith("Return the most frequent word")
    assert found.body.split("\n")[-1] == "    return words.most_common(1)[0][0]"
    assert found.imports == ("from collections import Counter",)


def test_only_functions_that_need_nothing_of_their_package_are_alone(package):
    alone = {name for name, text in texts(package).items() if text.alone}

    assert alone == {"most_common_word", "half"}


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0",
        "LGPL",
        "MPL 2.0",
        "Proprietary",
        "LIMITED LICENSE AGREEMENT",
        "Example Confidential, BSD style",
        "FSL-1.1-MIT",
        "MIT License with Commons Clause",
        "PolyForm Noncommercial",
        "",
    ],
)
def test_a_licence_that_does_not_allow_it_keeps_a_wheel_closed(tmp_path, licence):
    wheel(tmp_path, "everyday", licence, {"everyday/words.py": SOURCE})

    assert packages(tmp_path) == {}


@pytest.mark.parametrize("licence", ["MIT", "BSD-3-Clause", "Apache 2.0", "The MIT License (MIT)"])
def test_permissive_licences_open_a_wheel(tmp_path, licence):
    wheel(tmp_path, "everyday", licence, {"everyday/words.py": SOURCE})

    assert {text.licence for text in texts(tmp_path).values()} == {licence}


@pytest.mark.parametrize("name", ["toolz", "more_itertools", "jaraco.text", "sympy", "distributed"])
def test_held_out_packages_are_not_read_also_not_as_copies_inside_others(tmp_path, name):
    wheel(tmp_path, name, "MIT", {f"{name}/words.py": SOURCE})
    folder = name.replace(".", "/")
    wheel(tmp_path, "honest", "MIT", {f"honest/{folder}/words.py": SOURCE})

    assert texts(tmp_path) == {}


def test_functions_named_like_held_out_ones_are_not_read(tmp_path):
    wheel(tmp_path, "everyday", "MIT", {"words.py": SOURCE.replace("half", "rolling_max")})

    assert set(texts(tmp_path)) == {"most_common_word", "through_helper", "doubled"}


def test_copies_of_the_standard_library_are_not_read(tmp_path):
    import textwrap as library

    copied = Path(library.__file__).read_text(encoding="utf-8")
    wheel(tmp_path, "everyday", "MIT", {"everyday/wrap.py": copied, "everyday/own.py": SOURCE})

    assert set(texts(tmp_path)) == {"most_common_word", "half", "through_helper", "doubled"}


def test_a_file_of_functions_gives_them_back_and_names_their_packages(package):
    wheel(package, "twin", "BSD", {"twin/words.py": SOURCE})
    out = package / "functions.jsonl.gz"

    count = function_files.write(out, function_files.collect(package, processes=2))

    assert count == 4  # the twin's functions are the same
    assert {t.text for t in function_files.read(out)} == {t.text for t in texts(package).values()}
    listed = out.with_name(out.name + ".packages.tsv").read_text()
    assert listed == "everyday==1.2\tMIT\t4\n"


def test_what_is_not_a_file_of_functions_is_an_error_in_words(tmp_path):
    broken = tmp_path / "functions.jsonl.gz"
    broken.write_bytes(b"no gzip")

    with pytest.raises(ValueError, match="make it again"):
        list(function_files.read(broken))
    with pytest.raises(FileNotFoundError, match="codeplan-train functions"):
        list(function_files.read(tmp_path / "none.jsonl.gz"))


def test_a_folder_without_wheels_and_a_broken_wheel_are_errors_in_words(tmp_path):
    with pytest.raises(FileNotFoundError, match="pip download"):
        function_files.collect(tmp_path, processes=1)
    (tmp_path / "broken-1-py3-none-any.whl").write_bytes(b"PK")
    with pytest.raises(ValueError, match="fetch it again"):
        packages(tmp_path)


def test_a_documented_function_is_shown_as_a_problem_or_as_it_stands(package):
    text = texts(package)["half"]
    rng = random.Random(1)

    samples = [mixture.function_sample(text, rng) for _ in range(40)]

    problem = codeplan1.problem(text.header, text.docstring) + codeplan1.CODE
    assert {s.prompt for s in samples} == {problem, ""}
    assert {s.completion for s in samples if s.prompt} == {
        "\n    return math.floor(number / 2)" + codeplan1.END
    }


def test_a_docstring_with_half_a_character_is_shown_as_it_stands(tmp_path):
    odd = SOURCE.replace("Return half of a number", "Return \\ud800 half of a number")
    wheel(tmp_path, "odd", "MIT", {"words.py": odd})
    text = texts(tmp_path)["half"]
    rng = random.Random(1)

    samples = [mixture.function_sample(text, rng) for _ in range(40)]

    assert {s.prompt for s in samples} == {""}
    assert all(s.completion.encode() for s in samples)


def test_no_package_gives_more_than_its_share(package):
    wheel(package, "twin", "BSD", {"twin/words.py": SOURCE.replace("half", "halved")})
    found = list(corpus.functions(packages(package)))

    kept = list(mixture.function_samples(100, 1, per_package=1, texts=found))

    assert len(kept) == 2


def test_functions_with_passing_doctests_become_problems_of_their_own(package):
    wrong = SOURCE.replace("half", "third").replace("'b'", "'z'")
    wheel(package, "wrong", "MIT", {"wrong/words.py": wrong})
    found = list(corpus.functions(packages(package)))

    with Sandbox() as sandbox:
        problems, rejected = mining.mine_functions(found, sandbox)

    by_id = {problem.id: problem for problem in problems}
    assert set(by_id) == {
        "everyday==1.2::most_common_word",
        "everyday==1.2::half",
        "wrong==1.2::third",
    }
    half = by_id["everyday==1.2::half"]
    assert half.imports == ("import math",)
    assert half.wordings == ("Return half of a number, rounded down.",)
    assert [(c.call, c.want) for c in half.examples] == [("half(5)", "2")]
    assert textwrap.dedent(half.solutions[0].code) == "return math.floor(number / 2)"
    assert [r.where for r in rejected] == ["wrong==1.2::most_common_word"]
