"""Which functions a file has, and which of them are to write."""

from __future__ import annotations

import pytest

from codeplan_model.extract import all_functions, functions_to_write

# (what the case is about, source, names of the functions to write)
TO_WRITE = [
    ("docstring only", 'def f(x):\n    """Doc."""\n', "f"),
    ("ellipsis", "def f(x):\n    ...\n", "f"),
    ("pass", "def f(x):\n    pass\n", "f"),
    ("raise", "def f(x):\n    raise NotImplementedError\n", "f"),
    ("raise with a call", "def f(x):\n    raise NotImplementedError()\n", "f"),
    ("raise with a message", 'def f(x):\n    raise NotImplementedError("not yet, (soon)")\n', "f"),
    ("raise over lines", 'def f(x):\n    raise NotImplementedError(\n        "soon"\n    )\n', "f"),
    ("docstring and ellipsis", 'def f(x):\n    """Doc."""\n    ...\n', "f"),
    ("docstring and pass", 'def f(x):\n    """Doc."""\n    pass\n', "f"),
    ("docstring and raise", 'def f(x):\n    """Doc."""\n    raise NotImplementedError\n', "f"),
    ("docstring, then a comment", 'def f(x):\n    """Doc."""\n    # how?\n', "f"),
    ("comment, then pass", "def f(x):\n    # how?\n    pass  # later\n", "f"),
    ("pass twice", "def f(x):\n    pass\n    pass\n", "f"),
    ("pass; ...", "def f(x):\n    pass; ...\n", "f"),
    ("one line, ellipsis", "def f(x): ...\n", "f"),
    ("one line, pass and a comment", "def f(x): pass  # later\n", "f"),
    ("one line, raise", "def f(x): raise NotImplementedError\n", "f"),
    ("one line, docstring", 'def f(x): "Doc."\n', "f"),
    ("one line, docstring and pass", 'def f(x): "Doc."; pass\n', "f"),
    ("nothing below the header", "def f(x):\n", "f"),
    ("nothing below the header, then code", "def f(x):\n\ny = 1\n", "f"),
    ("no newline at the end", "def f(x):\n    ...", "f"),
    ("async", "async def f(x):\n    ...\n", "f"),
    ("async one line", "async def f(x): ...\n", "f"),
    ("method", "class C:\n    def m(self):\n        ...\n", "C.m"),
    ("static method", "class C:\n    @staticmethod\n    def m(x):\n        ...\n", "C.m"),
    ("class method", "class C:\n    @classmethod\n    def m(cls): ...\n", "C.m"),
    ("property", "class C:\n    @property\n    def m(self):\n        pass\n", "C.m"),
    ("nested class", "class A:\n    class B:\n        def m(self): ...\n", "A.B.m"),
    (
        "nested function",
        "def outer():\n    def inner():\n        ...\n    return inner\n",
        "outer.<locals>.inner",
    ),
    (
        "function in a method",
        "class C:\n    def m(self):\n        def g(): ...\n        return g\n",
        "C.m.<locals>.g",
    ),
    ("decorated", "@cache\n@app.route('/x', methods=['GET'])\ndef f(x):\n    ...\n", "f"),
    ("decorator over lines", "@deco(\n    1,\n    2,\n)\ndef f(x): ...\n", "f"),
    ("header over lines", "def f(\n    x: int,\n    *,\n    y=(1, 2),\n) -> int:\n    ...\n", "f"),
    ("colons in the header", "def f(x: 'a:b', y={1: 2}, z=lambda: 0) -> 'C:D':\n    ...\n", "f"),
    ("string with parenthesis in the header", "def f(x=')', y=\"(\"):\n    ...\n", "f"),
    ("comment in the header", "def f(\n    x,  # first: (the\n    y,\n):\n    ...\n", "f"),
    ("under if", "if sys.platform == 'win32':\n    def f(): ...\nelse:\n    def f(): ...\n", "f f"),
    ("under try", "try:\n    import x\nexcept ImportError:\n    def f(): ...\n", "f"),
    ("under main", "if __name__ == '__main__':\n    def f(): ...\n", "f"),
    ("3.12 generics", "def f[T: (int, str)](x: T) -> T:\n    ...\n", "f"),
    ("3.12 generic class", "class C[T]:\n    def m[S](self, x: S) -> T: ...\n", "C.m"),
    ("3.13 defaults", "def f[T = int](x: T) -> T: ...\n", "f"),
    ("3.12 type statement around", "type X = int\n\ndef f(x: X) -> X: ...\n", "f"),
    ("3.12 f-string around", "x = f\"{d[\"a\"]}\"\n\ndef f(x): ...\n", "f"),
    ("match around", "match x:\n    case [1, *_]:\n        pass\n\ndef f(x): ...\n", "f"),
    ("tabs", "class C:\n\tdef m(self):\n\t\t'''Doc.'''\n\t\tpass\n", "C.m"),
    ("two spaces", "class C:\n  def m(self):\n    pass\n", "C.m"),
    ("CRLF", 'def f(x):\r\n    """Doc."""\r\n\r\ndef g(x):\r\n    return 1\r\n', "f"),
    ("bare CR", "def f(x):\r    ...\rdef g(x):\r    return 1\r", "f"),
    ("mixed line ends", "def f(x):\r\n    ...\ndef g(x):\n    pass\r\n", "f g"),
    ("BOM", "\ufeffdef f(x):\n    ...\n", "f"),
    ("form feed", "x = 1\n\x0c\ndef f(x):\n    ...\n\x0c\ndef g(x): ...\n", "f g"),
    ("line separator in a string", 'def f(x):\n    """Doc.\u2028def g(): ..."""\n', "f"),
    ("emoji and other names", "def größe(ñ='🐍'):\n    '''🎉'''\n", "größe"),
    ("continued header", "def f(x, \\\n      y):\n    ...\n", "f"),
    ("def in a string", 's = """\ndef g(): ...\n"""\n\ndef f(): ...\n', "f"),
    ("def in a comment", "# def g(): ...\ndef f(): ...\n", "f"),
    ("docstring in two pieces", 'def f():\n    "one" "two"\n', "f"),
    ("docstring in parentheses", 'def f():\n    ("one"\n     "two")\n', "f"),
    ("raw docstring", 'def f():\n    r"""\\d"""\n', "f"),
    ("bad escape in the docstring", 'def f():\n    """\\d"""\n', "f"),
    # not to write
    ("written", "def f(x):\n    return x\n", ""),
    ("docstring and code", 'def f(x):\n    """Doc."""\n    return x\n', ""),
    ("another exception", "def f(x):\n    raise ValueError\n", ""),
    ("raise from", "def f(x):\n    raise NotImplementedError from error\n    return 1\n", ""),
    ("formatted string", "def f(x):\n    f'{x}'\n", ""),
    ("bytes", "def f(x):\n    b'x'\n", ""),
    ("overload", "@overload\ndef f(x: int) -> int: ...\ndef f(x):\n    return x\n", ""),
    ("overload by its module", "@typing.overload\ndef f(x: str) -> str: ...\n", ""),
    ("after overloads", "@overload\ndef f(x: int) -> int: ...\ndef f(x):\n    ...\n", "f"),
    ("abstract", "class C(ABC):\n    @abstractmethod\n    def m(self):\n        ...\n", ""),
    ("abstract property", "class C:\n  @property\n  @abc.abstractmethod\n  def m(self): ...\n", ""),
    ("protocol", "class P(Protocol):\n    def m(self) -> int: ...\n", ""),
    ("generic protocol", "class P(typing.Protocol[T]):\n    def m(self) -> T: ...\n", ""),
    ("3.12 generic protocol", "class P[T](Protocol):\n    def m(self) -> T: ...\n", ""),
    ("for type checkers", "if TYPE_CHECKING:\n    def f() -> int: ...\n", ""),
    ("raises in an ABC", "class C(ABC):\n    def m(s):\n        raise NotImplementedError\n", ""),
    (
        "overridden in a subclass",
        "class A:\n    def m(self):\n        raise NotImplementedError\n\n"
        "class B(A):\n    def m(self):\n        return 1\n",
        "",
    ),
    (
        "raises, and no subclass has its own",
        "class A:\n    def m(self):\n        raise NotImplementedError\n\nclass B(A):\n    x = 1\n",
        "A.m",
    ),
    ("class only", "class C:\n    pass\n", ""),
    ("lambda", "f = lambda x: ...\n", ""),
    ("broken header", "def f(x y):\n    ...\n", ""),
    ("no text", "", ""),
    ("binary", "\x00\x01def\x00", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in TO_WRITE], ids=[case[0] for case in TO_WRITE]
)
def test_functions_to_write_are_found(source: str, expected: str) -> None:
    names = [task.entry_point for task in functions_to_write(source)]

    assert names == expected.split()


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in TO_WRITE], ids=[case[0] for case in TO_WRITE]
)
def test_the_listing_says_the_same_as_the_tasks(source: str, expected: str) -> None:
    sites = all_functions(source)

    assert [site.entry_point for site in sites if site.to_write] == expected.split()


