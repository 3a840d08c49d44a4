"""Thirty functions written for one purpose: to try codeplan as a new user would.

Nothing of this file is trained on, remembered or tuned to (a test compares). The bodies are the
authors' own; what codeplan sees is the signature, the docstring and its examples. The lines under
"hidden" in each function's `HIDDEN` entry decide, and are shown to nobody before.
"""

import datetime
import re
from collections import Counter


def takeaway_total(dishes, delivery=2.5):
    """What the whole order costs, delivery included. Orders over 30 are delivered free.

    >>> takeaway_total([8.0, 9.5])
    20.0
    >>> takeaway_total([16.0, 15.0])
    31.0
    """
    food = sum(dishes)
    return food if food > 30 else food + delivery


def shout(text: str) -> str:
    """Upper-case the text and end it in exactly one exclamation mark.

    >>> shout("stop!!")
    'STOP!'
    >>> shout("hey")
    'HEY!'
    """
    return text.rstrip("!").upper() + "!"


def longest_streak(days: list[bool]) -> int:
    """My habit tracker gives me True for every day I went running. How many days in a row was my
    best run of days?

    >>> longest_streak([True, True, False, True])
    2
    >>> longest_streak([])
    0
    """
    best = current = 0
    for day in days:
        current = current + 1 if day else 0
        best = max(best, current)
    return best


def initials(full_name):
    """
    Return the initials of a name, each followed by a full stop.

    :param full_name: first, middle and last names separated by spaces
    :return: the initials

    >>> initials("ada lovelace")
    'A.L.'
    >>> initials("John Ronald Reuel Tolkien")
    'J.R.R.T.'
    """
    return "".join(word[0].upper() + "." for word in full_name.split())


def second_best(scores):
    """Second highest distinct score, None if there isn't one

    >>> second_best([10, 7, 10, 9])
    9
    >>> print(second_best([4, 4]))
    None
    """
    distinct = sorted(set(scores), reverse=True)
    return distinct[1] if len(distinct) > 1 else None


def mask_email(address: str) -> str:
    """Hide the part of an e-mail address before the @, all but its first letter.

    >>> mask_email("bob@example.org")
    'b**@example.org'
    >>> mask_email("x@y.z")
    'x@y.z'
    """
    user, _, host = address.partition("@")
    return user[0] + "*" * (len(user) - 1) + "@" + host


def group_by_first_letter(words: list[str]) -> dict[str, list[str]]:
    """Sort words into drawers by their first letter (lower-cased), keeping their order.

    >>> group_by_first_letter(["apple", "Bread", "avocado"])
    {'a': ['apple', 'avocado'], 'b': ['Bread']}
    >>> group_by_first_letter([])
    {}
    """
    drawers: dict[str, list[str]] = {}
    for word in words:
        drawers.setdefault(word[0].lower(), []).append(word)
    return drawers


def seat_label(row: int, column: int) -> str:
    """Cinema seats: rows are letters from A, columns are numbers from 1; both arguments from 0.

    >>> seat_label(0, 0)
    'A1'
    >>> seat_label(3, 11)
    'D12'
    """
    return f"{chr(ord('A') + row)}{column + 1}"


def moving_sum(values, width):
    """Sums of all windows of `width` neighbouring values.

    Args:
        values: The numbers.
        width: Window size, at least 1.

    Returns:
        A list; empty when there are fewer values than the window is wide.

    >>> moving_sum([1, 2, 3, 4], 2)
    [3, 5, 7]
    >>> moving_sum([1], 2)
    []
    """
    return [sum(values[i : i + width]) for i in range(len(values) - width + 1)]


def is_isogram(word: str) -> bool:
    """True if no letter occurs twice; hyphens and spaces may.

    >>> is_isogram("six-year-old")
    True
    >>> is_isogram("letter")
    False
    """
    letters = [c for c in word.lower() if c.isalpha()]
    return len(letters) == len(set(letters))


def change_coins(cents):
    """fewest coins for this amount, from 50, 20, 10, 5, 2 and 1 cent coins. returns the coins,
    biggest first

    >>> change_coins(88)
    [50, 20, 10, 5, 2, 1]
    >>> change_coins(4)
    [2, 2]
    """
    coins = []
    for coin in (50, 20, 10, 5, 2, 1):
        while cents >= coin:
            coins.append(coin)
            cents -= coin
    return coins


def parse_duration(text: str) -> int:
    """Seconds in a duration such as "2h 5m 10s"; every part is optional.

    >>> parse_duration("1m 30s")
    90
    >>> parse_duration("2h")
    7200
    """
    unit = {"h": 3600, "m": 60, "s": 1}
    return sum(int(part[:-1]) * unit[part[-1]] for part in text.split())


