"""The inputs of activities, made of what the engine asks for."""

from activities import contracts
from caboose.engine.effects import HttpRequest, Mail, Message, Poll


def wait_for(poll: Poll, context: contracts.CloudContext) -> contracts.WaitForInput:
    """An API call that is polled, for ACS::WaitFor and ACS::CheckFor."""
    return contracts.WaitForInput(
        context=context,
        service=poll.call.service,
        api=poll.call.api,
        parameters=poll.call.parameters,
        rule=poll.rule,
        retry=poll.retry,
        outputs=poll.call.outputs,
        check=poll.check,
        read=poll.call.read,
    )


def http_request(request: HttpRequest) -> contracts.HttpRequestInput:
    """An HTTP request; whether it may be repeated is known by its method."""
    return contracts.HttpRequestInput(
        method=request.method,
        url=request.url,
        headers=request.headers,
        query=request.query,
        body=request.body,
        outputs=request.outputs,
        check_for=request.check_for,
        wait_for=request.wait_for,
        retry=request.retry,
        read=request.method == "GET",
    )


def notify(message: Message, execution_id: str, first_run_id: str) -> contracts.NotifyInput:
    """A message to a webhook."""
    return contracts.NotifyInput(
        execution_id=execution_id,
        first_run_id=first_run_id,
        task_name=message.task_name,
        task_execution_id=message.task_execution_id,
        attempt=message.attempt,
        message_number=message.number,
        uri=message.uri,
        content=message.content,
        headers=message.headers,
        append_link=message.append_link,
        approval=message.approval,
    )


def mail(mail: Mail, execution_id: str, first_run_id: str) -> contracts.MailInput:
    """A mail."""
    return contracts.MailInput(
        execution_id=execution_id,
        first_run_id=first_run_id,
        task_execution_id=mail.task_execution_id,
        attempt=mail.attempt,
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        to=mail.to,
        subject=mail.subject,
        body=mail.body,
        cc=mail.cc,
        username=mail.username,
        password=mail.password,
        append_link=mail.append_link,
    )
