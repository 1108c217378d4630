"""References: found, named, and rewritten."""

import pytest

from caboose.oos.references import Reference, classify, references, rename, splice, whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a ", Reference("parameter", "a")),
        ("a-b_2", Reference("parameter", "a-b_2")),
        ("task.out", Reference("output", "task", "out")),
        ("ACS::RegionId", Reference("pseudo", "ACS::RegionId")),
        ("acs::regionid", Reference("pseudo", "acs::regionid")),
        ("oos:a/b", Reference("store", "oos:a/b")),
        ("OOS-secret:a", Reference("store", "OOS-secret:a")),
        ("task.a.b[]", Reference("raw", "task", "a.b[]")),
        ("task[0].a", Reference("raw", "task", "[0].a")),
        ("task.[0]?.a", Reference("raw", "task", "[0]?.a")),
        ('task."a b".c', Reference("raw", "task", '"a b".c')),
        ('task.a["b c"][-1]', Reference("raw", "task", 'a["b c"][-1]')),
        ("task." + "a." * 500 + "b", Reference("other", "task." + "a." * 500 + "b")),
        (".a.b", Reference("other", ".a.b")),
        ("task.a[1:2]", Reference("other", "task.a[1:2]")),
        ("a | upper", Reference("other", "a | upper")),
        ("", Reference("other", "")),
    ],
)
def test_classified(text: str, expected: Reference) -> None:
    assert classify(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ a }}", Reference("parameter", "a")),
        ("  {{a}}\n", Reference("parameter", "a")),
        ("{{ task.out }}", Reference("output", "task", "out")),
        ("x{{ a }}", None),
        ("{{ a }}{{ b }}", None),
        ("{{ a }}-{{ b }}", None),
        ("{{ a }}}", None),
        ("{{ a }", None),
        ("", None),
    ],
)
def test_a_string_that_is_one_reference(text: str, expected: Reference | None) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{a}} and {{ b.c }}", "<a> and <b.c>"),
        ('{"x":{{a}}}', '{"x":<a>}'),
        ("{{ a\n}}", "<a>"),
        ("{{ unclosed {{ a }}", "{{ unclosed <a>"),
        ("}} {{", "}} {{"),
        ("", ""),
    ],
)
def test_spliced(text: str, result: str) -> None:
    assert splice(text, lambda reference: f"<{reference}>") == result


def test_found_with_their_paths_and_never_in_keys() -> None:
    value = {"{{key}}": ["{{ a }}", {"x": "1 {{ b }} {{ t.o }}"}], "n": 5}
    found = [(path, str(reference)) for path, reference in references(value)]
    assert found == [
        (("{{key}}", 0), "a"),
        (("{{key}}", 1, "x"), "b"),
        (("{{key}}", 1, "x"), "t.o"),
    ]


def test_renamed_everywhere_and_nothing_else_is_touched() -> None:
    value = {"k": ["{{A}}", "x {{ A }}"], "n": None}
    renamed = rename(value, lambda reference: Reference(reference.kind, reference.name.lower(), reference.field))
    assert renamed == {"k": ["{{ a }}", "x {{ a }}"], "n": None}


def test_a_text_full_of_open_braces_is_searched_in_one_pass() -> None:
    """Searching from each pair of braces to the end of this text would take hours."""
    assert not list(references("{{ a" * 250_000))