def invert_index(pages: dict[str, list[str]]) -> dict[str, list[str]]:
    """From page -> words to word -> sorted pages.

    >>> invert_index({"p1": ["cat"], "p2": ["dog", "cat"]})
    {'cat': ['p1', 'p2'], 'dog': ['p2']}
    >>> invert_index({})
    {}
    """
    index: dict[str, list[str]] = {}
    for page, words in pages.items():
        for word in words:
            index.setdefault(word, []).append(page)
    return {word: sorted(set(found)) for word, found in index.items()}


def days_until(start: str, end: str) -> int:
    """Number of days from one ISO date to another (negative when it lies in the past).

    >>> days_until("2024-02-27", "2024-03-01")
    3
    >>> days_until("2024-01-02", "2024-01-01")
    -1
    """
    first = datetime.date.fromisoformat(start)
    return (datetime.date.fromisoformat(end) - first).days


def zigzag(rows: list[list[int]]) -> list[int]:
    """Read a grid row by row, every second row backwards.

    >>> zigzag([[1, 2], [3, 4], [5, 6]])
    [1, 2, 4, 3, 5, 6]
    >>> zigzag([])
    []
    """
    return [v for i, row in enumerate(rows) for v in (row[::-1] if i % 2 else row)]


def average_by_subject(marks):
    """The teacher hands you pairs of subject and mark. Work out the average mark of each subject.

    >>> average_by_subject([("art", 2), ("art", 4), ("maths", 1)])
    {'art': 3.0, 'maths': 1.0}
    >>> average_by_subject([])
    {}
    """
    found: dict[str, list[float]] = {}
    for subject, mark in marks:
        found.setdefault(subject, []).append(mark)
    return {subject: sum(values) / len(values) for subject, values in found.items()}


