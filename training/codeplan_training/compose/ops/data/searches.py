"""Algorithms on lists: pairs, partitions, sorting, searching, dealing out."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import always, ints, nums, of, plain, same, texts
from codeplan_training.compose.ops.prims import Choice, one_of, small
from codeplan_training.compose.ops.whole import algo
from codeplan_training.compose.values import BOOL, INT, STR, Ty, list_of, pair_of

algo(
    "pair_with_sum",
    ints,
    always(Ty("opt", pair_of(INT, INT))),
    (
        "the first pair of $h in $np that add up to $k (None if there is none)",
        "two $h from $np whose sum is $k, or None",
    ),
    (
        "seen = set()\nfor v in $l:\n    if $k - v in seen:\n        return $k - v, v\n"
        "    seen.add(v)\n=> None",
        "keep a set of the $h seen so far",
        "if the missing part to $k was seen, return it together with the current $s",
        "add the $s to the set",
        "return None after the loop",
    ),
    noun="pair|pairs|one",
    params={"k": small(8, 25, "target", "total", what="the wanted sum", chance=0.7)},
    names=("pair_with_sum", "find_pair", "two_that_add_up"),
    weight=0.7,
)
algo(
    "count_pairs",
    ints,
    always(INT),
    ("the number of pairs of $h in $np (at different positions) whose sum is $k",),
    (
        "count = 0\nfor i in range(len($l)):\n    for j in range(i + 1, len($l)):\n"
        "        if $l[i] + $l[j] == $k:\n            count += 1\n=> count",
        "compare each $s with every later one",
        "count the pairs that add up to $k",
    ),
    (
        "=> sum(a + b == $k for a, b in combinations($l, 2))",
        "make all pairs with combinations",
        "count those whose sum is $k",
    ),
    noun="count|counts|one",
    imports=("from itertools import combinations",),
    params={"k": small(6, 20, "target", "total", what="the wanted sum", chance=0.6)},
    names=("count_pairs", "pairs_with_sum", "number_of_pairs"),
    weight=0.6,
)
algo(
    "closest_pair_gap",
    ints,
    always(INT),
    ("the smallest difference between two $h of $np",),
    (
        "ordered = sorted($l)\n=> min(b - a for a, b in zip(ordered, ordered[1:]))",
        "sort the $h",
        "the closest two are neighbours now; take the smallest difference of neighbours",
    ),
    noun="difference|differences|one",
    names=("smallest_gap", "closest_gap", "minimum_difference"),
    weight=0.7,
)
algo(
    "first_repeat",
    plain,
    lambda ty: Ty("opt", of(ty)),
    (
        "the first $s in $np that occurred before (None if all are different)",
        "the first repeated $s of $np, or None",
    ),
    (
        "seen = set()\nfor v in $l:\n    if v in seen:\n        return v\n    seen.add(v)\n=> None",
        "keep a set of the $h seen so far",
        "return the first $s that is in the set already",
        "return None after the loop",
    ),
    noun="one",
    names=("first_repeat", "first_duplicate", "first_repeated_$s"),
    weight=0.8,
)
algo(
    "first_single",
    plain,
    lambda ty: Ty("opt", of(ty)),
    ("the first $s of $np that occurs only once (None if there is none)",),
    (
        "counts = Counter($l)\nfor v in $l:\n    if counts[v] == 1:\n        return v\n=> None",
        "count all $h",
        "return the first one with a count of 1",
        "return None if there is none",
    ),
    noun="one",
    imports=("from collections import Counter",),
    exprs=("next((v for v in $l if $l.count(v) == 1), None)",),
    names=("first_unique", "first_single_$s"),
    weight=0.7,
)
algo(
    "partition",
    nums,
    list_of,
    (
        "two lists: the $h of $np below $k and the other ones",
        "$np divided into a list of those below $k and a list of the rest",
    ),
    (
        "low, high = [], []\nfor v in $l:\n    if v < $k:\n        low.append(v)\n    else:\n"
        "        high.append(v)\n=> [low, high]",
        "start with two empty lists",
        "append each $s below $k to the first list and every other one to the second",
    ),
    exprs=("[[v for v in $l if v < $k], [v for v in $l if v >= $k]]",),
    flags="",
    noun="part|parts|many",
    sampled=False,
    params={"k": small(3, 14, "limit", "pivot", "bound", what="the bound")},
    names=("partition_$n", "split_by_limit", "divide_$n"),
    weight=0.8,
)
algo(
    "even_odd",
    ints,
    list_of,
    (
        "two lists: the even and the odd ones of $np",
        "$np separated into a list of the even and a list of the odd $h",
    ),
    (
        "even, odd = [], []\nfor v in $l:\n    (even if v % 2 == 0 else odd).append(v)\n"
        "=> [even, odd]",
        "start with two empty lists",
        "append each $s to the list for its parity",
    ),
    exprs=("[[v for v in $l if v % 2 == 0], [v for v in $l if v % 2]]",),
    flags="",
    noun="part|parts|many",
    sampled=False,
    names=("even_and_odd", "split_by_parity", "separate_$n"),
    weight=0.6,
)
algo(
    "move_zeros",
    ints,
    same,
    ("$np with all zeros moved to the end, the order of the others kept",),
    (
        "kept = [v for v in $l if v != 0]\n=> kept + [0] * (len($l) - len(kept))",
        "keep the $h that are not zero",
        "append as many zeros as are missing",
    ),
    exprs=("sorted($l, key=lambda v: v == 0)",),
    says=("move all zeros of $o to the end",),
    flags="",
    names=("zeros_last", "push_zeros_back"),
    weight=0.5,
)
algo(
    "binary_search",
    ints,
    always(INT),
    (
        "the index of $k in the sorted list of $np (-1 if it is missing), found by halving the "
        "range",
    ),
    (
        "low, high = 0, len($l) - 1\nwhile low <= high:\n    mid = (low + high) // 2\n"
        "    if $l[mid] == $k:\n        return mid\n    if $l[mid] < $k:\n        low = mid + 1\n"
        "    else:\n        high = mid - 1\n=> -1",
        "search between the first and the last index",
        "look at the middle: return its index if it is the target",
        "continue in the upper half if the middle is too small, otherwise in the lower half",
        "return -1 when the range is empty",
    ),
    noun="index|indexes|one",
    params={"k": small(1, 20, "target", "wanted", what="the number to look for", chance=1.0)},
    names=("find_sorted", "search_sorted", "index_by_halving"),
    weight=0.0,
)
algo(
    "insert_sorted",
    ints,
    same,
    ("$np in ascending order with $k inserted at the right place",),
    (
        "ordered = sorted($l)\ni = 0\nwhile i < len(ordered) and ordered[i] < $k:\n    i += 1\n"
        "=> ordered[:i] + [$k] + ordered[i:]",
        "sort the $h",
        "find the first position whose $s is not below $k",
        "put $k there",
    ),
    exprs=("sorted([*$l, $k])", "sorted($l + [$k])"),
    says=("add $k to $o and sort the result",),
    flags="sorted",
    params={"k": small(1, 20, "new", "value", "extra", what="the number to insert", chance=0.8)},
    names=("insert_sorted", "add_in_order"),
    weight=0.6,
)
algo(
    "merge_sorted",
    ints,
    same,
    ("$np and $k merged into one sorted list",),
    (
        "rest = sorted($k)\nmerged = []\nfor v in sorted($l):\n    while rest and rest[0] < v:\n"
        "        merged.append(rest.pop(0))\n    merged.append(v)\n=> merged + rest",
        "sort both lists",
        "before each $s of the first list append all smaller ones of the second",
        "append what is left of the second list",
    ),
    exprs=("sorted($l + $k)", "sorted([*$l, *$k])"),
    flags="sorted",
    params={"k": Choice(lambda r, _: 0, ("other", "second"), "same", "a second list", 1.0)},
    names=("merge_$n", "merge_sorted", "combine_sorted"),
    weight=0.6,
)
algo(
    "bubble",
    ints,
    same,
    (
        "$np in ascending order, sorted by exchanging neighbours",
        "$np sorted from small to large without the built-in sort",
    ),
    (
        "ordered = list($l)\nfor end in range(len(ordered) - 1, 0, -1):\n"
        "    for i in range(end):\n        if ordered[i] > ordered[i + 1]:\n"
        "            ordered[i], ordered[i + 1] = ordered[i + 1], ordered[i]\n=> ordered",
        "copy the list",
        "go through the list again and again, each time one position less",
        "exchange neighbours that are in the wrong order",
    ),
    (
        "ordered = []\nfor v in $l:\n    place = 0\n"
        "    while place < len(ordered) and ordered[place] <= v:\n        place += 1\n"
        "    ordered.insert(place, v)\n=> ordered",
        "start with an empty sorted list",
        "find the place behind all $h that are not greater",
        "insert the $s there",
    ),
    flags="sorted",
    names=("sort_by_swapping", "simple_sort", "own_sort"),
    weight=0.5,
)
algo(
    "second_largest",
    ints,
    always(Ty("opt", INT)),
    ("the second largest different $s in $np (None if there are not two)",),
    (
        "best = second = None\nfor v in $l:\n    if best is None or v > best:\n"
        "        best, second = v, best\n    elif v != best and (second is None or v > second):\n"
        "        second = v\n=> second",
        "keep the largest and the second largest",
        "a greater $s becomes the largest and the old one the second",
        "another $s replaces the second if it is greater than that",
    ),
    (
        "ordered = sorted(set($l), reverse=True)\n=> ordered[1] if len(ordered) > 1 else None",
        "sort the different $h in descending order",
        "return the second one, or None if there is none",
    ),
    noun="one",
    names=("second_largest", "runner_up", "second_highest"),
    weight=0.7,
)
algo(
    "stack_pairs",
    texts,
    same,
    ("$np after cancelling equal neighbours in pairs with a stack",),
    (
        "stack = []\nfor v in $l:\n    if stack and stack[-1] == v:\n        stack.pop()\n"
        "    else:\n        stack.append(v)\n=> stack",
        "keep a stack",
        "if the $s equals the top of the stack, remove the top, otherwise push the $s",
        "return what is left",
    ),
    flags="",
    names=("cancel_pairs", "remove_adjacent_pairs"),
    weight=0.4,
)
algo(
    "gcd_all",
    ints,
    always(INT),
    ("the greatest common divisor of $np",),
    (
        "result = 0\nfor v in $l:\n    result = math.gcd(result, v)\n=> result",
        "start with 0",
        "replace the result by the gcd of it and each $s",
    ),
    exprs=("math.gcd(*$l)",),
    flags="unordered",
    noun="divisor|divisors|one",
    imports=("import math",),
    names=("common_divisor", "gcd_of_$n", "shared_divisor"),
    weight=0.6,
)
algo(
    "subset_reachable",
    ints,
    always(BOOL),
    ("whether some of $np add up to exactly $k",),
    (
        "sums = {0}\nfor v in $l:\n    sums |= {total + v for total in sums}\n=> $k in sums",
        "start with the set of sums {0}",
        "for each $s add the set of all sums increased by it",
        "check whether $k was reached",
    ),
    noun="answer|answers|one",
    params={"k": small(5, 40, "target", "total", what="the wanted sum", chance=0.8)},
    names=("can_make_sum", "reachable", "can_add_up_to"),
    weight=0.5,
)
algo(
    "josephus",
    plain,
    same,
    (
        "$np in the order in which they leave a circle when every $kth one is removed, counting "
        "from the front",
    ),
    (
        "circle = list($l)\nleaving = []\ni = 0\nwhile circle:\n"
        "    i = (i + $k - 1) % len(circle)\n    leaving.append(circle.pop(i))\n=> leaving",
        "copy the circle and start at index 0",
        "move on by $k - 1 places, wrapping around the end",
        "take out the $s there and go on until the circle is empty",
    ),
    params={"k": small(2, 3, chance=0.0)},
    names=("leaving_order", "count_out", "elimination_order"),
    weight=0.4,
)
algo(
    "round_robin",
    plain,
    list_of,
    (
        "$np dealt in turns to $k groups",
        "a list of $k groups to which $np are dealt in turns",
    ),
    (
        "groups = [[] for _ in range($k)]\nfor i, v in enumerate($l):\n"
        "    groups[i % $k].append(v)\n=> groups",
        "make $k empty groups",
        "append each $s to the group of its index modulo $k",
    ),
    exprs=("[$l[i::$k] for i in range($k)]",),
    flags="",
    noun="group|groups|many",
    sampled=False,
    params={"k": small(2, 3, "groups_count", "n", "teams", "players")},
    names=("deal_$n", "distribute_$n", "round_robin"),
    weight=0.7,
)
algo(
    "closest_value",
    nums,
    of,
    ("the $s in $np that is closest to $k (the first one on ties)",),
    (
        "best = $l[0]\nfor v in $l:\n    if abs(v - $k) < abs(best - $k):\n        best = v\n"
        "=> best",
        "start with the first $s",
        "replace it by every $s that is nearer to $k",
    ),
    exprs=("min($l, key=lambda v: abs(v - $k))",),
    flags="",
    noun="one",
    params={"k": small(0, 20, "target", "goal", what="the value to come close to", chance=0.6)},
    names=("closest_to", "nearest_$s", "closest_$s"),
    weight=0.7,
)
algo(
    "histogram",
    ints,
    always(list_of(STR)),
    ("one line of $k for each of $np, as long as the number says",),
    (
        "lines = []\nfor v in $l:\n    lines.append($k * v)\n=> lines",
        "start with an empty list",
        "append $k repeated as often as the $s says",
    ),
    exprs=("[$k * v for v in $l]",),
    flags="",
    noun="line|lines|many",
    params={"k": one_of(("*", "#", "="))},
    names=("bars", "bar_lines", "draw_$n"),
    weight=0.5,
)
algo(
    "bins",
    ints,
    always(list_of(INT)),
    (
        "how many of $np fall into each range of $k: 0 to below $k, and so on, for all ranges up "
        "to the largest",
    ),
    (
        "counts = [0] * (max($l, default=-1) // $k + 1)\nfor v in $l:\n    counts[v // $k] += 1\n"
        "=> counts",
        "make a zero for every range up to the largest $s",
        "add 1 at the index of the $s divided by $k",
    ),
    flags="nonnegative",
    noun="count|counts|many",
    params={"k": small(5, 10, "width", "size", "step")},
    names=("bin_counts", "histogram_counts"),
    weight=0.4,
)
