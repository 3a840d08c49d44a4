"""Imports that a new body needs: which are added, and where."""

from __future__ import annotations

import importlib

import pytest

from codeplan_model.extract.stdlib_names import MODULES, NAMES, SUBMODULES

STUB = "def f(x, y=1):\n    ...\n"

# (code of the body, what is added before the function in a file without imports)
RESOLVED = [
    ("return math.sqrt(x)", "import math"),
    ("return re.sub('a', 'b', x)", "import re"),
    ("return Counter(x)", "from collections import Counter"),
    ("return defaultdict(list)", "from collections import defaultdict"),
    ("return collections.Counter(x)", "import collections"),
    ("return itertools.chain(x)", "import itertools"),
    ("return chain(x), combinations(x, 2)", "from itertools import chain, combinations"),
    ("return reduce(lambda a, b: a * b, x)", "from functools import reduce"),
    ("return reduce(mul, x)", "from functools import reduce\nfrom operator import mul"),
    ("return Decimal(x)", "from decimal import Decimal"),
    ("return Path(x).name", "from pathlib import Path"),
    ("return datetime.now()", "from datetime import datetime"),
    ("return datetime.strptime(x, '%Y')", "from datetime import datetime"),
    ("return datetime(2020, 1, 1)", "from datetime import datetime"),
    ("return datetime.datetime.now()", "import datetime"),
    ("return datetime.date.today()", "import datetime"),
    ("return datetime.timedelta(days=1)", "import datetime"),
    ("return date.today() - timedelta(1)", "from datetime import date, timedelta"),
    ("return time.time()", "import time"),
    ("return time(12, 30)", "from time import time"),
    ("return copy.deepcopy(x)", "import copy"),
    ("return copy(x)", "from copy import copy"),
    ("return random.choice(x)", "import random"),
    ("return bisect.bisect_left(x, 1)", "import bisect"),
    ("return bisect(x, 1)", "from bisect import bisect"),
    ("return urllib.parse.quote(x)", "import urllib.parse"),
    ("return os.path.join(x)", "import os"),
    ("return collections.abc.Mapping", "import collections"),
    ("return xml.etree.ElementTree.fromstring(x)", "import xml.etree.ElementTree"),
    ("return math.pi + re.I", "import math\nimport re"),
    ("return math.pi, Counter(x)", "import math\nfrom collections import Counter"),
    ("y: List[int] = []\nreturn y", "from typing import List"),
    ("def g(a: Optional[int]): return a\nreturn g(x)", "from typing import Optional"),
    ("return [math.floor(a) for a in x]", "import math"),
    ("return f'{math.pi:.2f}'", "import math"),
    ("return string.ascii_lowercase", "import string"),
    ("return ascii_lowercase", "from string import ascii_lowercase"),
    # nothing to add
    ("return x", ""),
    ("return len(x) + sum(y)", ""),
    ("return np.array(x)", ""),
    ("return undefined_name", ""),
    ("import math\nreturn math.pi", ""),
    ("math = x\nreturn math.pi", ""),
    ("for re in x:\n    return re", ""),
    ("with x as json:\n    return json", ""),
    ("try:\n    return x\nexcept E as copy:\n    return copy", ""),
    ("return [re for re in x]", ""),
    ("return lambda re: re", ""),
    ("def re(): return 1\nreturn re()", ""),
    ("match x:\n    case [re, *copy]:\n        return re, copy", ""),
    ("return x.math.pi", ""),
    ("return y.datetime.now()", ""),
    ("return 'math.pi'  # re", ""),
    ("return (re := x)", ""),
    ("return f(x)", ""),
    ("global math\nmath = 1\nreturn math", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "added"), RESOLVED)
def test_names_are_resolved(code: str, added: str, put) -> None:
    result = put(STUB, "f", code)

    assert result.partition("def f(")[0].rstrip() == added


