"""Marks of my class: points from 0 to 100."""

PASS_MARK = 50


def class_mean(points):
    """The average of the points, or 0 when nobody took part."""
    ...


def who_passed(results):
    """The names of those with at least 50 points, in alphabetical order.

    results is a dict from name to points.
    """
    ...


def points_to_letter(points):
    """From 90 points on it is an A, from 75 a B, from 50 a C, and anything below is an F."""
    ...


def rank_list(results):
    """Number the pupils from the best down, as "1. Ann (93)"; equal points, equal number, and
    the next number is then left out. Equal ones stand in alphabetical order.

    results is a dict from name to points.
    """
    ...


def report(results):
    """A printable summary of one test."""
    lines = rank_list(results)
    lines.append(f"mean: {class_mean(list(results.values())):.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    assert class_mean([80, 90, 100]) == 90
    assert class_mean([50, 51]) == 50.5
    assert class_mean([]) == 0

    assert who_passed({"Zoe": 50, "Ann": 93, "Tom": 49}) == ["Ann", "Zoe"]
    assert who_passed({}) == []

    assert points_to_letter(100) == "A"
    assert points_to_letter(90) == "A"
    assert points_to_letter(89) == "B"
    assert points_to_letter(50) == "C"
    assert points_to_letter(12) == "F"

    assert rank_list({"Tom": 60, "Ann": 93}) == ["1. Ann (93)", "2. Tom (60)"]
    assert rank_list({"Zoe": 80, "Ann": 80, "Tom": 60}) == ["1. Ann (80)", "1. Zoe (80)", "3. Tom (60)"]
    assert rank_list({}) == []
