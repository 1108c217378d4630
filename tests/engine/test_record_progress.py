"""What the record says of how far an execution is, and of what a cancelled one has left behind."""

from caboose.engine.record import Header, execution_record, loop_answer, nothing_hidden, status_message
from caboose.engine.state import ExecutionState, LoopCounters, TaskRun, Wait

AT = "2026-01-31T08:00:00Z"


def mid_loop() -> ExecutionState:
    """An execution in the middle of its loop over a hundred items."""
    state = ExecutionState("exec-1", created=AT, started=AT)
    select = TaskRun("exec-1.t0001", "select", "ACS::SelectTargets", AT, status="Success", ended=AT)
    loop = TaskRun("exec-1.t0002", "reboot", "ACS::ECS::RebootInstance", AT, workflow_id="exec-1.t0002")
    loop.loop = LoopCounters(100, 5, 2, success=12, failed=1, skipped=2, running=3, batch=2, batches=4)
    state.runs = {select.id: select, loop.id: loop}
    return state


def header() -> Header:
    """Of a template with three tasks."""
    return Header("run-1", tasks=("select", "reboot", "tell"))


def shown(state: ExecutionState) -> dict[str, object]:
    """Its record."""
    return execution_record(state, header(), now=AT, revision=1, hide=nothing_hidden)


def test_steps_are_items_and_tasks_without_a_loop() -> None:
    assert shown(mid_loop())["Progress"] == {
        "Success": 13,
        "Failed": 1,
        "Skipped": 2,
        "Cancelled": 0,
        "Running": 3,
        "NotStarted": 83,
        "CallsInFlight": 0,
    }


def test_what_a_retried_execution_had_done_before_was_not_left_behind() -> None:
    state = mid_loop()
    del state.runs["exec-1.t0001"]
    state.done_before = ["select"]
    state.end("Cancelled", AT, reason="Cancelled", message="cancelled")
    record = shown(state)
    assert record["Progress"]["NotStarted"] == 83  # type: ignore[index]
    assert "83 never started" in str(record["StatusMessage"])


def test_a_loop_has_its_settings_and_its_numbers() -> None:
    state = mid_loop()
    loop = shown(state)["Tasks"][1]  # type: ignore[index]
    assert loop["Loop"] == {
        "Total": 100,
        "Concurrency": 5,
        "MaxErrors": 2,
        "Success": 12,
        "Failed": 1,
        "Skipped": 2,
        "Cancelled": 0,
        "Running": 3,
        "Waiting": 0,
        "NotStarted": 82,
        "Batch": 2,
        "Batches": 4,
    }
    assert loop["ExtraData"] == {"LoopWorkflowId": "exec-1.t0002"}
    assert shown(state)["LoopWorkflows"] == [
        {"TaskExecutionId": "exec-1.t0002", "WorkflowId": "exec-1.t0002", "Status": "Running"}
    ]


def test_a_loop_s_own_workflow_answers_with_the_same_numbers() -> None:
    state = mid_loop()
    run = state.runs["exec-1.t0002"]
    item = TaskRun("exec-1.t0002.i0003", "reboot", run.action, AT, run.id, "i-3")
    state.waits[item.id] = Wait("OutcomeUnknown", item, 1, AT, ("RetryTask",), "lost")
    state.in_flight = 2
    answer = loop_answer(state, run)
    assert (answer["Loop"]["Success"], answer["Loop"]["Waiting"], answer["Waiting"]) == (12, 1, 1)
    assert (answer["CallsInFlight"], answer["TaskExecutionId"]) == (2, "exec-1.t0002")
    assert loop_answer(state, state.runs["exec-1.t0001"])["Loop"] == {}


def test_an_item_says_its_batch_and_a_nested_template_its_execution() -> None:
    state = mid_loop()
    item = TaskRun("exec-1.t0002.i0001", "reboot", "ACS::ECS::RebootInstance", AT, "exec-1.t0002", "i-1", batch=2)
    state.runs[item.id] = item
    nested = TaskRun("exec-1.t0003", "more", "ACS::Template", AT, attempt=2)
    state.runs[nested.id] = nested
    tasks = {task["TaskName"]: task for task in shown(state)["Tasks"]}  # type: ignore[attr-defined]
    assert tasks["more"]["ChildExecutionId"] == "exec-1.t0003.a2"
    assert (tasks["select"]["ChildExecutionId"], tasks["reboot"]["ChildExecutionId"]) == ("", "")
    assert shown(state)["IsParent"] is True


def test_while_it_is_being_cancelled_it_says_how_many_calls_are_in_flight() -> None:
    state = mid_loop()
    state.is_cancelling = lambda: True
    messages = []
    for calls in (3, 1, 0):
        state.in_flight = calls
        messages.append((state.status, shown(state)["StatusMessage"]))
    assert messages == [
        ("Running", "being cancelled: 3 calls are still in flight"),
        ("Running", "being cancelled: 1 call is still in flight"),
        ("Running", "being cancelled"),
    ]


def test_in_the_end_a_cancelled_one_says_what_was_and_was_not_done() -> None:
    state = mid_loop()
    state.is_cancelling = lambda: True
    loop = state.runs["exec-1.t0002"].loop
    assert loop
    loop.success, loop.running, loop.cancelled = 13, 0, 2
    state.end("Cancelled", AT, reason="Cancelled", message="cancelled: by tester")
    told = "cancelled: by tester (14 done, 1 failed, 2 skipped, 2 cut off, 83 never started)"
    assert status_message(state, header().tasks) == shown(state)["StatusMessage"] == told


def test_one_that_was_cancelled_before_anything_ran_says_no_more() -> None:
    state = ExecutionState("exec-1", created=AT)
    state.end("Cancelled", AT, message="cancelled")
    assert shown(state)["StatusMessage"] == "cancelled"
    state.reason = "Cancelled"
    assert status_message(state, ()) == "cancelled"


def test_a_rejection_speaks_for_itself() -> None:
    state = mid_loop()
    state.end("Cancelled", AT, reason="Rejected", message="Rejected by link: no")
    assert shown(state)["StatusMessage"] == "Rejected by link: no"


def test_what_failed_shows_while_it_is_handled() -> None:
    state = mid_loop()
    state.message = "select: NoTargets"
    assert shown(state)["StatusMessage"] == "select: NoTargets"


def test_a_loop_that_has_no_items_counts_as_a_task() -> None:
    state = mid_loop()
    run = state.runs["exec-1.t0002"]
    run.loop, run.status, run.ended = LoopCounters(0, 1, 0), "Success", AT
    assert shown(state)["Progress"]["Success"] == 2  # type: ignore[index]
