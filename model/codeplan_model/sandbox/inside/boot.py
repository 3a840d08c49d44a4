# The first text that the interpreter inside runs: `python -s -S -B -c <this text> FD`.
# FD holds, marshalled: {"sources": {module: text}, "main": module, "config": {...}}. The modules
# become the package `codeplan_inside`, and its `main(config)` is called. Nothing is read from disk,
# so that codeplan's own folder need not be visible inside.
import importlib.machinery
import marshal
import os
import sys


# Not a subclass of importlib.abc's: importing that loads dozens of modules, and every page of
# memory that they take makes each fork slower. So does each library that is mapped. Of the modules
# inside none imports what it can do without (typing, threading, json, signal, datetime, base64).
class _Shipped:
    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name not in self.sources:
            return None
        is_package = name == "codeplan_inside"
        return importlib.machinery.ModuleSpec(name, self, is_package=is_package)  # type: ignore

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(self.sources[module.__name__], module.__name__, "exec"), module.__dict__)


def _start():
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        job = marshal.load(file)
    # With -c the current folder comes first on the path: nothing may be imported from there.
    sys.path[:] = [entry for entry in sys.path if entry]
    sys.argv[:] = [""]
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, _Shipped(job["sources"]))
    importlib.import_module("codeplan_inside." + job["main"]).main(job["config"])


_start()
