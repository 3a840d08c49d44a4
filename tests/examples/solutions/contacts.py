def monogram(full_name):
    return "".join(part[0].upper() + "." for part in full_name.split())


def mail_host(address):
    return address.split("@")[1].lower()


def phone_book(people):
    book = {}
    for name, number in people:
        book.setdefault(name[0].upper(), []).append(f"{name}: {number}")
    return {letter: sorted(lines) for letter, lines in book.items()}
