def loud_version(sentence):
    return sentence.upper() + "!"


def widest_line(text):
    return max(text.split("\n"), key=len)


def drop_blank_rows(text):
    return "\n".join(line for line in text.split("\n") if line.strip())


def mirror_words(sentence):
    return " ".join(word[::-1] for word in sentence.split(" "))
