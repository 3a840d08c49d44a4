def only_warnings(lines):
    return [line for line in lines if "level=WARN" in line]


def pairs_to_dict(line):
    return dict(piece.split("=", 1) for piece in line.split() if "=" in piece)


def sum_of_bytes(records):
    return sum(record["bytes"] for record in records)


def busiest_user(lines):
    counts = Counter(
        piece.removeprefix("user=")
        for line in lines
        for piece in line.split()
        if piece.startswith("user=")
    )
    return min(counts, key=lambda user: (-counts[user], user))
