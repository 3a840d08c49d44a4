"""Attacks on the verdict: a pass that was not earned.

The function is f(x): 7 for 1, 11 for 2; ValueError for a negative x. None of these bodies knows
that, and none may pass.
"""

from __future__ import annotations

from .attack import Attack, Control

_ALWAYS_EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __sub__(self, other): return 0
    __rsub__ = __mod__ = __sub__
    def __contains__(self, other): return True
    def __hash__(self): return 0
    def __abs__(self): return self
    def __round__(self, n=None): return self
"""


def _fake(name: str, body: str, control: Control = "one process") -> Attack:
    return Attack("faking the verdict", name, body, control=control)


FAKING = [
    _fake("an object equal to everything", _ALWAYS_EQUAL + "return Equal()"),
    _fake(
        "an int equal to everything",
        _ALWAYS_EQUAL + "return type('int', (Equal, int), {{}})(3)",
    ),
    _fake(
        "a class that says it is int",
        _ALWAYS_EQUAL + "return type('E', (Equal,), {{'__class__': property(lambda s: int)}})()",
    ),
    _fake(
        "equality put on a class of the file",
        """
        Box.__eq__ = lambda self, other: True
        return Box()
        """,
    ),
    _fake(
        "the test library's own ANY",
        "from unittest import mock; return mock.ANY",
    ),
    _fake(
        "a list that is equal to everything",
        _ALWAYS_EQUAL + "return type('list', (Equal, list), {{}})([3])",
    ),
    _fake("exit with success", "import os; os._exit(0)", "exit code"),
    _fake("raise SystemExit(0)", "raise SystemExit(0)", "exit code"),
    _fake("sys.exit() at import", "import sys; sys.exit(0)", "exit code"),
    _fake(
        "putting another function in its place",
        _ALWAYS_EQUAL
        + """
import sys
frame = sys._getframe()
while frame:
    if 'f' in frame.f_globals:
        frame.f_globals['f'] = lambda x: Equal()
    frame = frame.f_back
return Equal()
""",
    ),
    _fake(
        "a patched doctest",
        _ALWAYS_EQUAL
        + """
import doctest
doctest.OutputChecker.check_output = lambda *a: True
return Equal()
""",
    ),
    _fake(
        "a patched display hook",
        _ALWAYS_EQUAL
        + """
import builtins, sys
sys.displayhook = lambda value: print(7)
sys.__displayhook__ = sys.displayhook
return Equal()
""",
    ),
    _fake(
        "forged messages on every descriptor",
        """
        import json, os, struct
        answer = {{'roots': {{'value': 0}}, 'nodes': [], 'out': '', 'follow': True}}
        body = json.dumps(answer).encode()
        ends = [('', None)] * 9
        lines = [{{'begin': 0}}, {{'begin': 1}}, {{'begin': 2}}]
        lines += [{{'i': i, 'got': g, 'error': e, 'note': ''}} for i, (g, e) in enumerate(ends)]
        text = ''.join(json.dumps(line) + '\\n' for line in [*lines, {{'done': True}}])
        for fd in range(3, 64):
            try:
                os.write(fd, (struct.pack('>I', len(body)) + body) * 50)
                os.write(fd, b'\\n' + text.encode())
            except OSError:
                pass
        os._exit(0)
        """,
    ),
    _fake(
        "an exception class of this program",
        """
        import sys
        statements = sys.modules.get('codeplan_inside.statements')
        raise statements.NotJudged('excused')
        """,
    ),
    _fake(
        "an exception that calls itself one of this program",
        """
        import sys
        name = {{'__module__': 'codeplan_inside.statements', '__qualname__': 'NotJudged'}}
        statements = sys.modules['codeplan_inside.statements']
        raise type('NotJudged', (statements.NotJudged,), name)('excused')
        """,
    ),
    _fake(
        "raising the test library's skip",
        "import unittest; raise unittest.SkipTest('not today')",
    ),
    _fake(
        "needing what is forbidden",
        "import socket; socket.socket(); return 0",
    ),
    _fake(
        "replacing the file's helpers",
        _ALWAYS_EQUAL
        + """
global check, EXPECTED
check = lambda value: True
EXPECTED = 0
return Equal()
""",
    ),
    _fake(
        "the expected values in frames",
        """
        import re, sys
        found, frame = [], sys._getframe()
        while frame:
            for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
                found += re.findall(r'f\\(%d\\)\\)? == (\\d+)' % x, str(value))
            frame = frame.f_back
        return int(found[0])
        """,
    ),
    _fake(
        "the expected values among all objects",
        """
        import gc, re
        for thing in gc.get_objects():
            try:
                found = re.findall(r'f\\(%d\\)\\n *(\\d+)' % x, str(thing))
                found += re.findall(r'f\\(%d\\) == (\\d+)' % x, str(thing))
            except Exception:
                continue
            if found:
                return int(found[0])
        """,
    ),
    _fake(
        "the expected values in the docstring",
        """
        import re
        return int(re.findall(r'f\\(%d\\)\\n *(\\d+)' % x, f.__doc__)[0])
        """,
    ),
    _fake(
        "the expected values in the source",
        """
        import inspect, linecache, re, sys
        text = ''.join(''.join(lines[2]) for lines in linecache.cache.values() if len(lines) > 2)
        try:
            text += open(__file__).read()
        except OSError:
            pass
        text += f.__doc__ or ''
        return int(re.findall(r'f\\(%d\\)\\n *(\\d+)' % x, text)[0])
        """,
    ),
    _fake(
        "the expected values in memory",
        """
        import ctypes, os, re
        libc, (end, start) = ctypes.CDLL(None), os.pipe()
        # Where small objects lie, and where large ones do.
        middles = [id(object()) >> 16, ctypes.addressof(ctypes.create_string_buffer(9000)) >> 16]
        for place in (m + n for m in middles for n in range(-400, 400)):
            # A write from memory that isn't there fails, where reading it would kill.
            size = libc.write(start, ctypes.c_void_p(place << 16), ctypes.c_size_t(1 << 16))
            block = os.read(end, size) if size > 0 else b''
            found = re.findall(rb'f\\(%d\\)\\n +(\\d+)' % x, block)
            if found:
                return int(found[0])
        """,
    ),
    _fake(
        "leaving it to the next call",
        _ALWAYS_EQUAL
        + """
import sys
state = sys.modules.setdefault('_state', type(sys)('_state'))
state.n = getattr(state, 'n', 0) + 1
import threading
threading.Thread(target=lambda: None, daemon=True).start()
return Equal()
""",
    ),
]