def test_the_listing_has_the_spans_of_name_header_and_extent() -> None:
    source = "x = 1\n\n@deco\nasync def größe(\n    n: int,\n) -> int:\n    return n\n\ny = 2\n"

    (site,) = all_functions(source)

    def text(span):
        return source[span.start : span.end]

    assert text(site.name) == "größe"
    assert text(site.header) == "async def größe(\n    n: int,\n) -> int:"
    assert text(site.extent) == source[source.index("@deco") : source.index("\n\ny = 2")]
    assert (site.line, site.to_write) == (3, False)


def test_a_stub_file_has_nothing_to_write() -> None:
    source = "def f(x: int) -> int: ...\n"

    assert functions_to_write(source, "m.pyi") == []
    assert [site.to_write for site in all_functions(source, "m.pyi")] == [False]


# Each piece stands between two functions, and both must still be found.
BROKEN = [
    "x = (1,\n",
    "x = [1, {2:\n",
    "def broken(\n",
    "def broken(x\n    return x\n",
    "def\n",
    "class\n",
    "class Broken(\n",
    "@\n",
    "if x\n    y\n",
    "for x in\n",
    "return foo(\n",
    'x = "unclosed\n',
    "x = 'it's'\n",
    "import\n",
    "from x import (\n",
    "else:\n    1\n",
    "x = = 1\n",
    ")]}\n",
    "print 'python 2'\n",
    "def broken():\n    '''not closed\n    x = 1\n",
    'def broken():\n    """not closed\n    x = 1\n',
    'x = """not closed\n',
    "x = f'{'\n",
    "$ %% ?\n",
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "def broken():\n    return (\n",
    "x = \\\n",
]


@pytest.mark.parametrize("piece", BROKEN)
def test_functions_around_a_broken_piece_are_found(piece: str) -> None:
    before = 'def first(x):\n    """Doc."""\n\n'
    after = '\nclass C:\n    def last(self):\n        """Doc."""\n'

    names = [task.entry_point for task in functions_to_write(before + piece + after)]

    assert names[0] == "first"
    assert names[-1] == "C.last"


@pytest.mark.parametrize("stray", ["(", "x = {", "@", "import ", "if x", "def foo", "'"])
def test_a_stray_line_does_not_end_the_class_around_it(stray: str) -> None:
    source = f"class C:\n    def a(self): ...\n\n{stray}\n    def b(self): ...\n"

    names = [task.entry_point for task in functions_to_write(source)]

    assert names == ["C.a", "C.b"]
