"""Operations on a dictionary."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import (
    always,
    any_dict,
    key,
    keys_of,
    list_dict,
    number_dict,
    of,
    plain_dict,
    same,
    swapped,
    values_of,
)
from codeplan_training.compose.ops.prims import Choice, near, one_of, small
from codeplan_training.compose.ops.whole import Block, whole
from codeplan_training.compose.values import FLOAT, INT, STR, dict_of, list_of, pair_of

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
    any_dict,
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
    plain_dict,
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
    any_dict,
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
    number_dict,
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
    number_dict,
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
    number_dict,
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
            "best = None\nfor key, value in $l.items():\n"
            "    if best is None or value > $l[best]:\n        best = key\n=> best",
            (
                "start with no best $K",
                "go through the entries and keep the $K whose $V is higher than that of the best "
                "so far",
            ),
        ),
    ),
)
whole(
    "key_of_min",
    number_dict,
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
    number_dict,
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
            "if not $l:\n    return []\nhighest = max($l.values())\n"
            "=> [key for key, value in $l.items() if value == highest]",
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
    number_dict,
    of,
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
    number_dict,
    of,
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
    number_dict,
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
    number_dict,
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
            "kept = {}\nfor key, value in $l.items():\n    if value > $k:\n"
            "        kept[key] = value\n=> kept",
            ("start with an empty dictionary", "copy each entry whose $V is above $k"),
        ),
    ),
)
whole(
    "keep_below",
    number_dict,
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
    number_dict,
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
            "names = []\nfor key, value in $l.items():\n    if value >= $k:\n"
            "        names.append(key)\n=> names",
            ("start with an empty list", "append every $K whose $V is at least $k"),
        ),
    ),
)
whole(
    "count_entries_above",
    number_dict,
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
    number_dict,
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
    number_dict,
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
            "changed = {}\nfor key, value in $l.items():\n    changed[key] = value + $k\n"
            "=> changed",
            ("start with an empty dictionary", "store every $V plus $k under its $K"),
        ),
    ),
)
whole(
    "shares",
    number_dict,
    lambda ty: dict_of(key(ty), FLOAT),
    ("{key: round(100 * value / sum($l.values()), 1) for key, value in $l.items()}",),
    ("turn every $V into its percentage of the total, rounded to one decimal",),
    ("a dictionary from each $K of $np to its percentage of the total, rounded to one decimal",),
    "",
    names=("shares", "percentages_by_$K", "$V_shares"),
    weight=0.8,
    blocks=(
        Block(
            "total = sum($l.values())\n"
            "=> {key: round(100 * value / total, 1) for key, value in $l.items()}",
            (
                "add up all $Vs",
                "express every $V as a percentage of this total, rounded to one decimal",
            ),
        ),
    ),
)
whole(
    "invert",
    lambda ty: plain_dict(ty) and ty.of in (STR, INT),
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
    lambda ty: plain_dict(ty) and ty.of in (STR, INT),
    lambda ty: dict_of(of(ty), list_of(key(ty))),
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
            "groups = {}\nfor key, value in $l.items():\n"
            "    groups.setdefault(value, []).append(key)\n=> groups",
            (
                "start with an empty dictionary",
                "append every $K to the list under its $V",
            ),
        ),
    ),
)
whole(
    "dict_lines",
    plain_dict,
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
    plain_dict,
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
    number_dict,
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
    number_dict,
    lambda ty: list_of(pair_of(key(ty), of(ty))),
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
    plain_dict,
    lambda ty: list_of(pair_of(key(ty), of(ty))),
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
    number_dict,
    of,
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
    any_dict,
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
    list_dict,
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
    lambda ty: list_dict(ty) and of(ty).of in (INT, FLOAT),
    lambda ty: dict_of(key(ty), of(of(ty))),
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
    lambda ty: list_dict(ty) and of(ty).of in (INT, FLOAT),
    lambda ty: dict_of(key(ty), of(of(ty))),
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
    lambda ty: list_dict(ty) and of(ty).of in (INT, FLOAT, STR),
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
    list_dict,
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
