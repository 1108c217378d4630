"""Secret values in messages: in whatever form they are quoted, and cut."""

from typing import Any

import pytest

from caboose.oos.hiding import hide, secret_texts
from caboose.oos.problems import shortened, summary
from caboose.oos.values import compact_json
from tests.oos.templates import started, task, template

LONG = "hunter2-" + "0123456789" * 20
QUOTED = 'my "quoted" \\ one\nof zwei Zeilen, \u00e4\U0001f600'


@pytest.mark.parametrize("secret", ["hunter2", LONG, QUOTED, "1234"])
@pytest.mark.parametrize("message", ["got {}", "{} and {}", "{}{}", "not {!r:.80}", "is it {!r}"])
def test_a_secret_is_hidden_in_every_form(secret: str, message: str) -> None:
    for form in (secret, compact_json(secret), shortened(compact_json(secret), 80)):
        told = hide(message.format(form, form), secret_texts([secret]))
        assert "***" in told
        assert secret[:4] not in told
        assert secret[-4:] not in told


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["", "abc", True, None, 123], []),
        (["abcd", 12345, 1.25], ["12345", "abcd", "1.25"]),
        ([{"a": ["first", {"b": "second"}]}, "first"], ["second", "first"]),
    ],
)
def test_what_is_looked_for(values: list[Any], texts: list[str]) -> None:
    assert secret_texts(values) == texts


def test_a_message_is_left_out_when_there_is_too_much_to_look_for() -> None:
    assert "isn't shown" in hide("no value is this one", [f"{number:05}" for number in range(10_000)])
    assert hide("what isn't there stays", secret_texts(["hunter2"])) == "what isn't there stays"


def test_of_a_long_secret_the_beginning_is_looked_for_and_whatever_follows_is_hidden() -> None:
    secret = "".join(f"{number:06}" for number in range(100_000))
    texts = secret_texts([secret])
    assert sum(map(len, texts)) < 100_000
    assert hide(f"it is {secret}!", texts) == "it is ***"
    assert hide(f"it begins with {secret[:100]}!", texts) == "it begins with ***!"


def test_of_too_many_secrets_no_more_are_kept_than_show_that() -> None:
    assert 5_000 < len(secret_texts([[f"secret {number}" for number in range(250_000)]])) < 5_010


@pytest.mark.parametrize(
    "fields",
    [
        {"RamRole": {"Fn::Split": [",", "{{ password }}"]}},
        {"RamRole": "{{ dbPassword }}", "Parameters": {"dbPassword": {"Default": "hunter2" * 40}}},
        {"Tasks": [task(Loop={"Items": [1], "RateControl": {"Concurrency": "{{ password }}"}})]},
        {"Tasks": [task(Loop={"Items": [1], "RateControl": {"Fn::Eval": "{{ password }}"}})]},
    ],
)
async def test_a_start_that_is_refused_tells_no_secret(fields: dict[str, Any]) -> None:
    text = template(**{"Parameters": {"password": {"NoEcho": True, "Default": "hunter2"}}, **fields})
    checked = await started(text)
    assert checked.start is None
    assert "hunter" not in summary(checked.problems)
