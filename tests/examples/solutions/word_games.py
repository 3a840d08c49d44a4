def twin_ends(word):
    return word[0] == word[-1]


def hangman_view(word, guessed):
    return "".join(letter if letter in guessed else "_" for letter in word)


def spelling_bee_points(words, core):
    valid = [len(word) for word in words if core in word and len(word) >= 4]
    return sum(1 if length == 4 else length for length in valid)


def tiles_left(rack, word):
    tiles = list(rack)
    for letter in word:
        if letter not in tiles:
            return "!"
        tiles.remove(letter)
    return "".join(tiles)
