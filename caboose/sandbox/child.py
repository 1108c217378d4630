"""The child: evaluates one program after the other, until its parent closes the pipe.

Run as a file (``python -I``), never imported: it knows nothing of the rest, and nothing of the rest gets libjq into
its process. A program that goes too far ends this process, and how it ended says why: SIGPROF when the processor time
is used up, SIGABRT or ``NO_MEMORY`` at the limit of memory, SIGSEGV at the end of the stack. The environment is empty,
and no file can be opened any more once the first request is read.

A request is a head (operation, seconds of processor time, two lengths), a program and what it is applied to. An answer
is a head (kind, length) and JSON, or the text of an error.
"""

import json
import os
import re
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from itertools import accumulate, islice

import jmespath
import jq
import regex
from jmespath.exceptions import JMESPathError

REQUEST = struct.Struct("<cdII")
ANSWER = struct.Struct("<cI")
NO_MEMORY = 3
MAX_RESULTS = 100_000
MAX_RESULT_CHARACTERS = 4_000_000
"""Of all results together. A value in a template has at most 4 MB, and most selectors take the first result only."""
MATCH_SECONDS = 0.5
_MEMORY = 512 << 20
_CACHED = 256
_ERROR_LENGTH = 500
_WORD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
_NOT_DEFINED = re.compile(r"(\w+)/0 is not defined at line 1, column 1\b")
_PLAIN_TEXT = re.compile(r'"[^"\\]*"')
_COLUMN = re.compile(r"(?<=line 1, column )\d+")

Evaluation = Callable[[str], str]


class Refused(Exception):
    """A program that is none, or that fails on its value: what its parent says after "the program"."""


def main() -> None:
    """Answers requests until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # what a parent ignores or blocks, its children inherit
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])
    os.environ.pop("LC_CTYPE", None)  # Python's own addition to an environment without it
    limit()
    while head := _read(REQUEST.size):
        operation, seconds, program_length, data_length = REQUEST.unpack(head)
        program, data = _read(program_length).decode(), _read(data_length).decode()
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process, whatever C code is doing
        kind, text = answer(operation, program, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        encoded = text.encode(errors="replace")
        _write(ANSWER.pack(kind, len(encoded)) + encoded)


def limit() -> None:
    """Takes away what no program needs: memory without end, core files, and files (0 to 2 are open already)."""
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def answer(operation: bytes, program: str, data: str) -> tuple[bytes, str]:
    """An operation's result as ``v`` and JSON, or ``e`` and what is wrong."""
    try:
        return b"v", OPERATIONS[operation](program, data)
    except Refused as refusal:
        return b"e", str(refusal)[:_ERROR_LENGTH]
    except RecursionError:
        return b"e", "nests too deeply"
    except MemoryError:
        os._exit(NO_MEMORY)


def run(program: str, data: str) -> str:
    """All results of a program."""
    return compiled(program)(data)


def check(program: str, data: str) -> str:
    """Only whether the text is a program."""
    compiled(program)
    return "[]"


def matches(pattern: str, text: str) -> str:
    """Whether a pattern matches the whole text."""
    try:
        return json.dumps(bool(compiled_pattern(pattern).fullmatch(text, timeout=MATCH_SECONDS)))
    except TimeoutError:
        raise Refused("takes too long on this value") from None


OPERATIONS: dict[bytes, Callable[[str, str], str]] = {b"r": run, b"c": check, b"m": matches}


@lru_cache(_CACHED)
def compiled(program: str) -> Evaluation:
    """The program as jq as it is, else with the dot that was left out, else as JMESPath.

    Raises:
        Refused: it is neither; both say why.
    """
    try:
        return partial(_run_jq, _jq(program))
    except ValueError as error:
        reason = _said(error)
    word = _WORD.match(program)
    if word:
        try:
            return partial(_run_jq, _jq("." + program.lstrip()))
        except ValueError as error:
            reason = _of_both(word[1], reason, _said(error))
    try:
        return partial(_run_jmespath, jmespath.compile(program))
    except (JMESPathError, RecursionError) as error:
        line = str(error).split("\n")[0].removesuffix(":").removesuffix(", for expression")
        jmespath_reason = line if isinstance(error, JMESPathError) else "it nests too deeply"
    raise Refused(f"is neither jq nor JMESPath: as jq, {reason}; as JMESPath, {jmespath_reason}")


