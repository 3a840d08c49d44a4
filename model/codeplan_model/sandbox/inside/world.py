"""The names that both processes know: the user's file, its classes, and what may cross by name.

A value that crosses between the candidate's process and the examiner's is rebuilt on the other
side from plain data, and only as a type that is found here. So the candidate can't smuggle in an
object whose `==` always answers True: such a class isn't known here and crosses as a handle.
"""

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import sys
import types

# Functions of builtins that cross by name: pure ones. Not getattr, eval, open and their kind.
_PURE_BUILTINS = (
    "abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter "
    "float format frozenset hash hex int isinstance issubclass iter len list map max min next "
    "object oct ord pow print range repr reversed round set slice sorted str sum tuple type zip"
).split()
_BY_NAME = {name: getattr(builtins, name) for name in _PURE_BUILTINS}
# The one kind of plain values whose class has no name in builtins.
_BY_NAME["NoneType"] = type(None)
_NAME_OF = {id(value): name for name, value in _BY_NAME.items()}

STDLIB = frozenset(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)


class World:
    """The user's file as loaded in this process, and look-ups by name in it.

    siblings: names of the workspace's other modules, whose classes and functions are known too.
    In names, those of a sibling start with its name and a colon: "shop.models:Cart".
    """

    def __init__(self, module: types.ModuleType, siblings: frozenset[str] = frozenset()) -> None:
        self.module = module
        self._siblings = siblings

    def class_name(self, cls: type) -> str | None:
        """The name of a class of the user's file or a sibling; None for any other class."""
        name = self._name_in(cls.__module__, cls.__qualname__)
        return name if name is not None and self._walk(name) is cls else None

    def find_class(self, name: str) -> type | None:
        """The class with a name made by `class_name`."""
        found = self._walk(name)
        home = name.rpartition(":")[0] or self.module.__name__
        return found if isinstance(found, type) and found.__module__ == home else None

    def _name_in(self, module_name: str | None, qualified: str) -> str | None:
        if module_name == self.module.__name__:
            return qualified
        return f"{module_name}:{qualified}" if module_name in self._siblings else None

    def _walk(self, name: str) -> object:
        # Through __dict__ alone: an attribute look-up could run code.
        home, _, qualified = name.rpartition(":")
        at: object = self.module
        if home:
            at = sys.modules.get(home) if home in self._siblings else None
        for part in qualified.split("."):
            if not isinstance(at, (types.ModuleType, type)):
                return None
            at = vars(at).get(part)
        return at

    def knows(self, module_name: str) -> bool:
        """Whether that module is loaded and may be looked into: ours never."""
        top = module_name.partition(".")[0]
        return top not in ("codeplan_inside", "unittest") and module_name in sys.modules

    def reference(self, value: object) -> str | None:
        """A name by which the other side has the same value: "len", ":helper", ":_MISSING".

        Functions, classes and sentinels of the user's file start with ":".
        """
        if id(value) in _NAME_OF:
            return _NAME_OF[id(value)]
        if isinstance(value, types.FunctionType):
            name = self._name_in(value.__module__, value.__qualname__)
            return f":{name}" if name is not None and self._walk(name) is value else None
        if isinstance(value, type):
            name = self.class_name(value)
            return None if name is None else f":{name}"
        if type(value) is object:
            for name, known in vars(self.module).items():
                if known is value:
                    return f":{name}"
        return None

    def resolve(self, name: str) -> object:
        """The value behind a name made by `reference`; KeyError when there is none."""
        if not name.startswith(":"):
            return _BY_NAME[name]
        value = self._walk(name[1:])
        if isinstance(value, types.FunctionType) or type(value) is object:
            return value
        if isinstance(value, type) and self.find_class(name[1:]) is value:
            return value
        raise KeyError(name)

    def exception_class(self, name: str) -> type | None:
        """An exception class "module:qualname" of the user's file or of a loaded module.

        Not of unittest and not of this program: a candidate that could raise "skip this test" in
        the examiner's process would be excused from the tests that it fails.
        """
        module_name, _, qualified = name.partition(":")
        if not module_name:
            found = self.find_class(qualified)
        elif module_name in self._siblings:
            found = self.find_class(name)
        else:
            found = sys.modules[module_name] if self.knows(module_name) else None
            for part in qualified.split("."):
                found = vars(found).get(part) if _has_names(found) else None
        return found if isinstance(found, type) and issubclass(found, BaseException) else None

    def exception_name(self, cls: type) -> str:
        name = self.class_name(cls)
        if name is None or ":" in name:
            return f"{cls.__module__}:{cls.__qualname__}"
        return f":{name}"

    def third_party(self, cls: type) -> bool:
        """Whether a class belongs to an installed package rather than to Python or the file."""
        top = (cls.__module__ or "").partition(".")[0]
        return (
            top not in STDLIB
            and top not in ("builtins", "codeplan_inside", self.module.__name__)
            and cls.__module__ not in self._siblings
            and top in sys.modules
        )

    def state(self) -> dict[str, object]:
        """The file's own changeable data: module variables and data attributes of its classes.

        Keys are "NAME" and "Class.name". Modules, functions, classes and imported things are not
        state; neither is anything that looks private to Python (`__name__`).
        """
        found: dict[str, object] = {}
        for name, value in vars(self.module).items():
            if name.startswith("__"):
                continue
            if isinstance(value, type):
                if value.__module__ == self.module.__name__ and value.__name__ == name:
                    found.update(
                        (f"{name}.{key}", data)
                        for key, data in vars(value).items()
                        if _is_class_data(key, data)
                    )
            elif _is_data(value):
                found[name] = value
        return found

    def set_state(self, key: str, value: object) -> None:
        """Rebind one variable named as in `state`, or make a new module variable.

        Anything else is ignored: no function, class or module can be replaced, no name of
        builtins shadowed, and only data can be put there.
        """
        owner, _, name = key.rpartition(".")
        known = key in self.state()
        new = not owner and name not in vars(self.module) and not hasattr(builtins, name)
        if not (known or new) or name.startswith("__") or not _is_data(value):
            return
        if not owner:
            vars(self.module)[name] = value
            return
        cls = self.find_class(owner)
        if cls is not None and vars(cls).get(name) is not value:
            setattr(cls, name, value)