def strip_comments(line: str) -> str:
    """The line without its comment (from the first # on) and without trailing blanks.

    >>> strip_comments("x = 1  # one")
    'x = 1'
    >>> strip_comments("# nothing")
    ''
    """
    return line.split("#", 1)[0].rstrip()


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Length of the part that two half-open ranges share.

    >>> overlap((0, 5), (3, 9))
    2
    >>> overlap((0, 2), (2, 4))
    0
    """
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def common_prefix(words):
    """Longest text that all the words start with.

    Parameters
    ----------
    words : list of str

    Returns
    -------
    str
        Empty when there are no words or nothing is shared.

    >>> common_prefix(["flower", "flow", "flight"])
    'fl'
    >>> common_prefix([])
    ''
    """
    if not words:
        return ""
    first, last = min(words), max(words)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def bmi_class(weight_kg: float, height_m: float) -> str:
    """'low' under 18.5, 'normal' under 25, otherwise 'high'.

    >>> bmi_class(70, 1.75)
    'normal'
    >>> bmi_class(50, 1.8)
    'low'
    """
    value = weight_kg / height_m**2
    if value < 18.5:
        return "low"
    return "normal" if value < 25 else "high"


def count_vowels_per_word(sentence):
    """How many vowels (aeiou) each word of the sentence has

    >>> count_vowels_per_word("green apple tree")
    [2, 2, 2]
    >>> count_vowels_per_word("Why I")
    [0, 1]
    """
    return [sum(c in "aeiou" for c in word.lower()) for word in sentence.split()]


def rotate_left(items: list, steps: int) -> list:
    """A new list, turned `steps` places to the left.

    >>> rotate_left([1, 2, 3, 4], 1)
    [2, 3, 4, 1]
    >>> rotate_left([], 3)
    []
    """
    if not items:
        return []
    steps %= len(items)
    return items[steps:] + items[:steps]


def missing_numbers(numbers):
    """Given some ticket numbers, which numbers between the smallest and the largest are missing?

    >>> missing_numbers([5, 2, 3])
    [4]
    >>> missing_numbers([7])
    []
    """
    if not numbers:
        return []
    return [n for n in range(min(numbers), max(numbers)) if n not in set(numbers)]


def snake_to_camel(name: str) -> str:
    """Turn snake_case into camelCase.

    >>> snake_to_camel("max_row_count")
    'maxRowCount'
    >>> snake_to_camel("name")
    'name'
    """
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def cheapest(offers: dict[str, float]) -> str:
    """Name of the cheapest shop; of several the alphabetically first.

    >>> cheapest({"corner": 2.5, "market": 1.9})
    'market'
    >>> cheapest({"b": 1, "a": 1})
    'a'
    """
    return min(offers, key=lambda shop: (offers[shop], shop))


def is_leap(year):
    """leap year or not? (Gregorian)

    >>> is_leap(2000)
    True
    >>> is_leap(1900)
    False
    """
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def diagonal(grid: list[list[int]]) -> list[int]:
    """The values from the top left corner downwards to the right.

    >>> diagonal([[1, 2], [3, 4]])
    [1, 4]
    >>> diagonal([[7, 8, 9]])
    [7]
    """
    return [row[i] for i, row in enumerate(grid) if i < len(row)]


def most_common_word(text: str) -> str:
    """The word that occurs most often, in lower case; the earlier one if there are two such.

    >>> most_common_word("The cat and the dog")
    'the'
    >>> most_common_word("b a")
    'b'
    """
    return Counter(text.lower().split()).most_common(1)[0][0]


def digits_only(phone):
    """keep the digits and a leading plus of a phone number

    >>> digits_only("+49 (0)30-12 34")
    '+490301234'
    >>> digits_only("030/555")
    '030555'
    """
    plus = "+" if phone.strip().startswith("+") else ""
    return plus + re.sub(r"\D", "", phone)


def split_bill(total, people):
    """Split a bill in cents fairly: the first ones pay one cent more when it doesn't come out even.

    >>> split_bill(100, 3)
    [34, 33, 33]
    >>> split_bill(9, 3)
    [3, 3, 3]
    """
    share, rest = divmod(total, people)
    return [share + 1] * rest + [share] * (people - rest)


HIDDEN = {
    "takeaway_total": ["([30.0])", "([], 4)", "([30.5], 9)"],
    "shout": ["('')", "('a!b')", "('Good Morning!')"],
    "longest_streak": ["([False])", "([True] * 4)", "([False, True, False, True, True, True])"],
    "initials": ["('plato')", "('  Grace  hopper ')", "('a b c')"],
    "second_best": ["([])", "([1, 2])", "([-1, -5, -1, -3])"],
    "mask_email": ["('carol.ann@mail.net')", "('ab@c')"],
    "group_by_first_letter": ["(['Egg', 'east', 'Nut'])", "(['z'])"],
    "seat_label": ["(25, 0)", "(1, 99)"],
    "moving_sum": ["([5, 5, 5], 3)", "([1, -1, 2], 1)", "([], 1)"],
    "is_isogram": ["('')", "('Alpha')", "('co-op')"],
    "change_coins": ["(0)", "(60)", "(199)"],
    "parse_duration": ["('')", "('1h 1m 1s')", "('45s')"],
    "invert_index": ["({'b': ['x', 'x'], 'a': ['x']})", "({'p': []})"],
    "days_until": ["('2023-12-31', '2024-01-01')", "('2024-05-05', '2024-05-05')"],
    "zigzag": ["([[1, 2, 3]])", "([[1], [2], [3], [4]])", "([[], [1, 2]])"],
    "average_by_subject": ["([('a', 1), ('b', 2), ('a', 2)])", "([('x', 5)])"],
    "strip_comments": ["('plain')", "('a # b # c')", "('   ')"],
    "overlap": ["((1, 9), (2, 3))", "((5, 6), (0, 1))", "((0, 4), (0, 4))"],
    "common_prefix": ["(['a'])", "(['ab', 'cd'])", "(['inter', 'interval', 'internet'])"],
    "bmi_class": ["(100, 1.7)", "(60, 1.8)", "(100, 2.0)"],
    "count_vowels_per_word": ["('')", "('AEIOU xyz')"],
    "rotate_left": ["(['a', 'b', 'c'], 5)", "([1, 2], 0)", "([1, 2, 3], -1)"],
    "missing_numbers": ["([])", "([1, 10, 5])", "([3, 3, 4])"],
    "snake_to_camel": ["('a_b_c')", "('http_url')"],
    "cheapest": ["({'x': 3})", "({'c': 2, 'b': 1, 'a': 2})"],
    "is_leap": ["(2024)", "(2023)", "(2100)", "(2400)"],
    "diagonal": ["([])", "([[1, 2], [3, 4], [5, 6]])", "([[1, 0, 0], [0, 2, 0], [0, 0, 3]])"],
    "most_common_word": ["('a b b a c b')", "('Up up away')"],
    "digits_only": ["('12 34')", "(' +1-2')", "('')"],
    "split_bill": ["(0, 2)", "(10, 4)", "(7, 1)"],
}
"""Arguments of the calls that decide; what each function above returns for them is right."""
