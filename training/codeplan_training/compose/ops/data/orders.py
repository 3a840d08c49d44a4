"""Operations that sort a list or select from it by place."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import (
    any_list,
    flat,
    hashable,
    ints,
    nums,
    of,
    same,
    texts,
)
from codeplan_training.compose.ops.prims import small
from codeplan_training.compose.ops.whole import whole
from codeplan_training.compose.values import set_of

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
    ints,
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
