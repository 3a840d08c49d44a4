def twin_ends(word):
    return word[0] == word[-1]


def hangman_view(word, guessed):
    return "".join(letter if letter in guessed else "_" for letter in word)


def word_chain_ok(words):
    return all(a[-1] == b[0] for a, b in zip(words, words[1:]))


def mastermind_score(secret, guess):
    right = sum(a == b for a, b in zip(secret, guess))
    common = sum((Counter(secret) & Counter(guess)).values())
    return right, common - right
