"""Data of the operations on whole lists."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import one_of, small
from codeplan_training.compose.ops.whole import whole
from codeplan_training.compose.values import (
    FLOAT,
    INT,
    STR,
    Ty,
    dict_of,
    list_of,
    pair_of,
    set_of,
)


def nums(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "float")


def ints(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of == INT


def texts(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of == STR


def flat(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "float", "str", "date")


def hashable(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "str", "date")


def any_list(ty: Ty) -> bool:
    return ty.kind == "list"


def nested(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of is not None and ty.of.kind == "list"


def same(ty: Ty) -> Ty:
    return ty


def of(ty: Ty) -> Ty:
    assert ty.of is not None
    return ty.of


def always(ty: Ty):  # noqa: ANN201
    return lambda _: ty


whole(
    "sum",
    nums,
    of,
    ("sum($g)",),
    ("add up $o", "sum up $o", "total $o", "add $o together", "take the sum of $o"),
    ("the sum of $np", "the total of $np"),
    "unordered",
    noun="sum|sums|one",
    loop=(("total", "result"), "0", "$acc += $x", "$acc"),
    told=("start with a total of 0", "add $it to the total"),
    names=("sum_of_$n", "total_of_$n", "sum_$n", "total_$n"),
    weight=3,
    sampled=False,
)
whole(
    "product",
    ints,
    of,
    ("math.prod($g)",),
    ("multiply $o together", "multiply all of $o", "take the product of $o"),
    ("the product of $np",),
    "unordered",
    noun="product|products|one",
    imports=("import math",),
    loop=(("product", "result"), "1", "$acc *= $x", "$acc"),
    told=("start with a product of 1", "multiply the product by $it"),
    names=("product_of_$n", "multiply_$n"),
    weight=1,
    sampled=False,
)
whole(
    "count",
    any_list,
    always(INT),
    ("len($l)",),
    ("count $o", "find out how many there are"),
    ("the number of $np", "the count of $np"),
    "unordered notfirst",
    noun="count|counts|one",
    names=("count_$n", "number_of_$n", "num_$n"),
    weight=1,
)
whole(
    "count_distinct",
    hashable,
    always(INT),
    ("len(set($g))",),
    ("count how many different $h there are", "count the distinct $h"),
    (
        "the number of different values among $np",
        "how many different $h there are among $np",
    ),
    "unordered",
    noun="count|counts|one",
    names=("count_distinct_$n", "distinct_$n_count", "number_of_different_$n"),
    weight=1.2,
)
whole(
    "max",
    nums,
    of,
    ("max($g)",),
    (
        "take the largest of $o",
        "find the maximum of $o",
        "pick the highest $s",
        "find the greatest $s",
    ),
    (
        "the largest of $np",
        "the maximum of $np",
        "the highest of $np",
        "the greatest of $np",
    ),
    "unordered",
    noun="one",
    empty=0,
    defaults=("max($g, default=$d)", "max($l) if $l else $d"),
    names=("max_of_$n", "largest_of_$n", "max_$n", "highest_$n"),
    weight=2,
)
whole(
    "min",
    nums,
    of,
    ("min($g)",),
    (
        "take the smallest of $o",
        "find the minimum of $o",
        "pick the lowest $s",
        "find the least $s",
    ),
    ("the smallest of $np", "the minimum of $np", "the lowest of $np"),
    "unordered",
    noun="one",
    empty=0,
    defaults=("min($g, default=$d)", "min($l) if $l else $d"),
    names=("min_of_$n", "smallest_of_$n", "min_$n", "lowest_$n"),
    weight=1.6,
)
whole(
    "mean",
    nums,
    always(FLOAT),
    ("sum($l) / len($l)",),
    ("average $o", "take the mean of $o", "compute the average of $o"),
    ("the mean of $np", "the average of $np", "the arithmetic mean of $np"),
    "unordered",
    noun="mean|means|one",
    empty=0,
    defaults=("sum($l) / len($l) if $l else $d",),
    names=("mean_of_$n", "average_of_$n", "average_$n", "mean_$n"),
    weight=1.6,
)
whole(
    "median",
    nums,
    of,
    ("sorted($l)[len($l) // 2]",),
    ("sort $o and take the middle $s (the upper one of two)",),
    ("the middle one of $np in sorted order (the upper one of two)",),
    "unordered",
    noun="one",
    empty=0,
    defaults=("sorted($l)[len($l) // 2] if $l else $d",),
    names=("middle_of_$n", "median_$n"),
    weight=0.5,
)
whole(
    "spread",
    nums,
    of,
    ("max($l) - min($l)",),
    (
        "subtract the smallest of $o from the largest",
        "take the difference between the largest and the smallest of $o",
    ),
    (
        "the difference between the largest and the smallest of $np",
        "the range (largest minus smallest) of $np",
    ),
    "unordered",
    noun="range|ranges|one",
    empty=0,
    defaults=("max($l) - min($l) if $l else $d",),
    names=("range_of_$n", "spread_of_$n"),
    weight=0.8,
    sampled=False,
)
whole(
    "longest",
    texts,
    of,
    ("max($l, key=len)",),
    (
        "take the longest of $o (the first one on ties)",
        "pick the longest $s, the first one on ties",
    ),
    (
        "the longest of $np (the first one on ties)",
        "the longest of $np, the earliest on ties",
    ),
    "",
    noun="one",
    empty="",
    defaults=("max($l, key=len, default=$d)",),
    names=("longest_of_$n", "longest_$n", "find_longest_$n"),
    weight=1.5,
)
whole(
    "shortest",
    texts,
    of,
    ("min($l, key=len)",),
    (
        "take the shortest of $o (the first one on ties)",
        "pick the shortest $s, the first one on ties",
    ),
    ("the shortest of $np (the first one on ties)",),
    "",
    noun="one",
    empty="",
    defaults=("min($l, key=len, default=$d)",),
    names=("shortest_of_$n", "shortest_$n"),
    weight=1,
)
whole(
    "first_alpha",
    texts,
    of,
    ("min($g)",),
    ("take the alphabetically first of $o",),
    ("the alphabetically first of $np",),
    "unordered",
    noun="one",
    empty="",
    defaults=("min($g, default=$d)",),
    names=("first_of_$n", "alphabetically_first_$n"),
    weight=0.5,
)
whole(
    "join",
    texts,
    always(STR),
    ("$k.join($g)",),
    (
        "join $o with $k",
        "join $o, separated by $k",
        "glue $o together with $k in between",
        "connect $o with $k",
        "put $k between $o",
    ),
    ("$np joined with $k", "$np joined by $k", "$np separated by $k in one string"),
    "",
    noun="text|texts|one",
    params={
        "k": one_of(
            (", ", "-", " ", "; ", "/", "", ",", "|", " + ", "_"),
            "sep",
            "separator",
            "glue",
            what="the separator",
        )
    },
    names=("join_$n", "joined_$n", "$n_line"),
    weight=2.2,
)
whole(
    "first",
    flat,
    of,
    ("$l[0]",),
    ("take the first of $o", "take the first $s"),
    ("the first of $np",),
    "notfirst end",
    noun="one",
    empty=None,
    defaults=("$l[0] if $l else $d",),
    names=("first_of_$n", "first_$n"),
    weight=0.4,
)
whole(
    "last",
    flat,
    of,
    ("$l[-1]",),
    ("take the last of $o", "take the last $s"),
    ("the last of $np",),
    "notfirst end",
    noun="one",
    empty=None,
    defaults=("$l[-1] if $l else $d",),
    names=("last_of_$n", "last_$n"),
    weight=0.4,
)
whole(
    "most_common",
    hashable,
    of,
    ("Counter($g).most_common(1)[0][0]",),
    (
        "take the most frequent of $o (the earliest on ties)",
        "find the $s that occurs most often (the first one on ties)",
    ),
    (
        "the most common one of $np (the earliest on ties)",
        "the most frequent of $np, the earliest on ties",
    ),
    "",
    noun="one",
    empty=None,
    imports=("from collections import Counter",),
    defaults=("Counter($l).most_common(1)[0][0] if $l else $d",),
    names=("most_common_of_$n", "most_frequent_$n"),
    weight=1,
)

whole(
    "sort",
    flat,
    same,
    ("sorted($g)",),
    (
        "sort $o",
        "sort $o in ascending order",
        "put $o in ascending order",
        "order $o from small to large",
        "arrange $o in order",
    ),
    ("$np in ascending order", "$np, sorted", "$np in sorted order"),
    "orders sorted",
    names=("sorted_$n", "sort_$n", "ordered_$n"),
    weight=2,
)
whole(
    "sort_desc",
    flat,
    same,
    ("sorted($g, reverse=True)",),
    (
        "sort $o in descending order",
        "sort $o from high to low",
        "put the largest of $o first",
        "order $o from large to small",
    ),
    ("$np in descending order", "$np sorted from high to low", "$np, largest first"),
    "orders sorted",
    names=("sorted_$n", "$n_descending", "descending_$n"),
    weight=1.6,
)
whole(
    "sort_length",
    texts,
    same,
    ("sorted($l, key=len)",),
    (
        "sort $o by length",
        "order $o by length, shortest first",
        "put the shorter $h first",
    ),
    ("$np sorted by length", "$np in order of length, shortest first"),
    "orders sorted",
    names=("$n_by_length", "sort_$n_by_length"),
    weight=1,
)
whole(
    "sort_length_alpha",
    texts,
    same,
    ("sorted($l, key=lambda s: (len(s), s))",),
    ("sort $o by length and then alphabetically",),
    (
        "$np sorted by length and then alphabetically",
        "$np sorted by length, ties alphabetically",
    ),
    "orders sorted",
    names=("$n_by_length", "sort_$n"),
    weight=0.6,
)
whole(
    "sort_nocase",
    texts,
    same,
    ("sorted($l, key=str.lower)",),
    ("sort $o without regard to case", "sort $o alphabetically, ignoring case"),
    ("$np sorted alphabetically, ignoring case",),
    "orders sorted",
    names=("sorted_$n", "sort_$n"),
    weight=0.6,
)
whole(
    "sort_abs",
    nums,
    same,
    ("sorted($l, key=abs)",),
    ("sort $o by absolute value",),
    ("$np sorted by absolute value",),
    "orders sorted",
    names=("$n_by_size", "sort_$n_by_magnitude"),
    weight=0.5,
)
whole(
    "reverse",
    any_list,
    same,
    ("$l[::-1]", "list(reversed($l))"),
    ("reverse $o", "put $o in reverse order", "turn the order of $o around"),
    ("$np in reverse order", "$np from last to first"),
    "reversed noreverse",
    names=("reversed_$n", "reverse_$n", "$n_backwards"),
    weight=1,
)
whole(
    "dedupe",
    hashable,
    same,
    ("list(dict.fromkeys($g))",),
    (
        "remove duplicates from $o, keeping the first of each",
        "drop repeated $h, keeping their order",
        "keep only the first occurrence of each $s",
        "make $o unique without changing the order",
    ),
    (
        "$np without duplicates, in order of first appearance",
        "$np with repeats removed (first occurrences kept)",
    ),
    "distinct",
    names=("unique_$n", "distinct_$n", "dedupe_$n"),
    loop=(
        ("unique", "seen", "result"),
        "[]",
        "if $x not in $acc: $acc.append($x)",
        "$acc",
    ),
    told=("start with an empty list", "append $it unless it is in the list already"),
    weight=1.8,
)
whole(
    "sorted_set",
    hashable,
    same,
    ("sorted(set($g))",),
    (
        "remove duplicates from $o and sort the rest",
        "sort the distinct $h",
        "collect the different $h in sorted order",
    ),
    (
        "the distinct values of $np in ascending order",
        "the sorted distinct values of $np",
    ),
    "orders sorted distinct",
    names=("sorted_unique_$n", "distinct_sorted_$n"),
    weight=1.3,
)
whole(
    "to_set",
    hashable,
    lambda ty: set_of(of(ty)),
    ("set($g)",),
    ("collect $o in a set", "make a set of $o"),
    ("the set of $np",),
    "unordered end",
    noun="set|sets|one",
    names=("set_of_$n", "$n_set"),
    weight=0.5,
)
whole(
    "first_n",
    any_list,
    same,
    ("$l[:$k]",),
    (
        "take the first $k of $o",
        "keep only the first $k $h",
        "cut $o off after the first $k",
    ),
    ("the first $k of $np", "at most the first $k of $np"),
    "",
    params={"k": small(2, 4, "n", "count", "k", "limit")},
    names=("first_$n", "top_$n", "leading_$n"),
    weight=1.3,
)
whole(
    "last_n",
    any_list,
    same,
    ("$l[-$k:]",),
    ("take the last $k of $o", "keep only the last $k $h"),
    ("the last $k of $np",),
    "",
    params={"k": small(2, 4, chance=0.0)},
    names=("last_$n", "final_$n", "recent_$n"),
    weight=0.9,
)
whole(
    "skip_n",
    any_list,
    same,
    ("$l[$k:]",),
    ("skip the first $k of $o", "leave out the first $k $h", "drop the first $k of $o"),
    ("all but the first $k of $np", "$np without the first $k"),
    "",
    params={"k": small(2, 4, "n", "skip", "count", "start")},
    names=("remaining_$n", "rest_of_$n", "$n_after_start"),
    weight=0.8,
)
whole(
    "drop_last_n",
    any_list,
    same,
    ("$l[:-$k]",),
    ("leave out the last $k of $o", "drop the last $k $h"),
    ("all but the last $k of $np", "$np without the last $k"),
    "",
    params={"k": small(2, 3, chance=0.0)},
    names=("leading_$n", "$n_before_end"),
    weight=0.5,
)
whole(
    "every_nth",
    any_list,
    same,
    ("$l[::$k]",),
    (
        "take every $kth of $o, beginning with the first",
        "keep every $kth $s, starting at the first",
    ),
    ("every $kth of $np, beginning with the first",),
    "",
    params={"k": small(2, 4, chance=0.0)},
    names=("every_nth_of_$n", "sampled_$n", "thinned_$n"),
    weight=0.7,
)
whole(
    "odd_positions",
    any_list,
    same,
    ("$l[1::2]",),
    ("take $o at odd indexes", "keep the $h at the odd indexes"),
    ("those of $np at odd indexes",),
    "",
    names=("odd_indexed_$n", "alternate_$n"),
    weight=0.4,
)
whole(
    "rotate",
    any_list,
    same,
    ("$l[$k:] + $l[:$k]",),
    ("move the first $k of $o to the end", "rotate $o to the left by $k"),
    ("$np rotated to the left by $k places", "$np with the first $k moved to the end"),
    "",
    params={"k": small(2, 3, "n", "shift", "steps")},
    names=("rotated_$n", "rotate_$n"),
    weight=0.6,
)
whole(
    "running_total",
    nums,
    same,
    ("list(accumulate($g))",),
    (
        "compute the running totals of $o",
        "replace each $s by the sum of all up to it",
        "add $o up cumulatively",
    ),
    (
        "the running totals of $np",
        "the cumulative sums of $np",
        "the prefix sums of $np",
    ),
    "",
    noun="running total|running totals|many",
    imports=("from itertools import accumulate",),
    names=("running_totals_of_$n", "cumulative_$n", "running_$n"),
    weight=1.2,
    sampled=False,
)
whole(
    "running_max",
    nums,
    same,
    ("list(accumulate($g, max))",),
    ("replace each $s by the largest seen so far", "compute the running maximum of $o"),
    ("the running maximums of $np", "the largest value so far at each position of $np"),
    "",
    noun="running maximum|running maximums|many",
    imports=("from itertools import accumulate",),
    names=("running_max_of_$n", "records_of_$n"),
    weight=0.7,
)
whole(
    "differences",
    nums,
    same,
    (
        "[b - a for a, b in zip($l, $l[1:])]",
        "[$l[i + 1] - $l[i] for i in range(len($l) - 1)]",
    ),
    (
        "take the differences between neighbouring $h",
        "subtract each $s from the next one",
    ),
    (
        "the differences between consecutive ones of $np (next minus current)",
        "the changes from each one of $np to the next",
    ),
    "",
    noun="difference|differences|many",
    names=("differences_of_$n", "changes_in_$n", "$n_changes", "steps_between_$n"),
    weight=1.2,
    sampled=False,
)
whole(
    "abs_gaps",
    nums,
    same,
    ("[abs(b - a) for a, b in zip($l, $l[1:])]",),
    ("take the absolute differences between neighbouring $h",),
    ("the absolute differences between neighbours in $np",),
    "",
    noun="gap|gaps|many",
    names=("gaps_of_$n", "$n_gaps"),
    weight=0.7,
    sampled=False,
)
whole(
    "neighbour_sums",
    nums,
    same,
    ("[a + b for a, b in zip($l, $l[1:])]",),
    ("add each $s to the next one", "sum up neighbouring $h in pairs"),
    ("the sums of each two neighbours in $np",),
    "",
    noun="sum|sums|many",
    names=("pair_sums_of_$n", "neighbour_sums"),
    weight=0.6,
    sampled=False,
)
whole(
    "pairs",
    flat,
    lambda ty: list_of(pair_of(of(ty), of(ty))),
    ("list(zip($l, $l[1:]))",),
    ("pair each $s with the next one", "form pairs of neighbouring $h"),
    ("the pairs of neighbours in $np", "the consecutive pairs of $np"),
    "end",
    noun="pair|pairs|many",
    names=("neighbour_pairs", "pairs_of_$n", "adjacent_$n"),
    weight=0.6,
)
whole(
    "enumerate",
    flat,
    lambda ty: list_of(pair_of(INT, of(ty))),
    ("list(enumerate($g, start=$k))",),
    (
        "number $o, starting at $k",
        "pair each $s with a running number that starts at $k",
    ),
    ("pairs of a running number (from $k) and each of $np",),
    "end",
    noun="pair|pairs|many",
    params={"k": small(1, 1, "start", chance=0.3)},
    names=("numbered_$n", "enumerate_$n"),
    weight=0.6,
)
whole(
    "number_lines",
    texts,
    same,
    (
        "[f'{i}. {s}' for i, s in enumerate($g, start=1)]",
        "[f'{i}. {s}' for i, s in enumerate($g, 1)]",
    ),
    (
        "put running numbers '1. ', '2. ' and so on in front of $o",
        "number $o like '1. first'",
    ),
    ("$np with running numbers in front ('1. ', '2. ', ...)",),
    "",
    names=("numbered_$n", "number_$n"),
    weight=0.8,
)
whole(
    "chunk",
    flat,
    lambda ty: list_of(ty),
    ("[$l[i:i + $k] for i in range(0, len($l), $k)]",),
    (
        "split $o into groups of $k",
        "cut $o into chunks of $k (the last may be shorter)",
        "divide $o into blocks of $k",
    ),
    (
        "$np split into chunks of $k (the last may be shorter)",
        "the groups of $k consecutive ones of $np",
    ),
    "",
    noun="chunk|chunks|many",
    params={"k": small(2, 4, "size", "n", "width")},
    names=("chunks_of_$n", "chunk_$n", "batch_$n", "grouped_$n"),
    weight=1.1,
    sampled=False,
)
whole(
    "windows",
    flat,
    lambda ty: list_of(ty),
    ("[$l[i:i + $k] for i in range(len($l) - $k + 1)]",),
    ("take all windows of $k neighbouring $h", "slide a window of size $k over $o"),
    (
        "all windows of $k consecutive ones of $np",
        "the sliding windows of length $k over $np",
    ),
    "",
    noun="window|windows|many",
    params={"k": small(2, 3, "size", "width", "k")},
    names=("windows_of_$n", "sliding_windows"),
    weight=0.8,
    sampled=False,
)
whole(
    "prefixes",
    flat,
    lambda ty: list_of(ty),
    ("[$l[:i] for i in range(1, len($l) + 1)]",),
    ("list all non-empty prefixes of $o, shortest first",),
    ("all non-empty prefixes of $np, shortest first",),
    "",
    noun="prefix|prefixes|many",
    names=("prefixes_of_$n", "growing_$n"),
    weight=0.4,
    sampled=False,
)
whole(
    "flatten",
    nested,
    of,
    ("[x for part in $l for x in part]", "list(chain.from_iterable($l))"),
    (
        "flatten $o into one list",
        "join $o into one flat list",
        "put the elements of all $h into one list",
    ),
    ("the elements of $np in one flat list", "all elements of $np, flattened"),
    "",
    noun="element|elements|many",
    imports=("from itertools import chain",),
    names=("flat_$n", "flatten_$n"),
    weight=1.2,
    sampled=False,
)
whole(
    "sum_each",
    lambda ty: nested(ty) and nums(of(ty)),
    lambda ty: list_of(of(of(ty))),
    ("[sum(part) for part in $l]", "list(map(sum, $l))"),
    ("sum up each $s", "add up the numbers in each $s", "replace each $s by its sum"),
    ("the sums of $np", "the sum of each of $np"),
    "",
    noun="sum|sums|many",
    names=("sums_of_$n", "$n_sums"),
    weight=2,
    sampled=False,
)
whole(
    "max_each",
    lambda ty: nested(ty) and nums(of(ty)),
    lambda ty: list_of(of(of(ty))),
    ("[max(part) for part in $l]", "list(map(max, $l))"),
    ("take the largest of each $s", "replace each $s by its maximum"),
    ("the largest value of each of $np", "the maximums of $np"),
    "",
    noun="maximum|maximums|many",
    names=("max_of_$n", "$n_maximums"),
    weight=1,
    sampled=False,
)
whole(
    "len_each",
    nested,
    always(list_of(INT)),
    ("[len(part) for part in $l]", "list(map(len, $l))"),
    ("count the elements of each $s", "replace each $s by its length"),
    ("the lengths of $np", "the number of elements of each of $np"),
    "",
    noun="length|lengths|many",
    names=("sizes_of_$n", "$n_lengths"),
    weight=1,
    sampled=False,
)
whole(
    "join_each",
    lambda ty: nested(ty) and texts(of(ty)),
    lambda ty: list_of(STR),
    ("[$k.join(part) for part in $l]",),
    ("join each $s with $k",),
    ("$np, each joined with $k",),
    "",
    noun="text|texts|many",
    params={"k": one_of(("-", " ", ",", "+", "/"), "sep")},
    names=("joined_$n",),
    weight=1.2,
    sampled=False,
)
whole(
    "counts",
    hashable,
    lambda ty: dict_of(of(ty), INT),
    ("dict(Counter($g))",),
    ("count how often each $s occurs", "count the occurrences of each $s", "tally $o"),
    (
        "a dictionary from each of $np to how often it occurs",
        "a dict that counts how often each of $np occurs",
        "the frequencies of $np as a dictionary",
    ),
    "",
    noun="count|counts|one",
    imports=("from collections import Counter",),
    loop=(("counts", "tally"), "{}", "$acc[$x] = $acc.get($x, 0) + 1", "$acc"),
    told=("start with an empty dictionary of counts", "increase the count of $it by 1"),
    names=("count_$n", "$n_counts", "frequency_of_$n", "tally_$n"),
    weight=1.6,
)
whole(
    "duplicates",
    hashable,
    same,
    ("[x for x, n in Counter($g).items() if n > 1]",),
    (
        "keep the $h that occur more than once, each once",
        "find the $h that are repeated, each listed once",
    ),
    (
        "those of $np that occur more than once (each listed once)",
        "the repeated ones of $np, each listed once",
    ),
    "distinct",
    imports=("from collections import Counter",),
    names=("repeated_$n", "duplicate_$n"),
    weight=1,
)
whole(
    "once_only",
    hashable,
    same,
    (
        "[x for x, n in Counter($g).items() if n == 1]",
        "[x for x in $l if $l.count(x) == 1]",
    ),
    ("keep the $h that occur exactly once", "drop all $h that occur several times"),
    ("those of $np that occur exactly once",),
    "distinct",
    imports=("from collections import Counter",),
    names=("unique_$n", "single_$n", "unrepeated_$n"),
    weight=0.8,
)
whole(
    "top_common",
    hashable,
    same,
    ("[x for x, _ in Counter($g).most_common($k)]",),
    ("take the $k most frequent $h, most frequent first",),
    ("the $k most common ones of $np, most frequent first",),
    "distinct end",
    params={"k": small(2, 3, "n", "k", "count")},
    imports=("from collections import Counter",),
    names=("top_$n", "most_common_$n"),
    weight=0.8,
)
whole(
    "index_dict",
    hashable,
    lambda ty: dict_of(of(ty), INT),
    ("{x: i for i, x in enumerate($g)}",),
    (
        "map each $s to its last index",
        "build a dictionary from each $s to its (last) index",
    ),
    ("a dictionary from each of $np to its last index",),
    "",
    noun="index|indexes|one",
    names=("positions_of_$n", "index_$n"),
    weight=0.5,
)
whole(
    "largest_n",
    nums,
    same,
    ("sorted($g, reverse=True)[:$k]",),
    ("take the $k largest of $o in descending order",),
    ("the $k largest of $np, largest first", "the top $k of $np in descending order"),
    "sorted orders",
    params={"k": small(2, 3, "n", "k", "count")},
    names=("largest_$n", "top_$n"),
    weight=0.9,
)
whole(
    "smallest_n",
    nums,
    same,
    ("sorted($g)[:$k]",),
    ("take the $k smallest of $o in ascending order",),
    ("the $k smallest of $np, smallest first",),
    "sorted orders",
    params={"k": small(2, 3, "n", "k", "count")},
    names=("smallest_$n", "lowest_$n"),
    weight=0.7,
)
whole(
    "without_extremes",
    nums,
    same,
    ("sorted($g)[1:-1]",),
    ("sort $o and leave out the smallest and the largest",),
    ("$np in ascending order without one smallest and one largest value",),
    "sorted orders",
    names=("trimmed_$n", "middle_$n"),
    weight=0.5,
)
whole(
    "is_sorted",
    flat,
    always(Ty("bool")),
    ("all(a <= b for a, b in zip($l, $l[1:]))", "$l == sorted($l)"),
    ("check whether $o are in ascending order",),
    ("whether $np are in ascending order (equal neighbours allowed)",),
    "end",
    noun="answer|answers|one",
    names=("is_sorted", "$n_sorted", "are_$n_ascending"),
    weight=0.6,
)
whole(
    "all_distinct",
    hashable,
    always(Ty("bool")),
    ("len(set($l)) == len($l)",),
    ("check that no $s occurs twice", "check whether all of $o are different"),
    ("whether $np are all different", "whether no value occurs twice among $np"),
    "end unordered",
    noun="answer|answers|one",
    names=("all_different_$n", "all_distinct", "has_unique_$n"),
    weight=0.6,
)
whole(
    "has_duplicates",
    hashable,
    always(Ty("bool")),
    ("len(set($l)) != len($l)", "len(set($l)) < len($l)"),
    ("check whether some $s occurs more than once",),
    ("whether some value occurs more than once among $np",),
    "end unordered",
    noun="answer|answers|one",
    names=("has_duplicates", "has_repeated_$n"),
    weight=0.6,
)
whole(
    "rank_positions",
    nums,
    same,
    ("[sorted($l).index(x) for x in $l]",),
    ("replace each $s by its index in the sorted list",),
    ("the index of each of $np in sorted order",),
    "",
    noun="rank|ranks|many",
    names=("ranks_of_$n", "$n_ranks"),
    weight=0.4,
    sampled=False,
)
whole(
    "from_max",
    nums,
    same,
    ("[max($l) - x for x in $l]",),
    ("subtract each $s from the largest one",),
    ("how far each of $np is below the largest one",),
    "",
    noun="gap|gaps|many",
    names=("gaps_to_best", "$n_below_max"),
    weight=0.5,
    sampled=False,
)
