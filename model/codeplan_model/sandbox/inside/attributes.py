"""Reading and writing an object's attributes without running any of its code."""

from __future__ import annotations

import types


def own_fields(error: BaseException) -> dict[str, object]:
    """What built-in exceptions keep beside their arguments: errno, filename, start, value."""
    found = {}
    for cls in type(error).__mro__:
        if cls.__module__ != "builtins" or cls is BaseException:
            continue
        for name, member in vars(cls).items():
            if isinstance(member, _FIELDS) and not name.startswith("_"):
                try:
                    found[name] = member.__get__(error, type(error))
                except AttributeError:
                    continue
    # Not None: an OSError whose second file name was set, be it to None, shows it. Not the object
    # that lacks an attribute, which may be anything.
    return {
        name: value
        for name, value in found.items()
        if type(value) in (int, float, str, bytes, bool) or name in ("value", "code")
    }


_FIELDS = (types.MemberDescriptorType, types.GetSetDescriptorType)


def state_of(value: object) -> dict[str, object]:
    """An instance's attributes, from its __dict__ and its slots, without running its code."""
    found: dict[str, object] = {}
    try:
        found.update(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        found = {}  # It has slots only.
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            name = slot
            if slot.startswith("__") and not slot.endswith("__"):
                name = f"_{cls.__name__.lstrip('_')}{slot}"
            member = vars(cls).get(name)
            if isinstance(member, types.MemberDescriptorType):
                try:
                    found[name] = member.__get__(value, type(value))
                except AttributeError:
                    continue
    return found


def set_state(value: object, state: dict[str, object]) -> None:
    """Give an instance these attributes and no others, without running its code."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = None
    members = {}
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType):
                members.setdefault(name, member)
    if attributes is not None:
        attributes.clear()
    for name, member in members.items():
        if name in state:
            member.__set__(value, state[name])
        else:
            try:
                member.__delete__(value)
            except AttributeError:
                continue
    if attributes is not None:
        attributes.update((k, v) for k, v in state.items() if k not in members)
