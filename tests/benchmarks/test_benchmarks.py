"""A run with a tiny folder and one round: every line is measured, printed for people and as JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import TEMPLATE
from caboose.library_folders import BUILT_IN, load_library
from caboose.oos.compiling.compile import compile_template
from caboose.oos.problems import errors

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_prints_a_table_and_the_same_as_json() -> None:
    command = [sys.executable, "-m", "benchmarks", "--folder", str(BUILT_IN), "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    table, found = done.stdout.rstrip().rsplit("\n", 1)
    results = json.loads(found)["results"]
    assert results[0]["name"] == "reference loop"
    assert results[0]["loops"] == 1
    assert all(each["name"] in table and each["seconds"] > 0 for each in results)


def test_the_template_that_is_measured_is_in_order_and_has_three_kilobytes() -> None:
    text = TEMPLATE.read_text("utf-8")
    assert 2_800 < len(text.encode()) < 3_200
    assert errors(compile_template(text, load_library()).problems) == []


@pytest.mark.soak
def test_whole_executions_are_measured() -> None:
    sizes = ["--instances", "5", "--rounds", "1", "--latencies", "2", "--items", "10", "20"]
    command = [sys.executable, "-m", "benchmarks.executions", *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [each["instances"] for each in found["side by side"]] == [5]
    assert found["side by side"][0]["ratio"].keys() == {"seconds", "cpu", "events", "size"}
    assert [each["items"] for each in found["memory"]] == [10, 20]
    assert found["latencies"].keys() == {"start to first call", "approval to next call"}