def _jq(program: str) -> "jq._Program":
    """The program with its results as JSON text, in which digits survive that jq.py would round.

    Raises:
        ValueError: what jq says against the program as it is, at its own places.
    """
    if _closes_what_it_opens(program):
        with suppress(ValueError):
            return jq.compile(f"({program}\n\n)|tojson")
    jq.compile(program)
    return jq.compile(f"{program}\n\n|tojson")  # the line breaks end a comment, which may go on after a backslash


def _closes_what_it_opens(program: str) -> bool:
    """Whether the program can't close a bracket that is put round it. Saves most programs from being compiled twice,
    which takes longer than running them; what isn't clear at a glance (comments, escapes) is no."""
    rest = _PLAIN_TEXT.sub("", program)
    opened = list(accumulate((character == "(") - (character == ")") for character in rest))
    return not ('"' in rest or "#" in rest or min(opened, default=0) < 0)


def _said(error: ValueError) -> str:
    """The first thing that jq says against a program, without its frame."""
    text = str(error).split("\n")[0].removeprefix("jq: error: ").removesuffix(":")
    return text.replace("<top-level>, ", "")[:_ERROR_LENGTH]


def _of_both(word: str, as_is: str, dotted: str) -> str:
    """The better one of two reasons: that a member's name is no function says nothing about the program."""
    undefined = _NOT_DEFINED.match(as_is)
    if not undefined or undefined[1] != word:
        return as_is
    return _COLUMN.sub(lambda column: str(max(int(column[0]) - 1, 1)), dotted)


def _run_jq(program: "jq._Program", data: str) -> str:
    try:
        texts, size = [], 0
        for text in islice(program.input_text(data), MAX_RESULTS + 1):
            texts.append(text)
            size += len(text)
            if size > MAX_RESULT_CHARACTERS:
                raise Refused(f"has results of more than {MAX_RESULT_CHARACTERS} characters")
    except ValueError as error:
        raise Refused(f"fails on this value: {error}") from None
    if len(texts) > MAX_RESULTS:
        raise Refused(f"has more than {MAX_RESULTS} results")
    return f"[{','.join(texts)}]"


def _run_jmespath(expression: "jmespath.parser.ParsedResult", data: str) -> str:
    value = json.loads(data)
    try:
        found = expression.search(value)
        results = found if isinstance(found, list) else [] if found is None else [found]
        text = json.dumps(results[: MAX_RESULTS + 1], ensure_ascii=False, allow_nan=False)
        text.encode()
    except (RecursionError, MemoryError):
        raise
    except UnicodeEncodeError:
        raise Refused("gives half a character (a surrogate without its other half)") from None
    except Exception as error:  # JMESPath's own errors, and Python's where its functions don't check their arguments
        raise Refused(f"fails on this value: {error}".split("\n")[0]) from None
    if len(results) > MAX_RESULTS:
        raise Refused(f"has more than {MAX_RESULTS} results")
    if len(text) > MAX_RESULT_CHARACTERS:
        raise Refused(f"has results of more than {MAX_RESULT_CHARACTERS} characters")
    return text


@lru_cache(_CACHED)
def compiled_pattern(pattern: str) -> "regex.Pattern[str]":
    """A pattern of ``AllowedPattern``, with look-ahead and look-behind.

    Raises:
        Refused: the text is no pattern.
    """
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, ValueError) as error:
        raise Refused(f"is none: {error}") from None


def _read(length: int) -> bytes:
    """So many bytes from the parent; nothing when it has closed the pipe."""
    parts = []
    while length:
        part = os.read(0, min(length, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)
