"""The line that a problem is about: the caret stands under the column, the line fits, and nothing in it does harm."""

import pytest
from rich.cells import cell_len

from caboose.cli.excerpt import WIDTH, Source


def caret(text: str, line: int, column: int) -> tuple[str, int]:
    """The shown line without its number, and the column of the terminal (from 0) in which the caret stands."""
    shown, below = Source(text).excerpt(line, column)
    assert shown.startswith(f"{line:5} |")
    assert below.startswith("      | ")
    assert below.endswith("^")
    assert below[8:-1].strip() == ""
    return shown[8:], len(below) - 9


@pytest.mark.parametrize(
    ("text", "line", "column", "shown", "place"),
    [
        ("a: 1\nb:  2", 2, 5, "b:  2", 4),
        ("a: 1\r\nb: 2\rc: 3\x85d: 4\u2028e: 5", 5, 1, "e: 5", 0),
        ("\ufeffa: 1", 1, 4, "a: 1", 3),
        ("a:\t\t1", 1, 5, "a:        1", 10),
        ("\ta", 1, 1, "    a", 0),
        ("界面: 1", 1, 5, "界面: 1", 6),
        ("é😀e\u0301: 1", 1, 6, "é😀e\u0301: 1", 5),
        ("a: 1", 1, 9, "a: 1", 4),
        ("", 1, 1, "", 0),
        ("a: \x1b[31mx\x07", 1, 4, "a: \ufffd[31mx\ufffd", 3),
        ("a: \u202ex", 1, 5, "a: \ufffdx", 4),
    ],
)
def test_the_caret_stands_under_the_column(text: str, line: int, column: int, shown: str, place: int) -> None:
    assert caret(text, line, column) == (shown.rstrip(), place)


@pytest.mark.parametrize(("line", "column"), [(0, 0), (0, 1), (1, 0), (3, 1), (-1, 1)])
def test_a_place_that_isn_t_in_the_text_has_no_excerpt(line: int, column: int) -> None:
    assert Source("a: 1\nb: 2").excerpt(line, column) == []


@pytest.mark.parametrize("column", [1, 2, 50, 51, 52, 99, 100, 101, 102, 500, 990, 1000])
@pytest.mark.parametrize("letter", ["x", "界"])
def test_a_long_line_is_cut_around_the_column(column: int, letter: str) -> None:
    text = letter * (column - 1) + "@" + letter * (1000 - column)
    shown, place = caret(text, 1, column)
    assert cell_len(shown) <= WIDTH
    assert cell_len(shown[: shown.index("@")]) == place, "the caret is under what it is about"
    assert shown.startswith("…") == (place < cell_len(text[: column - 1]))
    assert shown.endswith("…") == (column < 1000 - WIDTH)


def test_a_secret_in_the_line_is_not_shown() -> None:
    text = 'url: "https://oapi.dingtalk.com/robot/send?access_token=canary&x=y"'
    for column in (1, 6, text.index("canary") + 3, len(text)):
        shown, place = caret(text, 1, column)
        assert "can" not in shown.replace("…", "")
        assert "access_token=***&x=y" in shown
        assert place <= column
    shown, place = caret("url: http://me:canary@host/x", 1, 18)
    assert shown == "url: http://me:***@host/x"
    assert place == len("url: http://me:")


@pytest.mark.parametrize("columns", [1, 28, 40, 80, 108, 300])
def test_a_narrow_terminal_wraps_no_excerpt(columns: int) -> None:
    text = "x" * 200 + "@" + "x" * 200
    shown, below = Source(text, columns).excerpt(1, 201)
    assert cell_len(shown) <= max(columns, 28)
    assert shown[len(below) - 1] == "@"
