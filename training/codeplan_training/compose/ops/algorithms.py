"""Data of small algorithms with loops: scans, stacks, two pointers, dynamic programming."""

from __future__ import annotations

from random import Random

from codeplan_training.compose.ops.prims import Choice, one_of, small
from codeplan_training.compose.ops.whole import Block, whole
from codeplan_training.compose.values import BOOL, INT, STR, Ty, list_of, pair_of


def ints(ty: Ty) -> bool:
    return ty == list_of(INT)


def nums(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "float")


def plain(ty: Ty) -> bool:
    return ty.kind == "list" and ty.of in (INT, STR)


def texts(ty: Ty) -> bool:
    return ty == list_of(STR)


def text(ty: Ty) -> bool:
    return ty == STR


def number(ty: Ty) -> bool:
    return ty == INT


def same(ty: Ty) -> Ty:
    return ty


def element(ty: Ty) -> Ty:
    assert ty.of is not None
    return ty.of


def always(ty: Ty):  # noqa: ANN201
    return lambda _: ty


def _shuffled(rng: Random, value: str) -> str:
    return "".join(rng.sample(value, len(value)))


def algo(id, takes, gives, np, *blocks, **more):  # noqa: ANN001, ANN201
    """An algorithm: noun phrases, and blocks of code with their plans."""
    made = tuple(Block(code, tuple(steps)) for code, *steps in blocks)
    exprs = more.pop("exprs", ())
    says = more.pop("says", ())
    flags = more.pop("flags", "end")
    whole(id, takes, gives, exprs, says, np, flags, blocks=made, **more)


