"""Small helpers for the text files that I get by mail."""

import sys


def read_text(path):
    """The whole text of a file."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def loud_version(sentence: str) -> str:
    """Write the sentence in capital letters and put an exclamation mark at the end.

    >>> loud_version("come here")
    'COME HERE!'
    >>> loud_version("Stop")
    'STOP!'
    >>> loud_version("")
    '!'
    """
    ...


def widest_line(text: str) -> str:
    """Give back the line of the text that has the most characters.

    >>> widest_line("one\\nthree\\nfour")
    'three'
    >>> widest_line("only one line")
    'only one line'
    >>> widest_line("")
    ''
    """
    ...


def drop_blank_rows(text: str) -> str:
    """Take the blank lines out of the text; lines of spaces only are blank too.

    >>> drop_blank_rows("a\\n\\nb")
    'a\\nb'
    >>> drop_blank_rows("a\\n   \\nb\\n\\n\\nc")
    'a\\nb\\nc'
    >>> drop_blank_rows("")
    ''
    """
    ...


def mirror_words(sentence: str) -> str:
    """Turn the letters of each word around, but leave the words where they are.

    >>> mirror_words("stressed was I")
    'desserts saw I'
    >>> mirror_words("abc")
    'cba'
    >>> mirror_words("")
    ''
    """
    ...


if __name__ == "__main__":
    print(drop_blank_rows(read_text(sys.argv[1])))
