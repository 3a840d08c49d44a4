from contacts import mail_host, monogram, phone_book


def test_monogram():
    assert monogram("Grace Hopper") == "G.H."
    assert monogram("plato") == "P."
    assert monogram("") == ""


def test_mail_host():
    assert mail_host("bob@mail.example.com") == "mail.example.com"


def test_phone_book_groups_by_letter():
    people = [("Cy", "3"), ("Bea", "2"), ("Bob", "1")]
    assert phone_book(people) == {"C": ["Cy: 3"], "B": ["Bea: 2", "Bob: 1"]}


def test_phone_book_is_empty_without_people():
    assert phone_book([]) == {}
