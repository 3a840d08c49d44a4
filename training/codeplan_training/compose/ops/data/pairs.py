"""Operations on two lists or two dictionaries, and searches for a given value."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import (
    always,
    any_dict,
    keys_of,
    number_dict,
    of,
    plain_dict,
    same,
)
from codeplan_training.compose.ops.prims import Choice
from codeplan_training.compose.ops.whole import Block, whole
from codeplan_training.compose.values import BOOL, FLOAT, INT, STR, dict_of, list_of, pair_of

whole(
    "common_keys",
    any_dict,
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
    plain_dict,
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
    number_dict,
    same,
    (
        "{key: $l.get(key, 0) + $k.get(key, 0) for key in [*$l, *(name for name in $k if name "
        "not in $l)]}",
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
            "totals = dict($l)\nfor key, value in $k.items():\n"
            "    totals[key] = totals.get(key, 0) + value\n=> totals",
            (
                "copy the first dictionary",
                "add every value of the second one to the entry with the same key, 0 if it is "
                "missing",
            ),
        ),
    ),
)
whole(
    "missing_keys",
    any_dict,
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
    plain_dict,
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
            "known = set($k)\nshared = []\nfor v in $l:\n    if v in known:\n"
            "        shared.append(v)\n=> shared",
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
    lambda ty: list_of(pair_of(of(ty), of(ty))),
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
            "sums = []\nfor i in range(min(len($l), len($k))):\n    sums.append($l[i] + $k[i])\n"
            "=> sums",
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
    of,
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