def _has_names(value: object) -> bool:
    return isinstance(value, (types.ModuleType, type))


_CODE = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
    types.MethodType,
    types.MethodDescriptorType,
    type,
)


def _is_data(value: object) -> bool:
    return not isinstance(value, _CODE) and not callable(value)


def _is_class_data(name: str, value: object) -> bool:
    return (
        not name.startswith("__")
        and not name.startswith("_abc_")
        and _is_data(value)
        and not hasattr(type(value), "__get__")
        and type(value) in (int, float, str, bool, list, dict, set, tuple, type(None))
    )


def new_world(job: dict) -> World:
    """An empty module for the user's file, and the modules of the workspace that it imports.

    job: "module" (its name), "package" (its package or ""), "siblings" (name, is package, text).
    """
    name, package = job["module"], job["package"]
    module = types.ModuleType(name)
    module.__file__ = f"{name}.py"
    module.__package__ = package
    # Registered before it runs, as dataclasses and pickle expect, and under its full name too.
    sys.modules[name] = module
    texts = {n: (is_package, text) for n, is_package, text in job["siblings"]}
    if package:
        sys.modules[f"{package}.{name}"] = module
    if texts:
        sys.meta_path.append(_Siblings(texts))
    return World(module, frozenset(texts))


class _Siblings:
    """Imports modules whose text came with the job; asked after Python's own importers."""

    def __init__(self, texts: dict) -> None:
        self._texts = texts

    def find_spec(self, name: str, path=None, target=None):
        if name not in self._texts:
            return None
        is_package = self._texts[name][0]
        return importlib.machinery.ModuleSpec(name, self, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        text = self._texts[module.__name__][1]
        exec(compile(text, f"{module.__name__}.py", "exec", dont_inherit=True), vars(module))


def compiled(module: types.ModuleType, source: str, prepare) -> types.CodeType:
    """The code of a file's text, after `prepare(tree, module)` changed its tree.

    Raises what compiling raises. Running it in the module raises whatever the file raises.
    """
    filename = f"{module.__name__}.py"
    tree = ast.parse(source, filename)
    prepare(tree, module)
    return compile(tree, filename, "exec", dont_inherit=True)
