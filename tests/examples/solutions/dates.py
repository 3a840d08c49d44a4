def year_part(day):
    return int(day[:4])


def newest_date(days):
    return max(days)


def to_german_style(day):
    return ".".join(reversed(day.split("-")))


def nights_between(arrival, departure):
    return (as_date(departure) - as_date(arrival)).days