algo(
    "longest_run",
    plain,
    always(INT),
    (
        "the length of the longest run of equal neighbours in $np",
        "how many equal $h stand next to each other at most in $np",
    ),
    (
        "best = run = 0\nprevious = None\nfor v in $l:\n    run = run + 1 if v == previous else 1\n    best = max(best, run)\n    previous = v\n=> best",
        "go through the $h and remember the one before",
        "the current run grows by 1 if the $s is equal to the one before, otherwise it starts again at 1",
        "keep the longest run",
    ),
    (
        "=> max((len(list(group)) for _, group in groupby($l)), default=0)",
        "group equal neighbours with groupby",
        "take the size of the largest group, 0 if there is none",
    ),
    noun="length|lengths|one",
    imports=("from itertools import groupby",),
    names=("longest_run", "longest_streak", "max_run_length"),
    weight=0.9,
)
algo(
    "run_lengths",
    plain,
    lambda ty: list_of(pair_of(element(ty), INT)),
    (
        "the runs of equal neighbours in $np as (value, length) pairs",
        "the run-length encoding of $np as pairs of value and count",
    ),
    (
        "runs = []\nfor v in $l:\n    if runs and runs[-1][0] == v:\n        runs[-1] = (v, runs[-1][1] + 1)\n    else:\n        runs.append((v, 1))\n=> runs",
        "start with an empty list of runs",
        "if the $s is equal to the value of the last run, make that run longer by 1",
        "otherwise append a new run of length 1",
    ),
    (
        "=> [(v, len(list(group))) for v, group in groupby($l)]",
        "group equal neighbours",
        "make a pair of the value and the size for each group",
    ),
    noun="pair|pairs|many",
    imports=("from itertools import groupby",),
    names=("run_lengths", "encode_runs", "runs_of_$n"),
    weight=0.8,
)
algo(
    "collapse_runs",
    plain,
    same,
    (
        "$np with runs of equal neighbours reduced to one",
        "$np without immediate repetitions",
    ),
    (
        "kept = []\nfor v in $l:\n    if not kept or kept[-1] != v:\n        kept.append(v)\n=> kept",
        "start with an empty list",
        "append each $s unless it is equal to the last one kept",
    ),
    exprs=("[v for i, v in enumerate($l) if i == 0 or v != $l[i - 1]]",),
    says=(
        "drop every one of $o that is equal to the one before it",
        "squeeze runs of equal $h to one",
    ),
    flags="",
    names=("squeeze_$n", "collapse_repeats", "without_repeats"),
    weight=0.9,
)
algo(
    "split_runs",
    plain,
    lambda ty: list_of(ty),
    (
        "$np split into lists of equal neighbours",
        "the groups of equal neighbours in $np",
    ),
    (
        "groups = []\nfor v in $l:\n    if groups and groups[-1][-1] == v:\n        groups[-1].append(v)\n    else:\n        groups.append([v])\n=> groups",
        "start with no groups",
        "append the $s to the last group if it is equal to its members, otherwise open a new group",
    ),
    exprs=("[list(group) for _, group in groupby($l)]",),
    imports=("from itertools import groupby",),
    flags="",
    noun="group|groups|many",
    sampled=False,
    names=("group_repeats", "split_into_runs"),
    weight=0.7,
)
algo(
    "increasing_run",
    nums,
    always(INT),
    (
        "the length of the longest strictly increasing stretch of neighbours in $np",
        "how long the longest rise without interruption in $np is",
    ),
    (
        "best = run = 0\nfor i, v in enumerate($l):\n    run = run + 1 if i and v > $l[i - 1] else 1\n    best = max(best, run)\n=> best",
        "go through the $h with their index",
        "the current stretch grows if the $s is greater than the one before, otherwise it starts again at 1",
        "keep the largest length",
    ),
    noun="length|lengths|one",
    names=("longest_rise", "longest_increase", "rising_streak"),
    weight=0.8,
)
algo(
    "streak_above",
    nums,
    always(INT),
    (
        "the length of the longest run of $h above $k in $np",
        "how many $h in a row are greater than $k at most in $np",
    ),
    (
        "best = run = 0\nfor v in $l:\n    run = run + 1 if v > $k else 0\n    best = max(best, run)\n=> best",
        "count the $h in a row that are above $k; the count falls back to 0 at any other $s",
        "keep the largest count",
    ),
    noun="length|lengths|one",
    params={"k": small(4, 12, "limit", "threshold", "minimum", what="the bound")},
    names=("longest_streak_above", "best_streak", "hot_streak"),
    weight=0.8,
)
algo(
    "max_subarray",
    ints,
    always(INT),
    (
        "the largest sum of a contiguous, non-empty part of $np",
        "the greatest sum that neighbouring $h of $np can have",
    ),
    (
        "best = current = $l[0]\nfor v in $l[1:]:\n    current = max(v, current + v)\n    best = max(best, current)\n=> best",
        "start with the first $s as current and best sum",
        "the best part that ends at a $s is that $s alone or added to the part before",
        "keep the largest sum",
    ),
    noun="sum|sums|one",
    names=("best_stretch", "largest_segment_sum", "peak_total"),
    weight=0.6,
    sampled=False,
)
algo(
    "best_window",
    ints,
    always(INT),
    (
        "the largest sum of $k neighbouring $h in $np",
        "the greatest total of $k consecutive $h in $np",
    ),
    (
        "best = current = sum($l[:$k])\nfor i in range($k, len($l)):\n    current += $l[i] - $l[i - $k]\n    best = max(best, current)\n=> best",
        "add up the first $k $h",
        "slide the window: add the next $s and subtract the one that leaves it",
        "keep the largest sum",
    ),
    (
        "=> max((sum($l[i:i + $k]) for i in range(len($l) - $k + 1)), default=sum($l))",
        "add up every window of $k neighbours",
        "take the largest sum; with fewer than $k $h take the sum of all",
    ),
    noun="sum|sums|one",
    params={"k": small(2, 3, "size", "width", "k")},
    names=("best_window", "max_window_sum", "busiest_window"),
    weight=0.8,
    sampled=False,
)
algo(
    "moving_average",
    nums,
    always(list_of(Ty("float"))),
    (
        "the averages of every $k neighbouring $h in $np",
        "the moving average of $np over $k values",
    ),
    (
        "averages = []\nfor i in range(len($l) - $k + 1):\n    averages.append(sum($l[i:i + $k]) / $k)\n=> averages",
        "take every window of $k neighbours",
        "append its sum divided by $k",
    ),
    exprs=("[sum($l[i:i + $k]) / $k for i in range(len($l) - $k + 1)]",),
    says=(
        "average every $k neighbours of $o",
        "smooth $o with a moving average over $k values",
    ),
    noun="average|averages|many",
    flags="",
    params={"k": one_of((2, 4), "size", "width", kind="int")},
    names=("moving_average", "smooth_$n", "rolling_mean"),
    weight=0.9,
)
algo(
    "pair_with_sum",
    ints,
    always(Ty("opt", pair_of(INT, INT))),
    (
        "the first pair of $h in $np that add up to $k (None if there is none)",
        "two $h from $np whose sum is $k, or None",
    ),
    (
        "seen = set()\nfor v in $l:\n    if $k - v in seen:\n        return $k - v, v\n    seen.add(v)\n=> None",
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
        "count = 0\nfor i in range(len($l)):\n    for j in range(i + 1, len($l)):\n        if $l[i] + $l[j] == $k:\n            count += 1\n=> count",
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
    "peaks",
    nums,
    same,
    (
        "the $h in $np that are greater than both neighbours",
        "the local maximums inside $np",
    ),
    (
        "found = []\nfor i in range(1, len($l) - 1):\n    if $l[i - 1] < $l[i] > $l[i + 1]:\n        found.append($l[i])\n=> found",
        "go through the inner positions",
        "append the $s if it is greater than the one before and the one after",
    ),
    exprs=("[b for a, b, c in zip($l, $l[1:], $l[2:]) if a < b > c]",),
    says=("keep the $h that are greater than both neighbours",),
    flags="",
    names=("peaks", "local_maxima", "peaks_of_$n"),
    weight=0.9,
)
algo(
    "leaders",
    nums,
    same,
    (
        "the $h in $np that are greater than all before them",
        "the record values of $np, each greater than everything before it",
    ),
    (
        "records = []\nfor v in $l:\n    if not records or v > records[-1]:\n        records.append(v)\n=> records",
        "start with an empty list",
        "append a $s if it is greater than the last record or the first of all",
    ),
    flags="",
    says=("keep the $h that are greater than everything before them",),
    names=("records", "record_$n", "new_highs"),
    weight=0.8,
)
algo(
    "rises",
    nums,
    always(INT),
    (
        "how often a $s in $np is greater than the one before",
        "the number of increases from one $s to the next in $np",
    ),
    (
        "count = 0\nfor i in range(1, len($l)):\n    if $l[i] > $l[i - 1]:\n        count += 1\n=> count",
        "start a counter at 0",
        "compare each $s with the one before and count the increases",
    ),
    exprs=("sum(b > a for a, b in zip($l, $l[1:]))",),
    flags="",
    noun="count|counts|one",
    names=("count_rises", "increases", "number_of_rises"),
    weight=0.8,
)
algo(
    "sign_changes",
    ints,
    always(INT),
    ("how often the sign changes between neighbouring $h in $np, zeros left out",),
    (
        "signs = [v > 0 for v in $l if v]\n=> sum(a != b for a, b in zip(signs, signs[1:]))",
        "drop the zeros and note for each other $s whether it is positive",
        "count the neighbouring notes that differ",
    ),
    noun="count|counts|one",
    names=("sign_changes", "count_sign_changes"),
    weight=0.5,
)
algo(
    "balance_index",
    ints,
    always(INT),
    (
        "the first index of $np where the sum of everything before equals the sum of everything after (-1 if there is none)",
    ),
    (
        "total = sum($l)\nleft = 0\nfor i, v in enumerate($l):\n    if left == total - left - v:\n        return i\n    left += v\n=> -1",
        "compute the total",
        "keep the sum of the $h before the current one",
        "return the index where it equals the rest after the current $s",
        "return -1 if no index fits",
    ),
    noun="index|indexes|one",
    names=("balance_point", "pivot_index", "balanced_at"),
    weight=0.4,
)
algo(
    "first_repeat",
    plain,
    lambda ty: Ty("opt", element(ty)),
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
    lambda ty: Ty("opt", element(ty)),
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
    lambda ty: list_of(ty),
    (
        "two lists: the $h of $np below $k and the other ones",
        "$np divided into a list of those below $k and a list of the rest",
    ),
    (
        "low, high = [], []\nfor v in $l:\n    if v < $k:\n        low.append(v)\n    else:\n        high.append(v)\n=> [low, high]",
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
    lambda ty: list_of(ty),
    (
        "two lists: the even and the odd ones of $np",
        "$np separated into a list of the even and a list of the odd $h",
    ),
    (
        "even, odd = [], []\nfor v in $l:\n    (even if v % 2 == 0 else odd).append(v)\n=> [even, odd]",
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
    "take_while",
    nums,
    same,
    (
        "the $h at the start of $np as long as they are below $k",
        "the leading $h of $np up to the first that is $k or more",
    ),
    (
        "taken = []\nfor v in $l:\n    if v >= $k:\n        break\n    taken.append(v)\n=> taken",
        "append the $h one by one",
        "stop at the first one that is not below $k",
    ),
    exprs=("list(takewhile(lambda v: v < $k, $l))",),
    says=("take the $h from the front as long as they are below $k",),
    imports=("from itertools import takewhile",),
    flags="",
    params={"k": small(5, 15, "limit", "stop", "bound", what="the bound")},
    names=("leading_$n", "take_while_low", "$n_until_limit"),
    weight=0.7,
)
algo(
    "drop_while",
    nums,
    same,
    (
        "$np without the leading ones below $k",
        "the rest of $np from the first $s on that is at least $k",
    ),
    (
        "start = 0\nwhile start < len($l) and $l[start] < $k:\n    start += 1\n=> $l[start:]",
        "move a start index forward while the $s there is below $k",
        "return the slice from the start index",
    ),
    exprs=("list(dropwhile(lambda v: v < $k, $l))",),
    says=("drop the $h at the front as long as they are below $k",),
    imports=("from itertools import dropwhile",),
    flags="",
    params={"k": small(4, 12, "limit", "bound", what="the bound")},
    names=("drop_leading", "$n_from_limit", "skip_low_start"),
    weight=0.6,
)
algo(
    "until_total",
    ints,
    always(INT),
    (
        "how many of $np, taken from the front, are needed until their sum reaches $k (-1 if it never does)",
    ),
    (
        "total = 0\nfor count, v in enumerate($l, start=1):\n    total += v\n    if total >= $k:\n        return count\n=> -1",
        "add the $h one by one",
        "return how many were added as soon as the total reaches $k",
        "return -1 if all together are not enough",
    ),
    noun="count|counts|one",
    params={"k": small(15, 60, "target", "goal", "limit", what="the sum to reach", chance=0.6)},
    names=("needed_for_total", "steps_to_goal", "how_many_until"),
    weight=0.7,
)
algo(
    "fill_budget",
    ints,
    same,
    (
        "the $h of $np that fit when they are taken in order as long as their sum stays at most $k; a $s that does not fit is skipped",
    ),
    (
        "chosen = []\nleft = $k\nfor v in $l:\n    if v <= left:\n        chosen.append(v)\n        left -= v\n=> chosen",
        "remember how much of $k is left",
        "take each $s that still fits and subtract it from what is left",
    ),
    flags="",
    params={
        "k": small(
            20,
            80,
            "budget",
            "capacity",
            "limit",
            what="the largest allowed sum",
            chance=0.7,
        )
    },
    names=("fill_budget", "what_fits", "choose_within"),
    weight=0.7,
)
algo(
    "binary_search",
    ints,
    always(INT),
    (
        "the index of $k in the sorted list of $np (-1 if it is missing), found by halving the range",
    ),
    (
        "low, high = 0, len($l) - 1\nwhile low <= high:\n    mid = (low + high) // 2\n    if $l[mid] == $k:\n        return mid\n    if $l[mid] < $k:\n        low = mid + 1\n    else:\n        high = mid - 1\n=> -1",
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
        "ordered = sorted($l)\ni = 0\nwhile i < len(ordered) and ordered[i] < $k:\n    i += 1\n=> ordered[:i] + [$k] + ordered[i:]",
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
        "rest = sorted($k)\nmerged = []\nfor v in sorted($l):\n    while rest and rest[0] < v:\n        merged.append(rest.pop(0))\n    merged.append(v)\n=> merged + rest",
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
        "ordered = list($l)\nfor end in range(len(ordered) - 1, 0, -1):\n    for i in range(end):\n        if ordered[i] > ordered[i + 1]:\n            ordered[i], ordered[i + 1] = ordered[i + 1], ordered[i]\n=> ordered",
        "copy the list",
        "go through the list again and again, each time one position less",
        "exchange neighbours that are in the wrong order",
    ),
    (
        "ordered = []\nfor v in $l:\n    place = 0\n    while place < len(ordered) and ordered[place] <= v:\n        place += 1\n    ordered.insert(place, v)\n=> ordered",
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
        "best = second = None\nfor v in $l:\n    if best is None or v > best:\n        best, second = v, best\n    elif v != best and (second is None or v > second):\n        second = v\n=> second",
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
        "stack = []\nfor v in $l:\n    if stack and stack[-1] == v:\n        stack.pop()\n    else:\n        stack.append(v)\n=> stack",
        "keep a stack",
        "if the $s equals the top of the stack, remove the top, otherwise push the $s",
        "return what is left",
    ),
    flags="",
    names=("cancel_pairs", "remove_adjacent_pairs"),
    weight=0.4,
)
algo(
    "alternating_sum",
    ints,
    always(INT),
    ("the alternating sum of $np (first minus second plus third and so on)",),
    (
        "total = 0\nfor i, v in enumerate($l):\n    total += v if i % 2 == 0 else -v\n=> total",
        "go through the $h with their index",
        "add those at even indexes and subtract the others",
    ),
    exprs=("sum($l[::2]) - sum($l[1::2])",),
    flags="",
    noun="sum|sums|one",
    names=("alternating_sum", "plus_minus_sum"),
    weight=0.7,
    sampled=False,
)
algo(
    "weighted_positions",
    ints,
    always(INT),
    ("the sum of $np, each multiplied by its position counted from 1",),
    (
        "total = 0\nfor position, v in enumerate($l, start=1):\n    total += position * v\n=> total",
        "number the $h from 1",
        "add up position times $s",
    ),
    exprs=("sum(i * v for i, v in enumerate($l, 1))",),
    flags="",
    noun="sum|sums|one",
    names=("weighted_sum", "checksum", "position_weighted"),
    weight=0.7,
    sampled=False,
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
    "max_profit",
    ints,
    always(INT),
    ("the largest increase from an earlier to a later $s in $np (0 if there is no increase)",),
    (
        "lowest = None\nbest = 0\nfor v in $l:\n    if lowest is None or v < lowest:\n        lowest = v\n    best = max(best, v - lowest)\n=> best",
        "remember the lowest $s so far",
        "the best increase that ends at a $s is its distance from the lowest before",
        "keep the largest",
    ),
    noun="increase|increases|one",
    names=("largest_increase", "best_gain", "max_climb"),
    weight=0.6,
)
algo(
    "no_adjacent",
    ints,
    always(INT),
    (
        "the largest sum of some of $np of which no two are neighbours (the empty choice counts as 0)",
    ),
    (
        "take = skip = 0\nfor v in $l:\n    take, skip = skip + v, max(take, skip)\n=> max(take, skip)",
        "keep two sums: the best one that uses the current $s and the best one that does not",
        "using the $s adds it to the sum that skipped the one before",
        "return the larger of the two at the end",
    ),
    noun="sum|sums|one",
    names=("best_spaced_sum", "sum_without_neighbours"),
    weight=0.4,
    sampled=False,
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
        "$np in the order in which they leave a circle when every $kth one is removed, counting from the front",
    ),
    (
        "circle = list($l)\nleaving = []\ni = 0\nwhile circle:\n    i = (i + $k - 1) % len(circle)\n    leaving.append(circle.pop(i))\n=> leaving",
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
    lambda ty: list_of(ty),
    (
        "$np dealt in turns to $k groups",
        "a list of $k groups to which $np are dealt in turns",
    ),
    (
        "groups = [[] for _ in range($k)]\nfor i, v in enumerate($l):\n    groups[i % $k].append(v)\n=> groups",
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
    element,
    ("the $s in $np that is closest to $k (the first one on ties)",),
    (
        "best = $l[0]\nfor v in $l:\n    if abs(v - $k) < abs(best - $k):\n        best = v\n=> best",
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
        "how many of $np fall into each range of $k: 0 to below $k, and so on, for all ranges up to the largest",
    ),
    (
        "counts = [0] * (max($l, default=-1) // $k + 1)\nfor v in $l:\n    counts[v // $k] += 1\n=> counts",
        "make a zero for every range up to the largest $s",
        "add 1 at the index of the $s divided by $k",
    ),
    flags="nonnegative",
    noun="count|counts|many",
    params={"k": small(5, 10, "width", "size", "step")},
    names=("bin_counts", "histogram_counts"),
    weight=0.4,
)

algo(
    "balanced",
    text,
    always(BOOL),
    ("whether the brackets $k in $np are balanced",),
    (
        "depth = 0\nfor ch in $l:\n    if ch == $k[0]:\n        depth += 1\n    elif ch == $k[1]:\n        depth -= 1\n        if depth < 0:\n            return False\n=> depth == 0",
        "keep the depth of open brackets",
        "an opening bracket raises it, a closing one lowers it",
        "return False if it falls below 0",
        "the depth must be 0 at the end",
    ),
    noun="answer|answers|one",
    params={"k": one_of(("()", "[]", "{}", "<>"))},
    flags="brackets end",
    names=("is_balanced", "brackets_match", "balanced"),
    weight=0.0,
)
algo(
    "compress",
    text,
    always(STR),
    (
        "$np with each run of equal characters written as the character and its count",
        "the run-length code of $np, like 'a3b1'",
    ),
    (
        "parts = []\ni = 0\nwhile i < len($l):\n    end = i\n    while end < len($l) and $l[end] == $l[i]:\n        end += 1\n    parts.append(f'{$l[i]}{end - i}')\n    i = end\n=> ''.join(parts)",
        "begin at the first character",
        "find the end of the run of equal characters",
        "append the character and the length of the run and go on behind it",
        "join the parts",
    ),
    exprs=("''.join(f'{ch}{len(list(group))}' for ch, group in groupby($l))",),
    imports=("from itertools import groupby",),
    flags="",
    noun="text|texts|one",
    names=("compress_$n", "run_length_code", "pack_runs"),
    weight=0.6,
)
algo(
    "is_anagram",
    text,
    always(BOOL),
    ("whether $np and $k consist of the same letters, ignoring case and spaces",),
    (
        "def letters(text):\n    return sorted(text.lower().replace(' ', ''))\n\n=> letters($l) == letters($k)",
        "write a helper that sorts the lower-case letters of a text without spaces",
        "compare the two results",
    ),
    noun="answer|answers|one",
    params={
        "k": Choice(
            lambda r, s: _shuffled(r, (s(r) if s else None) or "ab"),
            ("other", "second"),
            "str",
            "the other text",
            1.0,
        )
    },
    names=("same_letters", "are_anagrams", "letters_match"),
    weight=0.3,
)
algo(
    "longest_word",
    text,
    always(STR),
    (
        "the longest word in $np (the first one on ties)",
        "the longest of the words of $np, the first one if several are equally long",
    ),
    (
        "longest = ''\nfor word in $l.split():\n    if len(word) > len(longest):\n        longest = word\n=> longest",
        "start with an empty text as the longest",
        "replace it by every word that is longer",
    ),
    exprs=("max($l.split(), key=len, default='')",),
    says=("find the longest word of $o (the first one on ties)",),
    flags="",
    noun="word|words|one",
    names=("longest_word", "longest_word_in_$n"),
    weight=0.7,
)
algo(
    "word_lengths_text",
    text,
    always(list_of(INT)),
    ("the lengths of the words of $np",),
    (
        "lengths = []\nfor word in $l.split():\n    lengths.append(len(word))\n=> lengths",
        "split the text into words",
        "append the length of each word",
    ),
    exprs=("[len(word) for word in $l.split()]",),
    says=("list the lengths of the words of $o",),
    flags="",
    noun="length|lengths|many",
    names=("word_lengths", "lengths_of_words"),
    weight=0.6,
)
algo(
    "capital_words",
    text,
    always(STR),
    ("$np with every word longer than $k letters capitalised",),
    (
        "words = []\nfor word in $l.split():\n    words.append(word.capitalize() if len(word) > $k else word)\n=> ' '.join(words)",
        "split the text into words",
        "capitalise the words with more than $k letters and keep the others",
        "join the words with spaces",
    ),
    exprs=("' '.join(word.capitalize() if len(word) > $k else word for word in $l.split())",),
    flags="",
    noun="text|texts|one",
    params={"k": small(2, 4, "limit", "length", "minimum")},
    names=("capitalise_long_words", "headline"),
    weight=0.5,
)
algo(
    "swap_ends",
    text,
    always(STR),
    ("$np with the first and the last character exchanged (shorter texts unchanged)",),
    (
        "if len($l) < 2:\n    return $l\n=> $l[-1] + $l[1:-1] + $l[0]",
        "return texts with fewer than two characters as they are",
        "put the last character first and the first one last",
    ),
    noun="text|texts|one",
    names=("swap_ends", "exchange_ends"),
    weight=0.4,
)
algo(
    "alternate_case",
    text,
    always(STR),
    ("$np with upper and lower case letters in turns, beginning with upper case",),
    (
        "result = ''\nfor i, ch in enumerate($l):\n    result += ch.upper() if i % 2 == 0 else ch.lower()\n=> result",
        "go through the characters with their index",
        "write those at even indexes in upper case and the others in lower case",
    ),
    exprs=("''.join(ch.upper() if i % 2 == 0 else ch.lower() for i, ch in enumerate($l))",),
    says=("write the characters of $o in upper and lower case in turns",),
    flags="",
    noun="text|texts|one",
    names=("alternate_case", "zigzag_case"),
    weight=0.5,
)
algo(
    "common_prefix",
    texts,
    always(STR),
    ("the longest common prefix of $np", "the longest beginning that all of $np share"),
    (
        "if not $l:\n    return ''\nprefix = $l[0]\nfor v in $l[1:]:\n    while not v.startswith(prefix):\n        prefix = prefix[:-1]\n=> prefix",
        "return '' for an empty list",
        "start with the first $s as the prefix",
        "shorten the prefix until each other $s starts with it",
    ),
    noun="prefix|prefixes|one",
    flags="prefixed end",
    names=("common_prefix", "shared_start"),
    weight=0.3,
)
algo(
    "wrap_words",
    text,
    always(list_of(STR)),
    (
        "the words of $np filled into lines of at most $k characters",
        "$np broken into lines that are no longer than $k characters (words stay whole)",
    ),
    (
        "lines = []\nfor word in $l.split():\n    if lines and len(lines[-1]) + 1 + len(word) <= $k:\n        lines[-1] += ' ' + word\n    else:\n        lines.append(word)\n=> lines",
        "go through the words",
        "append the word to the last line if it fits with a space",
        "otherwise start a new line with it",
    ),
    flags="",
    noun="line|lines|many",
    params={"k": small(7, 14, "width", "limit")},
    names=("wrap_words", "fill_lines", "break_lines"),
    weight=0.5,
)
algo(
    "count_changes",
    text,
    always(INT),
    ("how many neighbouring characters of $np differ from each other",),
    (
        "count = 0\nfor i in range(1, len($l)):\n    if $l[i] != $l[i - 1]:\n        count += 1\n=> count",
        "start a counter at 0",
        "compare each character with the one before and count the differences",
    ),
    exprs=("sum(a != b for a, b in zip($l, $l[1:]))",),
    flags="",
    noun="count|counts|one",
    names=("count_changes", "letter_changes"),
    weight=0.5,
)
algo(
    "insert_every",
    text,
    always(STR),
    ("$np with $c after every $k characters (not at the end)",),
    (
        "parts = []\nfor i in range(0, len($l), $k):\n    parts.append($l[i:i + $k])\n=> $c.join(parts)",
        "cut the text into pieces of $k characters",
        "join the pieces with $c",
    ),
    exprs=("$c.join($l[i:i + $k] for i in range(0, len($l), $k))",),
    says=("insert $c after every $k characters of $o",),
    flags="",
    noun="text|texts|one",
    params={
        "k": small(2, 4, "size", "width", "group"),
        "c": one_of(("-", " ", ".", ":", "|"), "sep", "mark"),
    },
    names=("group_characters", "insert_marks", "spaced_out"),
    weight=0.6,
)
algo(
    "most_common_char",
    text,
    always(STR),
    ("the character that occurs most often in $np (the first one on ties, '' for an empty text)",),
    (
        "best = ''\nfor ch in $l:\n    if $l.count(ch) > $l.count(best) or not best:\n        best = ch\n=> best",
        "start with no best character",
        "replace it by a character that occurs more often",
    ),
    exprs=("max($l, key=$l.count, default='')",),
    flags="",
    noun="character|characters|one",
    names=("most_common_char", "favourite_letter", "most_frequent_character"),
    weight=0.5,
)
algo(
    "first_unique_char",
    text,
    always(STR),
    ("the first character of $np that occurs only once ('' if there is none)",),
    (
        "for ch in $l:\n    if $l.count(ch) == 1:\n        return ch\n=> ''",
        "go through the characters",
        "return the first one whose count is 1",
        "return '' if there is none",
    ),
    exprs=("next((ch for ch in $l if $l.count(ch) == 1), '')",),
    noun="character|characters|one",
    names=("first_unique_char", "first_single_letter"),
    weight=0.5,
)

algo(
    "collatz_steps",
    number,
    always(INT),
    (
        "how many steps it takes to get from $np to 1 when even numbers are halved and odd ones become three times the number plus 1 (0 for numbers below 2)",
    ),
    (
        "steps = 0\nvalue = $l\nwhile value > 1:\n    value = value // 2 if value % 2 == 0 else 3 * value + 1\n    steps += 1\n=> steps",
        "count the steps from 0",
        "while the value is above 1, halve it if it is even, otherwise take three times the value plus 1",
        "add 1 to the steps each time",
    ),
    noun="count|counts|one",
    names=("steps_to_one", "halving_steps"),
    weight=0.5,
)
algo(
    "digital_root",
    number,
    always(INT),
    (
        "the single digit that remains when the digits of $np are added up again and again",
        "the repeated digit sum of $np until one digit is left",
    ),
    (
        "value = $l\nwhile value > 9:\n    value = sum(int(d) for d in str(value))\n=> value",
        "while the value has more than one digit, replace it by its digit sum",
    ),
    (
        "if $l < 10:\n    return $l\n=> $f(sum(int(d) for d in str($l)))",
        "return a one-digit number as it is",
        "otherwise call the function with the digit sum",
    ),
    noun="digit|digits|one",
    flags="alone end",
    names=("repeated_digit_sum", "reduce_digits", "single_digit"),
    weight=0.6,
)
algo(
    "factorial_like",
    number,
    always(INT),
    (
        "the product of the numbers $np, $np - $k, $np - 2 * $k and so on as long as they are positive (1 if there are none)",
    ),
    (
        "product = 1\nvalue = $l\nwhile value > 0:\n    product *= value\n    value -= $k\n=> product",
        "start with a product of 1",
        "while the value is positive, multiply it in and lower it by $k",
    ),
    (
        "if $l <= 0:\n    return 1\n=> $l * $f($l - $k)",
        "return 1 for a value that is not positive",
        "otherwise multiply the value by the result for the value lowered by $k",
    ),
    noun="product|products|one",
    params={"k": small(2, 4, chance=0.0)},
    flags="alone small end",
    names=("step_factorial", "product_down", "stepped_product"),
    weight=0.4,
)
algo(
    "recurrence",
    number,
    always(INT),
    (
        "the element with index $np of the sequence that starts with $a, $b and continues with the sum of the two before",
    ),
    (
        "x, y = $a, $b\nfor _ in range($l):\n    x, y = y, x + y\n=> x",
        "start with the pair $a, $b",
        "move on as often as the index says: the second becomes the first, the sum becomes the second",
        "return the first",
    ),
    (
        "if $l == 0:\n    return $a\nif $l == 1:\n    return $b\n=> $f($l - 1) + $f($l - 2)",
        "the elements 0 and 1 are $a and $b",
        "every other element is the sum of the two before, computed by recursion",
    ),
    noun="element|elements|one",
    params={"a": small(1, 4, chance=0.0), "b": small(5, 9, chance=0.0)},
    flags="alone small end",
    names=("sequence_element", "sum_sequence", "nth_element"),
    weight=0.8,
)
algo(
    "to_base",
    number,
    always(STR),
    ("$np written in base $k",),
    (
        "digits = ''\nvalue = $l\nwhile value:\n    value, digit = divmod(value, $k)\n    digits = str(digit) + digits\n=> digits or '0'",
        "divide the value by $k again and again",
        "put each remainder in front of the digits",
        "the number 0 is written as '0'",
    ),
    noun="text|texts|one",
    params={"k": one_of((2, 3, 4, 5, 7, 8), "base", kind="int", what="the base")},
    flags="",
    names=("in_base", "to_base", "write_in_base"),
    weight=0.6,
)
algo(
    "change_coins",
    number,
    always(list_of(INT)),
    ("the coins that pay $np with as few as possible, largest first, from coins of $a, $b and 1",),
    (
        "coins = []\nrest = $l\nfor coin in ($a, $b, 1):\n    while rest >= coin:\n        coins.append(coin)\n        rest -= coin\n=> coins",
        "go through the coins from large to small",
        "take the coin as long as it fits into the rest and subtract it",
    ),
    noun="coin|coins|many",
    params={"a": one_of((10, 20, 50), kind="int"), "b": one_of((2, 5), kind="int")},
    flags="",
    names=("pay_with_coins", "coins_for", "make_change"),
    weight=0.5,
)
algo(
    "next_multiple",
    number,
    always(INT),
    ("the smallest multiple of $k that is not below $np",),
    (
        "value = $l\nwhile value % $k:\n    value += 1\n=> value",
        "start at the number",
        "add 1 until it is divisible by $k",
    ),
    exprs=("-(-$l // $k) * $k", "($l + $k - 1) // $k * $k"),
    flags="",
    noun="multiple|multiples|one",
    params={"k": small(3, 12, "step", "size")},
    names=("round_up_to", "next_multiple"),
    weight=0.5,
)
algo(
    "duration",
    number,
    always(STR),
    ("$np seconds written as 'M:SS'", "the 'minutes:seconds' text for $np seconds"),
    (
        "minutes = $l // 60\nseconds = $l % 60\n=> f'{minutes}:{seconds:02d}'",
        "divide the number by 60 for the minutes",
        "the remainder gives the seconds",
        "format both with two digits for the seconds",
    ),
    (
        "minutes, seconds = divmod($l, 60)\n=> f'{minutes}:{seconds:02d}'",
        "split the number with divmod by 60",
        "format minutes and two-digit seconds",
    ),
    flags="",
    noun="text|texts|one",
    names=("format_seconds", "as_minutes", "clock_text"),
    weight=0.5,
)
algo(
    "rule_word",
    number,
    always(STR),
    (
        "$x if $np is divisible by both $a and $b, $y if only by $a, $z if only by $b, and the number as text otherwise",
    ),
    (
        "if $l % $a == 0 and $l % $b == 0:\n    return $x\nif $l % $a == 0:\n    return $y\nif $l % $b == 0:\n    return $z\n=> str($l)",
        "return $x if both $a and $b divide the number",
        "return $y if only $a does and $z if only $b does",
        "otherwise return the number as text",
    ),
    noun="text|texts|one",
    params={
        "a": small(2, 3, chance=0.0),
        "b": small(4, 7, chance=0.0),
        "x": one_of(("both", "boom", "all", "bingo")),
        "y": one_of(("ping", "left", "red", "tick")),
        "z": one_of(("pong", "right", "blue", "tock")),
    },
    names=("number_word", "rule_word", "say_number"),
    weight=0.6,
)
algo(
    "band",
    number,
    always(STR),
    ("$x if $np is below $a, $y if it is below $b and $z otherwise",),
    (
        "if $l < $a:\n    return $x\nif $l < $b:\n    return $y\n=> $z",
        "return $x below $a",
        "return $y below $b",
        "return $z in all other cases",
    ),
    exprs=("$x if $l < $a else $y if $l < $b else $z",),
    noun="label|labels|one",
    params={
        "a": small(5, 15, chance=0.0),
        "b": small(18, 60, chance=0.0),
        "x": one_of(("low", "small", "cold", "child")),
        "y": one_of(("medium", "middle", "mild", "teen")),
        "z": one_of(("high", "large", "hot", "adult")),
    },
    names=("band", "label_for", "size_class", "category"),
    weight=0.7,
)
algo(
    "checked",
    number,
    same,
    ("$np if it is between $a and $b",),
    (
        "if $l < $a or $l > $b:\n    raise ValueError('no valid value')\n=> $l",
        "raise ValueError if the number is below $a or above $b",
        "return the number",
    ),
    (
        "if not $a <= $l <= $b:\n    raise ValueError('no valid value')\n=> $l",
        "check that the number is in the range $a to $b and raise ValueError otherwise",
        "return it",
    ),
    flags="",
    says=("check that $o is between $a and $b",),
    notes=(
        "Raise ValueError if it is out of the range from $a to $b.",
        "Any value outside $a to $b raises ValueError.",
    ),
    params={
        "a": small(1, 8, "low", "minimum", chance=0.1),
        "b": small(50, 90, "high", "maximum", chance=0.1),
    },
    names=("checked_$n", "validate_$n", "require_range"),
    weight=0.7,
)