# Each case: what it is about, the expression that the body returns, and the head of the file as a
# diff: lines stay ("  "), are added ("+ ") or taken away ("- ").
PLACES = r'''== docstring: math.pi
  """Doc."""

+ import math

+

== docstring, code right after: math.pi
  """Doc."""
+
+ import math
+
  X = 1

== comment at the top: math.pi
  # licence

+ import math
+
  X = 1

== comment on the code: math.pi
+ import math
+
  # about X
  X = 1

== shebang and coding: math.pi
  #!/usr/bin/python
  # -*- coding: utf-8 -*-
+ import math
+
  X = 1

== future: math.pi
  from __future__ import annotations

+ import math
+
  X = 1

== docstring and future: math.pi
  """Doc."""
  from __future__ import annotations
+
+ import math

== before: math.pi
+ import math
  import re


== after: re.I
  import math
+ import re


== between: math.pi
  import json
+ import math
  import re

== plain before from: math.pi
+ import math
  from typing import Any

== from after plain: Counter(x)
  import re
+ from collections import Counter

== unsorted: math.pi
  import re
  import json
+ import math

== in the standard group: math.pi
+ import math
  import os

  import numpy

  from . import x

== third-party only: math.pi
  import numpy
+ import math


== several: math.pi, re.I
  import json
+ import math
+ import re
  import sys

== extend: Counter(x)
- from collections import deque
+ from collections import Counter, deque

== extend at the end: deque(x)
- from collections import Counter
+ from collections import Counter, deque

== extend by two: Counter(deque(x))
- from collections import OrderedDict
+ from collections import Counter, OrderedDict, deque

== extend unsorted: ChainMap(x)
- from collections import deque, Counter
+ from collections import deque, Counter, ChainMap

== extend before a comment: deque(x)
- from collections import Counter  # why
+ from collections import Counter, deque  # why

== extend an alias: deque(x)
- from collections import Counter as C
+ from collections import Counter as C, deque

== extend in brackets: deque(x)
- from collections import (Counter)
+ from collections import (Counter, deque)

== extend over lines: deque(x)
  from collections import (
      Counter,
      OrderedDict,
+     deque,
  )

== extend over lines, no last comma: deque(x)
  from collections import (
      Counter,
-     OrderedDict
+     OrderedDict,
+     deque
  )

== extend over lines, between: OrderedDict(x)
  from collections import (
      Counter,
+     OrderedDict,
      deque,
  )

== not a continued line: ChainMap(x)
  from collections import Counter, \
      deque
+ from collections import ChainMap

== not a line that is full: ChainMap(x)
  from collections import Counter as counter_of_things, deque as a_queue_with_two_ends_of_things
+ from collections import ChainMap

== not for type checkers only: deque(x)
  import re
+ from collections import deque

  if TYPE_CHECKING:
      from collections import deque

== after try: math.pi
  try:
      import numpy
  except ImportError:
      numpy = None
+ import math

  X = 1

== before a star: math.pi
  import os
+ import math
  from tkinter import *

== after dunders: math.pi
  """Doc."""
  __all__ = ["f"]
+ import math
  import re

== semicolons: math.pi
+ import math
  import os; import sys

== submodule: urllib.parse.quote(x)
  import urllib
+ import urllib.parse

== other submodule: urllib.parse.quote(x)
+ import urllib.parse
  import urllib.request

== datetime class beside date: datetime.now()
- from datetime import date
+ from datetime import date, datetime

== datetime module beside date: datetime.datetime.now()
+ import datetime
  from datetime import date

== timedelta beside the module: timedelta(1)
  import datetime
+ from datetime import timedelta

== imported: math.pi
  import math

== imported as: re.I
  import regex as re

== imported in try: math.pi
  try:
      import math
  except E:
      math = None

== imported under if: math.pi
  if X:
      import math

== imported in with: math.pi
  with X:
      import math

== assigned: math.pi
  math = 1

== assigned in a tuple: math.pi
  a, (math, b) = 1

== loop: math.pi
  for math in X:
      pass

== function: math()
  def math(): return 1

== class: Counter(x)
  class Counter:
      pass

== star of its module: sqrt(x)
  from math import *

== case: math.pi
  match X:
      case [math]:
          pass

== submodule known: urllib.parse.quote(x)
  import os, urllib.parse

== in another function: math.pi
+ import math
+
+
  def g():
      import math

== in a class: math.pi
+ import math
+
+
  class C:
      import math

== under main: math.pi
+ import math
+
  if __name__ == '__main__':
      import math
'''


def head_cases() -> list:
    cases = []
    for case in PLACES.removeprefix("== ").split("\n== "):
        title, _, diff = case.partition("\n")
        what, _, code = title.partition(": ")
        lines = diff.removesuffix("\n").split("\n")
        before = [line[2:] + "\n" for line in lines if line[:1] != "+"]
        after = [line[2:] + "\n" for line in lines if line[:1] != "-"]
        cases.append(pytest.param("".join(before), code, "".join(after), id=what))
    return cases


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("head", "code", "expected"), head_cases())
def test_imports_go_to_their_place(head: str, code: str, expected: str, newline: str, put) -> None:
    source = (head + STUB).replace("\n", newline)

    result = put(source, "f", f"return {code}")

    assert result == f"{expected}def f(x, y=1):\n    return {code}\n".replace("\n", newline)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", "import math\n\n\n"),
        ("\ufeff", "\ufeffimport math\n\n\n"),
        ("\ufeffX = 1\n", "\ufeffimport math\n\nX = 1\n"),
        ("\x0c\nX = 1\n", "\x0c\nimport math\n\nX = 1\n"),
    ],
)
def test_imports_go_before_the_first_code(head: str, expected: str, put) -> None:
    assert put(head + STUB, "f", "return math.pi").startswith(expected)


def test_a_name_of_an_enclosing_function_is_known(put) -> None:
    source = "def outer(math):\n    re = 1\n    def f(x): ...\n    return f\n"

    assert "import" not in put(source, "f", "return math, re")


def test_an_attribute_of_the_class_is_not_known(put) -> None:
    source = "class C:\n    math = 1\n    def f(self): ...\n"

    assert put(source, "f", "return math.pi").startswith("import math\n")


def test_a_name_for_type_checkers_will_do_in_an_annotation(put) -> None:
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import List\n"

    assert put(head + STUB, "f", "y: List[int] = []\nreturn y").startswith(head + "def f")
    assert not put(head + STUB, "f", "return List[int]").startswith(head + "def f")


def test_an_import_is_added_to_a_broken_file_too(put) -> None:
    source = "import re\n\nx = (\n\n" + STUB

    assert put(source, "f", "return math.pi").startswith("import math\nimport re\n\nx = (\n")


def test_every_name_of_the_table_exists_in_its_module() -> None:
    newer = {"batched"}  # itertools.batched came with Python 3.12

    for name, module in NAMES.items():
        assert name in newer or hasattr(importlib.import_module(module), name), (module, name)
    for module in MODULES | set(SUBMODULES.values()):
        importlib.import_module(module)
