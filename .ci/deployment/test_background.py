"""Background tasks: the queue invokes the consumer, the schedule the relay, and messages that can't succeed are dead-lettered."""

import stack


def status(id):
    return stack.row(id)["status"]["S"]


def test_the_consumer_logs_what_was_accepted():
    id = stack.create_notification()

    stack.eventually(15, lambda: status(id) == "done")
    assert stack.row(id)["attempts"]["N"] == "1"


def test_a_malformed_message_is_dead_lettered_with_its_reason():
    body = "nonsense"
    stack.sqs.send_message(QueueUrl=stack.PHYSICAL["NotificationQueue"], MessageBody=body)

    letter = stack.eventually(15, lambda: [m for m in stack.receive("NotificationDeadLetterQueue") if m["Body"] == body])[0]
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "the message is malformed"
    stack.sqs.delete_message(QueueUrl=stack.PHYSICAL["NotificationDeadLetterQueue"], ReceiptHandle=letter["ReceiptHandle"])


def test_the_relay_dispatches_a_due_entry_and_gives_up_a_hopeless_one():
    stack.consumers_rest(True)
    try:
        lost, hopeless = stack.create_notification(), stack.create_notification()
        stack.eventually(15, lambda: len(stack.receive("NotificationQueue")) == 0)
        stack.sqs.purge_queue(QueueUrl=stack.PHYSICAL["NotificationQueue"])
        stack.make_due(lost)
        stack.make_due(hopeless, dispatches=12)

        stack.eventually(75, lambda: stack.row(lost)["dispatches"]["N"] == "1" and status(hopeless) == "failed")
    finally:
        stack.consumers_rest(False)

    stack.eventually(15, lambda: status(lost) == "done")
    reason = stack.row(hopeless)["failure"]["S"]
    letter = stack.eventually(15, lambda: [m for m in stack.receive("NotificationDeadLetterQueue") if hopeless in m["Body"]])[0]
    assert letter["MessageAttributes"]["reason"]["StringValue"] == reason
    assert reason == "not done although its message was sent 12 times"
