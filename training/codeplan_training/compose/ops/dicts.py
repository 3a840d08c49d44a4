"""Data of the operations on dictionaries and on texts and numbers that become collections."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import Choice, near, one_of, small
from codeplan_training.compose.ops.whole import Block, whole
from codeplan_training.compose.values import (
    BOOL,
    FLOAT,
    INT,
    STR,
    Ty,
    dict_of,
    list_of,
    pair_of,
)


def table(ty: Ty) -> bool:
    return ty.kind == "dict"


def numbers(ty: Ty) -> bool:
    return ty.kind == "dict" and ty.of is not None and ty.of.kind in ("int", "float")


def plain(ty: Ty) -> bool:
    return ty.kind == "dict" and ty.of is not None and ty.of.kind in ("int", "float", "str")


def lists(ty: Ty) -> bool:
    return ty.kind == "dict" and ty.of is not None and ty.of.kind == "list"


def named(ty: Ty) -> bool:
    return plain(ty) and ty.key == STR


def keys_of(ty: Ty) -> Ty:
    assert ty.key is not None
    return list_of(ty.key)


def values_of(ty: Ty) -> Ty:
    assert ty.of is not None
    return list_of(ty.of)


def value(ty: Ty) -> Ty:
    assert ty.of is not None
    return ty.of


def key(ty: Ty) -> Ty:
    assert ty.key is not None
    return ty.key


def same(ty: Ty) -> Ty:
    return ty


def always(ty: Ty):  # noqa: ANN201
    return lambda _: ty


def text(ty: Ty) -> bool:
    return ty == STR


def number(ty: Ty) -> bool:
    return ty == INT


def swapped(ty: Ty) -> Ty:
    assert ty.of is not None and ty.key is not None
    return dict_of(ty.of, ty.key)


LIMIT = near("limit", "minimum", "threshold", what="the bound", low=2, high=12)
_KEYS = Choice(
    lambda rng, _: rng.choice(("x", "apple", "Ada", "red", "tea")),
    ("key", "name", "wanted"),
    "str",
    "the key",
    1.0,
)

whole(
    "dict_keys",
    table,
    keys_of,
    ("list($l)", "list($l.keys())"),
    ("list the $Ks of $o", "collect the $Ks"),
    ("the $Ks of $np as a list",),
    "",
    noun="=Ks",
    names=("$Ks_of_$n", "list_$Ks"),
    weight=0.6,
)
whole(
    "dict_values",
    plain,
    values_of,
    ("list($l.values())",),
    ("list the $Vs of $o", "collect the $Vs", "take only the $Vs"),
    ("the $Vs of $np as a list", "all $Vs in $np"),
    "",
    noun="=Vs",
    names=("$Vs_of_$n", "list_$Vs"),
    weight=1.2,
)
whole(
    "sorted_keys",
    table,
    keys_of,
    ("sorted($l)",),
    ("sort the $Ks of $o", "list the $Ks in sorted order"),
    ("the $Ks of $np in sorted order", "a sorted list of the $Ks of $np"),
    "sorted",
    noun="=Ks",
    names=("sorted_$Ks", "sorted_keys"),
    weight=0.8,
)
whole(
    "keys_by_value",
    numbers,
    keys_of,
    (
        "sorted($l, key=$l.get)",
        "[key for key, _ in sorted($l.items(), key=lambda item: item[1])]",
    ),
    ("sort the $Ks of $o by $V", "list the $Ks from the lowest to the highest $V"),
    ("the $Ks of $np sorted by $V", "the $Ks of $np, ordered by ascending $V"),
    "sorted",
    noun="=Ks",
    names=("$Ks_by_$V", "rank_$Ks"),
    weight=1.2,
)
whole(
    "keys_by_value_desc",
    numbers,
    keys_of,
    ("sorted($l, key=$l.get, reverse=True)",),
    (
        "sort the $Ks of $o by $V, highest first",
        "list the $Ks from the highest to the lowest $V",
    ),
    (
        "the $Ks of $np sorted by $V, highest first",
        "the $Ks of $np in descending order of $V",
    ),
    "sorted",
    noun="=Ks",
    names=("$Ks_by_$V", "ranking", "rank_$Ks"),
    weight=1.2,
)
whole(
    "key_of_max",
    numbers,
    key,
    ("max($l, key=$l.get)",),
    (
        "find the $K with the highest $V",
        "take the $K that has the largest $V (the first one on ties)",
    ),
    (
        "the $K with the highest $V in $np",
        "the $K in $np that has the largest $V (the first one on ties)",
    ),
    "",
    noun="=K",
    empty="",
    defaults=("max($l, key=$l.get) if $l else $d",),
    names=("$K_with_highest_$V", "top_$K", "best_$K"),
    weight=1.6,
    blocks=(
        Block(
            "best = None\nfor key, value in $l.items():\n    if best is None or value > $l[best]:\n        best = key\n=> best",
            (
                "start with no best $K",
                "go through the entries and keep the $K whose $V is higher than that of the best so far",
            ),
        ),
    ),
)
whole(
    "key_of_min",
    numbers,
    key,
    ("min($l, key=$l.get)",),
    (
        "find the $K with the lowest $V",
        "take the $K that has the smallest $V (the first one on ties)",
    ),
    (
        "the $K with the lowest $V in $np",
        "the $K in $np that has the smallest $V (the first one on ties)",
    ),
    "",
    noun="=K",
    empty="",
    defaults=("min($l, key=$l.get) if $l else $d",),
    names=("$K_with_lowest_$V", "lowest_$K", "cheapest_$K"),
    weight=1.1,
)
whole(
    "keys_of_best",
    numbers,
    keys_of,
    ("[key for key, value in $l.items() if value == max($l.values())]",),
    ("find all $Ks that share the highest $V", "list every $K whose $V is the maximum"),
    (
        "all $Ks in $np with the highest $V",
        "the list of all $Ks of $np that have the maximum $V",
    ),
    "end",
    noun="=Ks",
    names=("all_best_$Ks", "winners", "top_$Ks"),
    weight=0.8,
    blocks=(
        Block(
            "if not $l:\n    return []\nhighest = max($l.values())\n=> [key for key, value in $l.items() if value == highest]",
            (
                "return an empty list if there are no entries",
                "find the highest $V",
                "keep the $Ks that have it",
            ),
        ),
    ),
)
whole(
    "values_sum",
    numbers,
    value,
    ("sum($l.values())",),
    ("add up the $Vs of $o", "sum all $Vs"),
    ("the sum of all $Vs in $np", "the total of the $Vs of $np"),
    "",
    noun="sum|sums|one",
    names=("total_$V", "sum_of_$Vs", "total_$Vs"),
    weight=1.3,
    blocks=(
        Block(
            "total = 0\nfor value in $l.values():\n    total += value\n=> total",
            ("start with a total of 0", "add every $V to it"),
        ),
    ),
    sampled=False,
)
whole(
    "values_max",
    numbers,
    value,
    ("max($l.values())",),
    ("take the highest $V",),
    ("the highest $V in $np", "the largest $V of $np"),
    "",
    noun="=V",
    empty=0,
    defaults=("max($l.values(), default=$d)",),
    names=("highest_$V", "max_$V"),
    weight=0.7,
)
whole(
    "values_mean",
    numbers,
    always(FLOAT),
    ("sum($l.values()) / len($l)",),
    ("average the $Vs of $o",),
    ("the average $V in $np", "the mean of the $Vs of $np"),
    "",
    noun="mean|means|one",
    empty=0,
    defaults=("sum($l.values()) / len($l) if $l else $d",),
    names=("average_$V", "mean_$V"),
    weight=0.9,
)
whole(
    "keep_above",
    numbers,
    same,
    ("{key: value for key, value in $l.items() if value > $k}",),
    (
        "keep the entries of $o whose $V is above $k",
        "drop the entries with a $V of $k or less",
        "keep only the $Ks with a $V above $k",
    ),
    (
        "the entries of $np whose $V is greater than $k",
        "$np reduced to the entries with a $V above $k",
    ),
    "",
    params={"k": LIMIT},
    names=("$Ks_above", "filter_by_$V", "high_$Vs"),
    weight=1.5,
    blocks=(
        Block(
            "kept = {}\nfor key, value in $l.items():\n    if value > $k:\n        kept[key] = value\n=> kept",
            ("start with an empty dictionary", "copy each entry whose $V is above $k"),
        ),
    ),
)
whole(
    "keep_below",
    numbers,
    same,
    ("{key: value for key, value in $l.items() if value < $k}",),
    (
        "keep the entries of $o whose $V is below $k",
        "keep only the $Ks with a $V under $k",
    ),
    ("the entries of $np whose $V is less than $k",),
    "",
    params={"k": LIMIT},
    names=("$Ks_below", "low_$Vs"),
    weight=1,
)
whole(
    "names_above",
    numbers,
    keys_of,
    ("[key for key, value in $l.items() if value >= $k]",),
    (
        "list the $Ks of $o whose $V is at least $k",
        "collect every $K with a $V of $k or more",
    ),
    (
        "the $Ks of $np whose $V is at least $k",
        "a list of the $Ks in $np with a $V of $k or more",
    ),
    "",
    noun="=Ks",
    params={"k": LIMIT},
    names=("$Ks_with_$V", "$Ks_at_least", "rich_$Ks"),
    weight=1.2,
    blocks=(
        Block(
            "names = []\nfor key, value in $l.items():\n    if value >= $k:\n        names.append(key)\n=> names",
            ("start with an empty list", "append every $K whose $V is at least $k"),
        ),
    ),
)
whole(
    "count_entries_above",
    numbers,
    always(INT),
    (
        "sum(value > $k for value in $l.values())",
        "sum(1 for value in $l.values() if value > $k)",
    ),
    ("count the $Ks of $o with a $V above $k",),
    ("the number of $Ks in $np whose $V is above $k",),
    "",
    noun="count|counts|one",
    params={"k": LIMIT},
    names=("count_$Ks_above", "number_above"),
    weight=0.7,
)
whole(
    "scale_values",
    numbers,
    same,
    ("{key: value * $k for key, value in $l.items()}",),
    ("multiply every $V of $o by $k",),
    ("$np with every $V multiplied by $k",),
    "",
    params={"k": small(2, 10, "factor", "scale")},
    names=("scaled_$Vs", "scale_$n"),
    weight=0.8,
)
whole(
    "raise_values",
    numbers,
    same,
    ("{key: value + $k for key, value in $l.items()}",),
    ("add $k to every $V of $o", "increase every $V by $k"),
    ("$np with every $V increased by $k",),
    "",
    params={"k": small(1, 10, "extra", "bonus", "amount")},
    names=("raised_$Vs", "increase_$Vs"),
    weight=0.8,
    blocks=(
        Block(
            "changed = {}\nfor key, value in $l.items():\n    changed[key] = value + $k\n=> changed",
            ("start with an empty dictionary", "store every $V plus $k under its $K"),
        ),
    ),
)
whole(
    "shares",
    numbers,
    lambda ty: dict_of(key(ty), FLOAT),
    ("{key: round(100 * value / sum($l.values()), 1) for key, value in $l.items()}",),
    ("turn every $V into its percentage of the total, rounded to one decimal",),
    ("a dictionary from each $K of $np to its percentage of the total, rounded to one decimal",),
    "",
    names=("shares", "percentages_by_$K", "$V_shares"),
    weight=0.8,
    blocks=(
        Block(
            "total = sum($l.values())\n=> {key: round(100 * value / total, 1) for key, value in $l.items()}",
            (
                "add up all $Vs",
                "express every $V as a percentage of this total, rounded to one decimal",
            ),
        ),
    ),
)
whole(
    "invert",
    lambda ty: plain(ty) and ty.of in (STR, INT),
    swapped,
    ("{value: key for key, value in $l.items()}",),
    (
        "swap keys and values of $o (the last key wins)",
        "turn $o around so that the values become keys, the last one winning",
    ),
    (
        "$np with keys and values exchanged (the last one wins)",
        "the inverse of $np, from $V to $K (the last one wins)",
    ),
    "",
    noun="=swap",
    names=("invert_$n", "inverted_$n", "$K_by_$V"),
    weight=0.9,
    blocks=(
        Block(
            "inverse = {}\nfor key, value in $l.items():\n    inverse[value] = key\n=> inverse",
            ("start with an empty dictionary", "store every $K under its $V"),
        ),
    ),
)
whole(
    "invert_groups",
    lambda ty: plain(ty) and ty.of in (STR, INT),
    lambda ty: dict_of(value(ty), list_of(key(ty))),
    (),
    (
        "group the $Ks of $o by $V",
        "build a dictionary from each $V to the list of its $Ks",
    ),
    (
        "a dictionary from each $V in $np to the list of its $Ks",
        "the $Ks of $np grouped by $V",
    ),
    "end",
    names=("$Ks_by_$V", "group_by_$V"),
    weight=0.9,
    blocks=(
        Block(
            "groups = {}\nfor key, value in $l.items():\n    groups.setdefault(value, []).append(key)\n=> groups",
            (
                "start with an empty dictionary",
                "append every $K to the list under its $V",
            ),
        ),
    ),
)
whole(
    "dict_lines",
    plain,
    always(list_of(STR)),
    ("[f'{key}: {value}' for key, value in $l.items()]",),
    ("write every entry of $o as 'key: value'", "format each entry like 'key: value'"),
    (
        "the entries of $np as lines of the form 'key: value'",
        "a list of 'key: value' texts for $np",
    ),
    "",
    noun="line|lines|many",
    names=("$n_lines", "format_$n"),
    weight=1,
)
whole(
    "dict_text",
    plain,
    always(STR),
    ("$k.join(f'{key}={value}' for key, value in $l.items())",),
    ("write $o as 'key=value' pairs joined with $k",),
    ("$np as one string of 'key=value' pairs joined with $k",),
    "",
    noun="text|texts|one",
    params={"k": one_of((";", ",", "&", " "), "sep")},
    names=("$n_to_text", "serialize_$n", "encode_$n"),
    weight=0.8,
)
whole(
    "sorted_lines",
    numbers,
    always(list_of(STR)),
    ("[f'{key}: {value}' for key, value in sorted($l.items(), key=lambda item: -item[1])]",),
    ("write the entries of $o as 'key: value', highest $V first",),
    ("the entries of $np as 'key: value' lines, highest $V first",),
    "",
    noun="line|lines|many",
    names=("$V_report", "ranking_lines"),
    weight=0.7,
)
whole(
    "top_entries",
    numbers,
    lambda ty: list_of(pair_of(key(ty), value(ty))),
    ("sorted($l.items(), key=lambda item: item[1], reverse=True)[:$k]",),
    ("take the $k entries of $o with the highest $V as pairs",),
    ("the $k (key, value) pairs of $np with the highest $V, best first",),
    "end",
    params={"k": small(2, 3, "n", "count", "k")},
    noun="pair|pairs|many",
    names=("top_$Ks", "best_$Ks"),
    weight=0.7,
)
whole(
    "items",
    plain,
    lambda ty: list_of(pair_of(key(ty), value(ty))),
    ("sorted($l.items())",),
    ("list the entries of $o as pairs sorted by $K",),
    ("the (key, value) pairs of $np sorted by $K",),
    "end",
    noun="pair|pairs|many",
    names=("sorted_$n", "$n_pairs"),
    weight=0.5,
)
whole(
    "lookup",
    numbers,
    value,
    ("$l.get($k, $z)",),
    ("look up $k in $o with $z as the default",),
    (
        "the $V of $k in $np, or $z if it is missing",
        "the $V stored for $k in $np ($z when it is not there)",
    ),
    "end",
    noun="=V",
    params={"k": _KEYS, "z": one_of((0,), kind="int")},
    names=("$V_of", "lookup_$V", "get_$V"),
    weight=0.7,
    blocks=(
        Block(
            "if $k in $l:\n    return $l[$k]\n=> $z",
            ("return the $V if $k is a key", "otherwise return $z"),
        ),
    ),
)
whole(
    "entry_count",
    table,
    always(INT),
    ("len($l)",),
    ("count the entries of $o",),
    ("the number of $Ks in $np",),
    "notfirst",
    noun="count|counts|one",
    names=("count_$Ks",),
    weight=0.3,
)
whole(
    "lengths_of_groups",
    lists,
    lambda ty: dict_of(key(ty), INT),
    ("{key: len(group) for key, group in $l.items()}",),
    ("replace every list by its length", "count the members of each group"),
    ("a dictionary from each $K of $np to the length of its list",),
    "",
    noun="=group size|group sizes",
    names=("sizes_by_$K", "count_per_$K"),
    weight=1.5,
)
whole(
    "sums_of_groups",
    lambda ty: lists(ty) and value(ty).of in (INT, FLOAT),
    lambda ty: dict_of(key(ty), value(value(ty))),
    ("{key: sum(group) for key, group in $l.items()}",),
    ("replace every list by its sum", "add up each list"),
    ("a dictionary from each $K of $np to the sum of its list",),
    "",
    noun="=sum|sums",
    names=("sums_by_$K", "totals"),
    weight=1.5,
)
whole(
    "max_of_groups",
    lambda ty: lists(ty) and value(ty).of in (INT, FLOAT),
    lambda ty: dict_of(key(ty), value(value(ty))),
    ("{key: max(group) for key, group in $l.items()}",),
    ("keep only the largest number of each list",),
    ("a dictionary from each $K of $np to the largest number of its list",),
    "",
    noun="=maximum|maximums",
    names=("best_by_$K", "maximums"),
    weight=1,
)
whole(
    "sorted_groups",
    lambda ty: lists(ty) and value(ty).of in (INT, FLOAT, STR),
    same,
    ("{key: sorted(group) for key, group in $l.items()}",),
    ("sort every list",),
    ("$np with every list sorted",),
    "",
    names=("sorted_groups",),
    weight=0.7,
)
whole(
    "big_groups",
    lists,
    keys_of,
    ("[key for key, group in $l.items() if len(group) > 1]",),
    (
        "keep the $Ks with more than one member",
        "list the $Ks whose list has at least two entries",
    ),
    ("the $Ks of $np whose list has more than one entry",),
    "",
    noun="=Ks",
    names=("shared_$Ks", "repeated_$Ks"),
    weight=0.8,
)
whole(
    "common_keys",
    table,
    keys_of,
    ("[key for key in $l if key in $k]",),
    (),
    (
        "the $Ks of $np that also occur in $k, in the order of the first",
        "the common $Ks of $np and $k",
    ),
    "",
    noun="=Ks",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "second", "extra"),
            "same",
            "a second dictionary of the same kind",
            1.0,
        )
    },
    names=("common_$Ks", "shared_$Ks"),
    weight=0.8,
)
whole(
    "merge_over",
    plain,
    same,
    ("{**$l, **$k}", "$l | $k"),
    (),
    (
        "$np merged with $k, where the entries of $k win",
        "a new dictionary with the entries of $np and $k, those of $k taking precedence",
    ),
    "",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("updates", "other", "changes", "overrides"),
            "same",
            "a dictionary that overrides the first",
            1.0,
        )
    },
    names=("merged_$n", "merge_$n", "apply_updates"),
    weight=0.9,
    blocks=(
        Block(
            "merged = dict($l)\nfor key, value in $k.items():\n    merged[key] = value\n=> merged",
            ("copy the first dictionary", "store every entry of $k in the copy"),
        ),
        Block(
            "merged = $l.copy()\nmerged.update($k)\n=> merged",
            ("copy the first dictionary", "update the copy with $k"),
        ),
    ),
)
whole(
    "merge_sums",
    numbers,
    same,
    (
        "{key: $l.get(key, 0) + $k.get(key, 0) for key in [*$l, *(name for name in $k if name not in $l)]}",
    ),
    (),
    (
        "$np and $k merged into one dictionary, adding the $Vs of $Ks that are in both",
        "a dictionary with the $Vs of $np and $k added up per $K",
    ),
    "",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "more", "second", "extra"),
            "same",
            "a second dictionary of the same kind",
            1.0,
        )
    },
    names=("add_$Vs", "combined_$n", "merge_$n"),
    weight=1.2,
    blocks=(
        Block(
            "totals = dict($l)\nfor key, value in $k.items():\n    totals[key] = totals.get(key, 0) + value\n=> totals",
            (
                "copy the first dictionary",
                "add every value of the second one to the entry with the same key, 0 if it is missing",
            ),
        ),
    ),
)
whole(
    "missing_keys",
    table,
    keys_of,
    ("[key for key in $l if key not in $k]",),
    (),
    (
        "the $Ks of $np that are missing in $k",
        "the list of $Ks that $np has but $k has not",
    ),
    "",
    noun="=Ks",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "reference", "second"),
            "same",
            "a second dictionary of the same kind",
            1.0,
        )
    },
    names=("missing_$Ks", "$Ks_not_in"),
    weight=0.8,
)
whole(
    "changed_keys",
    plain,
    keys_of,
    ("[key for key in $l if key in $k and $l[key] != $k[key]]",),
    (),
    (
        "the $Ks of $np whose $V is different in $k",
        "the $Ks that both $np and $k have, but with different $Vs",
    ),
    "",
    noun="=Ks",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "after", "new"),
            "same",
            "a second dictionary of the same kind",
            1.0,
        )
    },
    names=("changed_$Ks", "$Ks_that_changed"),
    weight=0.7,
)

whole(
    "words",
    text,
    always(list_of(STR)),
    ("$l.split()",),
    ("split $o into words", "take the words of $o", "split $o at whitespace"),
    ("the words of $np", "the list of words in $np"),
    "",
    noun="word|words|many",
    names=("words_of_$n", "split_$n"),
    weight=2.5,
)
whole(
    "letters",
    text,
    always(list_of(STR)),
    ("[ch for ch in $l if ch.isalpha()]", "list(filter(str.isalpha, $l))"),
    ("collect the letters of $o", "take the letters of $o"),
    ("the letters of $np", "the letters in $np as a list"),
    "",
    noun="letter|letters|many",
    names=("letters_of_$n", "letters"),
    weight=0.8,
)
whole(
    "characters",
    text,
    always(list_of(STR)),
    ("list($l)",),
    ("split $o into characters", "make a list of the characters of $o"),
    ("the characters of $np", "the list of characters of $np"),
    "",
    noun="character|characters|many",
    names=("characters_of_$n", "chars"),
    weight=0.8,
)
whole(
    "split_at",
    text,
    always(list_of(STR)),
    ("$l.split($k)",),
    ("split $o at every $k", "cut $o at each $k"),
    ("the parts of $np between the $k separators", "the pieces of $np, split at $k"),
    "",
    noun="part|parts|many",
    params={
        "k": Choice(
            lambda r, s: next((ch for ch in (s(r) if s else "") if ch in ",;|-/:"), ","),
            ("sep", "separator"),
            "str",
            "the separator",
        )
    },
    names=("split_$n", "parts_of_$n"),
    weight=0.0,
)
whole(
    "found_numbers",
    text,
    always(list_of(INT)),
    ("[int(word) for word in $l.split() if word.isdigit()]",),
    ("collect the words of $o that are whole numbers, as ints",),
    ("the whole numbers among the words of $np, as ints",),
    "",
    noun="number|numbers|many",
    names=("numbers_in_$n", "extract_numbers"),
    weight=0.5,
)
whole(
    "char_counts",
    text,
    always(dict_of(STR, INT)),
    ("dict(Counter($l))",),
    ("count how often each character of $o occurs",),
    (
        "a dictionary from each character of $np to how often it occurs",
        "the character counts of $np as a dict",
    ),
    "",
    noun="=count|counts",
    imports=("from collections import Counter",),
    names=("char_counts", "count_characters", "letter_frequencies"),
    weight=0.8,
    blocks=(
        Block(
            "counts = {}\nfor ch in $l:\n    counts[ch] = counts.get(ch, 0) + 1\n=> counts",
            ("start with an empty dictionary", "add 1 to the count of each character"),
        ),
    ),
)
whole(
    "char_positions",
    text,
    always(dict_of(STR, list_of(INT))),
    (),
    ("map every character of $o to the list of its positions",),
    ("a dictionary from each character of $np to the list of its indexes",),
    "end",
    noun="=list|lists",
    names=("char_positions", "positions_by_char"),
    weight=0.5,
    blocks=(
        Block(
            "positions = {}\nfor i, ch in enumerate($l):\n    positions.setdefault(ch, []).append(i)\n=> positions",
            (
                "start with an empty dictionary",
                "append the index of each character to the list of that character",
            ),
        ),
    ),
)
whole(
    "digits",
    number,
    always(list_of(INT)),
    ("[int(d) for d in str($l)]", "list(map(int, str($l)))"),
    ("split $o into its digits", "take the digits of $o"),
    ("the digits of $np", "the list of digits of $np"),
    "",
    noun="digit|digits|many",
    names=("digits_of_$n", "digits"),
    weight=1.5,
    blocks=(
        Block(
            "digits = []\nrest = $l\nwhile rest > 0:\n    digits.append(rest % 10)\n    rest //= 10\n=> digits[::-1] or [0]",
            (
                "take off the last digit with modulo 10 until nothing is left",
                "return the digits in reverse order; 0 has the single digit 0",
            ),
        ),
    ),
)
whole(
    "divisors",
    number,
    always(list_of(INT)),
    ("[d for d in range(1, $l + 1) if $l % d == 0]",),
    ("list the divisors of $o", "find all divisors of $o"),
    ("the divisors of $np", "all numbers that divide $np"),
    "sorted",
    noun="divisor|divisors|many",
    names=("divisors_of_$n", "divisors", "factors_of_$n"),
    weight=1.2,
)
whole(
    "prime_factors",
    number,
    always(list_of(INT)),
    (),
    ("split $o into prime factors", "factor $o into primes"),
    ("the prime factors of $np with repetition, in ascending order",),
    "sorted",
    noun="factor|factors|many",
    names=("prime_factors", "factor_$n"),
    weight=0.8,
    blocks=(
        Block(
            "factors = []\ndivisor = 2\nrest = $l\nwhile rest > 1:\n    while rest % divisor == 0:\n        factors.append(divisor)\n        rest //= divisor\n    divisor += 1\n=> factors",
            (
                "try the divisors 2, 3, 4, ... in turn",
                "while the divisor divides the rest, append it and divide the rest by it",
                "stop when the rest is 1",
            ),
        ),
    ),
)
whole(
    "range_to",
    number,
    always(list_of(INT)),
    ("list(range(1, $l + 1))",),
    ("list the numbers from 1 to $o",),
    ("the numbers from 1 to $np",),
    "sorted",
    noun="number|numbers|many",
    names=("numbers_up_to", "count_up"),
    weight=1,
)
whole(
    "multiples",
    number,
    always(list_of(INT)),
    ("list(range($k, $l + 1, $k))", "[i for i in range(1, $l + 1) if i % $k == 0]"),
    ("list the multiples of $k up to $o",),
    ("the positive multiples of $k that are at most $np",),
    "sorted",
    noun="multiple|multiples|many",
    params={"k": small(3, 12, "step", "factor")},
    names=("multiples_up_to", "multiples"),
    weight=0.6,
)
whole(
    "primes_to",
    number,
    always(list_of(INT)),
    ("[p for p in range(2, $l + 1) if all(p % d for d in range(2, int(p ** 0.5) + 1))]",),
    ("list the primes up to $o",),
    ("the prime numbers up to $np",),
    "sorted",
    noun="prime|primes|many",
    names=("primes_up_to", "small_primes"),
    weight=0.6,
    blocks=(
        Block(
            "primes = []\nfor candidate in range(2, $l + 1):\n    if all(candidate % p for p in primes):\n        primes.append(candidate)\n=> primes",
            (
                "start with no primes",
                "a number from 2 on is prime if none of the primes found so far divides it",
                "append the primes in order",
            ),
        ),
    ),
)
whole(
    "countdown",
    number,
    always(list_of(INT)),
    ("list(range($l, 0, -1))",),
    ("count down from $o to 1",),
    ("the numbers from $np down to 1",),
    "end",
    noun="number|numbers|many",
    names=("countdown", "count_down"),
    weight=0.4,
)
whole(
    "bits",
    number,
    always(list_of(INT)),
    ("[int(bit) for bit in format($l, 'b')]",),
    ("list the binary digits of $o",),
    ("the binary digits of $np as a list of 0 and 1",),
    "",
    noun="bit|bits|many",
    names=("bits_of_$n", "binary_digits"),
    weight=0.5,
)
whole(
    "powers",
    number,
    always(list_of(INT)),
    ("[$k ** i for i in range($l + 1)]",),
    ("list the powers of $k from exponent 0 to $o",),
    ("the powers of $k with exponents from 0 to $np",),
    "small end",
    noun="power|powers|many",
    params={"k": small(2, 3, "base")},
    names=("powers_up_to", "powers"),
    weight=0.3,
)

whole(
    "to_ints",
    lambda ty: ty == list_of(STR),
    always(list_of(INT)),
    ("[int(part) for part in $g]", "list(map(int, $g))"),
    ("convert $o to integers", "turn each $s into an int"),
    ("$np as integers", "$np converted to ints"),
    "numeric",
    noun="number|numbers|many",
    names=("parse_$n", "$n_as_ints"),
    weight=0.0,
)
whole(
    "join_numbers",
    lambda ty: ty == list_of(INT),
    always(STR),
    ("$k.join(str(v) for v in $g)", "$k.join(map(str, $g))"),
    (
        "write $o in one string, joined with $k",
        "convert $o to text and join them with $k",
    ),
    ("$np as text, joined with $k", "a string of $np separated by $k"),
    "",
    noun="text|texts|one",
    params={"k": one_of((", ", "-", " ", ";", "/", "+"), "sep", "separator", what="the separator")},
    names=("join_$n", "$n_text", "format_$n"),
    weight=1.4,
)
whole(
    "common",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    same,
    ("[v for v in $l if v in $k]",),
    (),
    ("those of $np that also occur in $k", "$np that are in $k, too"),
    "",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "allowed", "known", "second"),
            "same",
            "a second list",
            1.0,
        )
    },
    names=("common_$n", "shared_$n", "allowed_$n"),
    weight=1,
    blocks=(
        Block(
            "known = set($k)\nshared = []\nfor v in $l:\n    if v in known:\n        shared.append(v)\n=> shared",
            ("make a set of $k", "append every $s that is in the set"),
        ),
    ),
)
whole(
    "difference",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    same,
    ("[v for v in $l if v not in $k]",),
    (),
    ("those of $np that do not occur in $k", "$np that are missing from $k"),
    "",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "blocked", "seen", "banned", "done"),
            "same",
            "a second list",
            1.0,
        )
    },
    names=("missing_$n", "new_$n", "remaining_$n", "$n_without"),
    weight=1,
)
whole(
    "zip_pairs",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR, FLOAT),
    lambda ty: list_of(pair_of(value(ty), value(ty))),
    ("list(zip($l, $k))",),
    (),
    ("the pairs of $np with the elements of $k at the same position (the longer list is cut)",),
    "end",
    noun="pair|pairs|many",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "second", "partners"),
            "same",
            "a second list",
            1.0,
        )
    },
    names=("pair_up_$n", "pairs", "zip_$n"),
    weight=0.7,
)
whole(
    "add_lists",
    lambda ty: ty.kind == "list" and ty.of in (INT, FLOAT),
    same,
    ("[a + b for a, b in zip($l, $k)]",),
    (),
    (
        "the sums of $np and the elements of $k at the same positions",
        "$np added element by element to $k",
    ),
    "",
    noun="sum|sums|many",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("other", "second", "extra", "more"),
            "same",
            "a second list of numbers",
            1.0,
        )
    },
    names=("add_$n", "elementwise_sum", "combined_$n"),
    weight=0.8,
    blocks=(
        Block(
            "sums = []\nfor i in range(min(len($l), len($k))):\n    sums.append($l[i] + $k[i])\n=> sums",
            (
                "go through the positions that both lists have",
                "append the sum of the two elements at each position",
            ),
        ),
    ),
)
whole(
    "dot",
    lambda ty: ty.kind == "list" and ty.of in (INT, FLOAT),
    value,
    ("sum(a * b for a, b in zip($l, $k))",),
    (),
    (
        "the sum of the products of $np and the elements of $k at the same positions",
        "the dot product of $np and $k",
    ),
    "",
    noun="sum|sums|one",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("weights", "other", "factors", "quantities"),
            "same",
            "a second list of numbers",
            1.0,
        )
    },
    names=("dot_product", "weighted_sum", "weighted_total_of_$n"),
    weight=0.8,
    blocks=(
        Block(
            "total = 0\nfor a, b in zip($l, $k):\n    total += a * b\n=> total",
            (
                "start with a total of 0",
                "add the product of each pair of elements at the same position",
            ),
        ),
    ),
    sampled=False,
)
whole(
    "interleave",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    same,
    ("[v for pair in zip($l, $k) for v in pair]",),
    (),
    ("$np and the elements of $k in turns (as long as both have elements)",),
    "",
    params={"k": Choice(lambda r, _: 0, ("other", "second"), "same", "a second list", 1.0)},
    names=("interleave_$n", "alternate_$n", "mix_$n"),
    weight=0.6,
    blocks=(
        Block(
            "mixed = []\nfor a, b in zip($l, $k):\n    mixed += [a, b]\n=> mixed",
            (
                "start with an empty list",
                "for each pair at the same position append both elements",
            ),
        ),
    ),
)
whole(
    "contains_all",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(BOOL),
    ("set($k) <= set($l)", "all(v in $l for v in $k)"),
    (),
    ("whether $np contain all elements of $k",),
    "end",
    noun="answer|answers|one",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("required", "needed", "wanted"),
            "same",
            "the required elements",
            1.0,
        )
    },
    names=("contains_all", "has_all_$n", "covers"),
    weight=0.6,
)
whole(
    "disjoint",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(BOOL),
    ("set($l).isdisjoint($k)", "not set($l) & set($k)"),
    (),
    ("whether $np and $k have no element in common",),
    "end",
    noun="answer|answers|one",
    params={"k": Choice(lambda r, _: 0, ("other", "second"), "same", "a second list", 1.0)},
    names=("no_common_$n", "are_disjoint"),
    weight=0.4,
)
whole(
    "table_from",
    lambda ty: ty == list_of(STR),
    lambda ty: dict_of(STR, INT),
    ("dict(zip($l, $k))", "{a: b for a, b in zip($l, $k)}"),
    (),
    ("a dictionary from each of $np to the number at the same position in $k",),
    "",
    noun="=number|numbers",
    params={
        "k": Choice(
            lambda r, _: 0,
            ("amounts", "scores", "counts", "numbers"),
            "ints",
            "the numbers",
            1.0,
        )
    },
    names=("$n_table", "build_table", "zip_to_dict"),
    weight=0.7,
)
whole(
    "index_of",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(INT),
    ("$l.index($k) if $k in $l else -1",),
    ("find the index of the first $k in $o, -1 if it is missing",),
    (
        "the index of the first $k in $np, or -1 if it is missing",
        "the position of $k among $np (-1 when it does not occur)",
    ),
    "end",
    noun="index|indexes|one",
    params={
        "k": Choice(
            lambda r, s: s(r) if s else 1,
            ("target", "wanted"),
            "elem",
            "the value to look for",
            1.0,
        )
    },
    names=("index_of", "position_of", "find_position"),
    weight=0.8,
    blocks=(
        Block(
            "for i, v in enumerate($l):\n    if v == $k:\n        return i\n=> -1",
            (
                "go through the elements with their index",
                "return the index of the first one equal to $k",
                "return -1 after the loop",
            ),
        ),
    ),
)
whole(
    "count_value",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(INT),
    ("$l.count($k)", "sum(v == $k for v in $l)"),
    ("count how often $k occurs among $o",),
    ("how often $k occurs among $np", "the number of times that $k occurs in $np"),
    "",
    noun="count|counts|one",
    params={
        "k": Choice(
            lambda r, s: s(r) if s else 1,
            ("target", "wanted", "item"),
            "elem",
            "the value to count",
            0.8,
        )
    },
    names=("count_value", "occurrences", "how_often"),
    weight=0.8,
)
whole(
    "positions",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(list_of(INT)),
    ("[i for i, v in enumerate($l) if v == $k]",),
    ("collect the indexes at which $k occurs among $o",),
    ("all indexes at which $k occurs in $np", "the positions of $k among $np"),
    "sorted",
    noun="index|indexes|many",
    params={
        "k": Choice(
            lambda r, s: s(r) if s else 1,
            ("target", "wanted", "item"),
            "elem",
            "the value to look for",
            0.8,
        )
    },
    names=("positions_of", "all_indexes", "find_all"),
    weight=0.8,
)
whole(
    "contains_value",
    lambda ty: ty.kind == "list" and ty.of in (INT, STR),
    always(BOOL),
    ("$k in $l",),
    ("check whether $k is among $o",),
    ("whether $k is among $np", "whether $np contain $k"),
    "end",
    noun="answer|answers|one",
    params={
        "k": Choice(
            lambda r, s: s(r) if s else 1,
            ("target", "wanted", "item"),
            "elem",
            "the value to look for",
            0.9,
        )
    },
    names=("contains", "has_value", "includes"),
    weight=0.4,
)

whole(
    "parse_csv",
    lambda ty: ty == STR,
    always(list_of(INT)),
    ("[int(part) for part in $l.split($k)]", "list(map(int, $l.split($k)))"),
    (
        "split $o at $k and convert the parts to integers",
        "parse the numbers in $o, separated by $k",
    ),
    (
        "the integers in $np, which are separated by $k",
        "the numbers of $np (separated by $k) as ints",
    ),
    "",
    noun="number|numbers|many",
    params={"k": one_of((",",))},
    names=("parse_$n", "numbers_from_$n", "read_numbers"),
    weight=0.0,
    blocks=(
        Block(
            "numbers = []\nfor part in $l.split($k):\n    numbers.append(int(part))\n=> numbers",
            ("split the text at $k", "convert each part to an int and collect them"),
        ),
    ),
)
whole(
    "parse_kv",
    lambda ty: ty == STR,
    always(dict_of(STR, INT)),
    ("{key: int(value) for key, value in (part.split('=') for part in $l.split($k))}",),
    ("parse the 'name=number' parts of $o, separated by $k, into a dictionary",),
    ("a dictionary from the 'name=number' parts of $np, separated by $k",),
    "",
    noun="=number|numbers",
    params={"k": one_of((";",))},
    names=("parse_settings", "parse_pairs", "read_pairs"),
    weight=0.0,
    blocks=(
        Block(
            "settings = {}\nfor part in $l.split($k):\n    key, value = part.split('=')\n    settings[key] = int(value)\n=> settings",
            (
                "split the text at $k",
                "split each part at the equals sign into key and value",
                "store the value as an int under the key",
            ),
        ),
        Block(
            "settings = {}\nfor part in $l.split($k):\n    key, _, value = part.partition('=')\n    settings[key] = int(value)\n=> settings",
            (
                "go through the parts between $k",
                "cut each part at '=' with partition",
                "store the number under the name",
            ),
        ),
    ),
)
whole(
    "parse_lines",
    lambda ty: ty == list_of(STR),
    always(dict_of(STR, STR)),
    (
        "dict(line.split(': ') for line in $l)",
        "{key: value for key, value in (line.split(': ') for line in $l)}",
    ),
    ("parse $o of the form 'key: value' into a dictionary",),
    ("a dictionary from $np of the form 'key: value'",),
    "",
    noun="=value|values",
    names=("parse_headers", "parse_$n", "lines_to_dict"),
    weight=0.0,
    blocks=(
        Block(
            "parsed = {}\nfor line in $l:\n    key, _, value = line.partition(': ')\n    parsed[key] = value\n=> parsed",
            (
                "start with an empty dictionary",
                "cut every line at ': ' into key and value",
                "store the value under the key",
            ),
        ),
    ),
)
whole(
    "to_minutes",
    lambda ty: ty == list_of(STR),
    always(list_of(INT)),
    ("[int(t[:2]) * 60 + int(t[3:]) for t in $l]",),
    ("turn each of $o ('HH:MM') into minutes since midnight",),
    ("$np ('HH:MM') as minutes since midnight",),
    "",
    noun="minute count|minute counts|many",
    names=("$n_in_minutes", "minutes_of_$n", "to_minutes"),
    weight=0.0,
    blocks=(
        Block(
            "minutes = []\nfor t in $l:\n    hours, mins = t.split(':')\n    minutes.append(int(hours) * 60 + int(mins))\n=> minutes",
            ("split each time at the colon", "append hours times 60 plus the minutes"),
        ),
    ),
)
