def frost_nights(lows):
    return sum(low < 0 for low in lows)


def hottest_spot(readings):
    return max(readings, key=readings.get)


def heat_wave_days(highs, limit):
    longest = current = 0
    for high in highs:
        current = current + 1 if high >= limit else 0
        longest = max(longest, current)
    return longest
