"""Queues."""

import hashlib
import json

from world import question, refusal

API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"


@question("GetQueueUrl of a queue that is not there", "AWS.SimpleQueueService.NonExistentQueue 400", f"{API}API_GetQueueUrl.html")
def absent(aws):
    return refusal(aws.sqs.get_queue_url, QueueName=aws.name())


@question("Settings of a new queue", "30 345600 0 0 true", f"{API}API_SetQueueAttributes.html")
def defaults(aws):
    got = aws.sqs.get_queue_attributes(QueueUrl=aws.queue()[0], AttributeNames=["All"])["Attributes"]
    names = ["VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled"]
    return " ".join(str(got.get(name)) for name in names)


@question("The largest message of a new queue, bytes", "1048576", f"{API}API_SetQueueAttributes.html")
def largest(aws):
    got = aws.sqs.get_queue_attributes(QueueUrl=aws.queue()[0], AttributeNames=["All"])["Attributes"]
    return got.get("MaximumMessageSize")


@question("CreateQueue again, alike", "ok", f"{API}API_CreateQueue.html")
def twice(aws):
    name = aws.name()
    aws.sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "5"})
    return refusal(aws.sqs.create_queue, QueueName=name, Attributes={"DelaySeconds": "5"})


@question("CreateQueue again, with another setting", "QueueAlreadyExists 400", f"{API}API_CreateQueue.html")
def twice_differently(aws):
    name = aws.name()
    aws.sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "5"})
    return refusal(aws.sqs.create_queue, QueueName=name, Attributes={"DelaySeconds": "6"})


@question("A FIFO queue whose name does not end in .fifo", "InvalidParameterValue 400", f"{API}API_CreateQueue.html")
def fifo_name(aws):
    return refusal(aws.sqs.create_queue, QueueName=aws.name(), Attributes={"FifoQueue": "true"})


@question("A retention of 10 seconds", "InvalidAttributeValue 400", f"{API}API_CreateQueue.html")
def retention(aws):
    return refusal(aws.sqs.create_queue, QueueName=aws.name(), Attributes={"MessageRetentionPeriod": "10"})


@question("An attribute that there is not", "InvalidAttributeName 400", f"{API}API_SetQueueAttributes.html")
def unknown_attribute(aws):
    return refusal(aws.sqs.set_queue_attributes, QueueUrl=aws.queue()[0], Attributes={"Colour": "blue"})


@question("A delay of 901 seconds", "InvalidParameterValue 400", f"{API}API_SendMessage.html")
def delay(aws):
    return refusal(aws.sqs.send_message, QueueUrl=aws.queue()[0], MessageBody="x", DelaySeconds=901)


@question("MD5OfMessageBody", True, f"{API}API_SendMessage.html")
def md5(aws):
    got = aws.sqs.send_message(QueueUrl=aws.queue()[0], MessageBody="héllo")["MD5OfMessageBody"]
    return got == hashlib.md5("héllo".encode()).hexdigest()


@question("DeleteMessage with a handle of nothing", "ReceiptHandleIsInvalid", f"{API}API_DeleteMessage.html")
def handle(aws):
    return refusal(aws.sqs.delete_message, QueueUrl=aws.queue()[0], ReceiptHandle="nothing").split(" ")[0]


@question("Eleven messages in a batch", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest 400", f"{API}API_SendMessageBatch.html")
def batch_too_many(aws):
    entries = [{"Id": str(n), "MessageBody": "x"} for n in range(11)]
    return refusal(aws.sqs.send_message_batch, QueueUrl=aws.queue()[0], Entries=entries)


@question("Two of one id in a batch", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct 400", f"{API}API_SendMessageBatch.html")
def batch_twice(aws):
    entries = [{"Id": "1", "MessageBody": "x"}] * 2
    return refusal(aws.sqs.send_message_batch, QueueUrl=aws.queue()[0], Entries=entries)


@question("No message in a batch", "AWS.SimpleQueueService.EmptyBatchRequest 400", f"{API}API_SendMessageBatch.html")
def batch_empty(aws):
    return refusal(aws.sqs.send_message_batch, QueueUrl=aws.queue()[0], Entries=[])


@question("PurgeQueue twice in a minute", "AWS.SimpleQueueService.PurgeQueueInProgress 403", f"{API}API_PurgeQueue.html")
def purge_twice(aws):
    url, _ = aws.queue()
    aws.sqs.purge_queue(QueueUrl=url)
    return refusal(aws.sqs.purge_queue, QueueUrl=url)


@question("A FIFO message of a group twice, with one deduplication id", "1 of 2", f"{GUIDE}using-messagededuplicationid-property.html")
def deduplicated(aws):
    url = aws.sqs.create_queue(QueueName=f"{aws.name()}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for _ in range(2):
        aws.sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
    got = aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return f"{len(got)} of 2"


@question("A FIFO message without a group", "MissingParameter 400", f"{API}API_SendMessage.html")
def no_group(aws):
    url = aws.sqs.create_queue(QueueName=f"{aws.name()}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return refusal(aws.sqs.send_message, QueueUrl=url, MessageBody="x", MessageDeduplicationId="d")


@question("A message that is received too often goes to the dead-letter queue", "x", f"{GUIDE}sqs-dead-letter-queues.html")
def dead_letters(aws):
    dead, arn = aws.queue()
    url, _ = aws.queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}), VisibilityTimeout="0")
    aws.sqs.send_message(QueueUrl=url, MessageBody="x")
    for _ in range(3):
        aws.sqs.receive_message(QueueUrl=url)
    return aws.arrives(dead, 3)


@question("A redrive policy to a queue that is not there", "InvalidParameterValue 400", f"{GUIDE}sqs-dead-letter-queues.html")
def dead_letters_nowhere(aws):
    policy = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{aws.region}:{aws.account}:nowhere", "maxReceiveCount": 1})
    return refusal(aws.sqs.set_queue_attributes, QueueUrl=aws.queue()[0], Attributes={"RedrivePolicy": policy})


@question("A queue policy that is no JSON", "InvalidAttributeValue 400", f"{API}API_SetQueueAttributes.html")
def bad_policy(aws):
    return refusal(aws.sqs.set_queue_attributes, QueueUrl=aws.queue()[0], Attributes={"Policy": "{"})


@question("A user without rights sends, a queue policy lets them", "ok", f"{GUIDE}sqs-basic-examples-of-sqs-policies.html")
def by_policy(aws):
    url, arn = aws.queue()
    keys = aws.user()
    who = {"AWS": f"arn:aws:iam::{aws.account}:user/{keys['UserName']}"}
    policy = aws.policy({"Principal": who, "Action": "sqs:SendMessage", "Resource": arn})
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return refusal(aws.client("sqs", keys).send_message, QueueUrl=url, MessageBody="x")


@question("A user without rights sends", "AccessDenied 403", f"{GUIDE}sqs-authentication-and-access-control.html")
def no_rights(aws):
    return refusal(aws.client("sqs", aws.user()).send_message, QueueUrl=aws.queue()[0], MessageBody="x")
