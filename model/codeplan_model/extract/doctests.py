"""A docstring's examples, read with the standard `doctest` parser.

Where doctest would refuse a whole docstring for one bad example (an expected line that is indented
less than its prompt, an unknown option), only that example is left out; a blank that is missing
after the prompt is forgiven. Nothing is run here.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from codeplan_model.values import Example, ExampleKind

from .outline import Outline
from .strings import Docstring

if TYPE_CHECKING:
    import doctest

PROMPT = ">>>"
_NO_BLANK = re.compile(r"^([ \t]*>>>)(?=[^ \n])", re.MULTILINE)


def docstring_examples(
    outline: Outline, docstring: Docstring, group: str, file_name: str
) -> list[Example]:
    """Every example of one docstring, as one group."""
    if PROMPT not in docstring.raw:
        return []
    first_line = outline.line_number(docstring.content_at)
    found: list[Example] = []
    for example in _parse(docstring.raw):
        line = first_line + docstring.source_line(example.lineno)
        found.append(
            Example(
                source=example.source,
                want=example.want,
                kind=ExampleKind.DOCTEST,
                origin=f"{file_name}:{line + 1}",
                line=line,
                group=group,
                exc_msg=None if example.exc_msg is None else example.exc_msg.rstrip("\n"),
                options=tuple(sorted(example.options.items())),
            )
        )
    return found


def _parse(raw: str) -> list[doctest.Example]:
    import doctest  # when first used: it loads pdb and unittest, which a server's start can spare

    parser = doctest.DocTestParser()
    try:
        return parser.get_examples(raw)
    except ValueError:
        pass
    found: list[doctest.Example] = []
    for chunk, line in _chunks(raw):
        try:
            examples = parser.get_examples(_NO_BLANK.sub(r"\1 ", chunk))
        except ValueError:
            continue
        for example in examples:
            example.lineno += line
        found += examples
    return found


def _chunks(raw: str) -> list[tuple[str, int]]:
    """Each prompt with what belongs to it, and the line on which it begins."""
    chunks: list[tuple[str, int]] = []
    lines = raw.split("\n")
    starts = [n for n, line in enumerate(lines) if line.lstrip().startswith(PROMPT)]
    for start, stop in itertools.pairwise([*starts, len(lines)]):
        chunks.append(("\n".join(lines[start:stop]), start))
    return chunks
