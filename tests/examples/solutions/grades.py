def class_mean(points):
    return sum(points) / len(points) if points else 0


def who_passed(results):
    return sorted(name for name, points in results.items() if points >= PASS_MARK)


def points_to_letter(points):
    if points >= 90:
        return "A"
    if points >= 75:
        return "B"
    if points >= 50:
        return "C"
    return "F"


def rank_list(results):
    lines = []
    for name in sorted(results, key=lambda name: (-results[name], name)):
        rank = 1 + sum(points > results[name] for points in results.values())
        lines.append(f"{rank}. {name} ({results[name]})")
    return lines
