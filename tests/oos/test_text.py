"""Text from outside is made safe to keep."""

from caboose.oos.text import clean, clean_text


def test_halves_of_characters_and_control_characters_are_replaced() -> None:
    assert clean_text("a\ud800b\x00c\x7f") == "a\ufffdb\ufffdc\ufffd"
    assert clean_text("tab\tline\r\n界😀") == "tab\tline\r\n界😀"


def test_everything_in_a_value_is_cleaned_keys_too() -> None:
    value = {"k\ud800": ["a\x00", {"b": "\udfff"}, 1, None], "n": True}
    assert clean(value) == {"k\ufffd": ["a\ufffd", {"b": "\ufffd"}, 1, None], "n": True}
