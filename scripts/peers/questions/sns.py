"""Topics."""

import json

from world import question, refusal

API = "https://docs.aws.amazon.com/sns/latest/api/"
GUIDE = "https://docs.aws.amazon.com/sns/latest/dg/"


def topic(aws):
    return aws.sns.create_topic(Name=aws.name("topic"))["TopicArn"]


def subscribed(aws, arn, allowed=True, **attributes):
    """A queue that hears of the topic; answers its URL."""
    url, queue = aws.queue()
    if allowed:
        where = {"ArnEquals": {"aws:SourceArn": arn}}
        policy = aws.policy({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue, "Condition": where})
        aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    aws.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes=attributes)
    return url


@question("CreateTopic again", "the same", f"{API}API_CreateTopic.html")
def twice(aws):
    name = aws.name()
    arns = {aws.sns.create_topic(Name=name)["TopicArn"] for _ in range(2)}
    return "the same" if len(arns) == 1 else "another"


@question("A topic's name with a space", "InvalidParameter 400", f"{API}API_CreateTopic.html")
def name(aws):
    return refusal(aws.sns.create_topic, Name="two words")


@question("Publish to a topic that is not there", "NotFound 404", f"{API}API_Publish.html")
def absent(aws):
    return refusal(aws.sns.publish, TopicArn=f"arn:aws:sns:{aws.region}:{aws.account}:nothing", Message="x")


@question("Publish of nothing", "InvalidParameter 400", f"{API}API_Publish.html")
def empty(aws):
    return refusal(aws.sns.publish, TopicArn=topic(aws), Message="")


@question("DeleteTopic of one that is not there", "ok", f"{API}API_DeleteTopic.html")
def delete_nothing(aws):
    return refusal(aws.sns.delete_topic, TopicArn=f"arn:aws:sns:{aws.region}:{aws.account}:nothing")


@question("Subscribe by a protocol that there is not", "InvalidParameter 400", f"{API}API_Subscribe.html")
def protocol(aws):
    return refusal(aws.sns.subscribe, TopicArn=topic(aws), Protocol="pigeon", Endpoint="x")


@question("The default policy names the owner", "AWS:SourceOwner", f"{GUIDE}sns-access-policy-use-cases.html")
def default_policy(aws):
    got = aws.sns.get_topic_attributes(TopicArn=topic(aws))["Attributes"]["Policy"]
    return next(iter(json.loads(got)["Statement"][0].get("Condition", {}).get("StringEquals", {})), None)


@question("A message arrives in its envelope", "Notification x", f"{GUIDE}sns-sqs-as-subscriber.html")
def envelope(aws):
    arn = topic(aws)
    url = subscribed(aws, arn)
    aws.sns.publish(TopicArn=arn, Message="x")
    body = json.loads(aws.arrives(url) or "{}")
    return f"{body.get('Type')} {body.get('Message')}"


@question("A raw message arrives as it is", "x", f"{GUIDE}sns-large-payload-raw-message-delivery.html")
def raw(aws):
    arn = topic(aws)
    url = subscribed(aws, arn, RawMessageDelivery="true")
    aws.sns.publish(TopicArn=arn, Message="x")
    return aws.arrives(url)


@question("A queue whose policy does not let the topic send", None, f"{GUIDE}subscribe-sqs-queue-to-sns-topic.html")
def not_allowed(aws):
    arn = topic(aws)
    url = subscribed(aws, arn, allowed=False)
    aws.sns.publish(TopicArn=arn, Message="x")
    return "delivered" if aws.arrives(url, 2) else None


@question("A filter policy lets one of two through", "right", f"{GUIDE}sns-subscription-filter-policies.html")
def filtered(aws):
    arn = topic(aws)
    url = subscribed(aws, arn, RawMessageDelivery="true", FilterPolicy=json.dumps({"kind": ["wanted"]}))
    for kind, message in (("other", "wrong"), ("wanted", "right")):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        aws.sns.publish(TopicArn=arn, Message=message, MessageAttributes=attributes)
    return aws.arrives(url)


@question("A filter policy that is no JSON", "InvalidParameter 400", f"{API}API_SetSubscriptionAttributes.html")
def bad_filter(aws):
    arn = topic(aws)
    call = aws.sns.subscribe
    return refusal(call, TopicArn=arn, Protocol="sqs", Endpoint=aws.queue()[1], Attributes={"FilterPolicy": "{"})


@question("A user without rights publishes", "AuthorizationError 403", f"{API}API_Publish.html")
def no_rights(aws):
    return refusal(aws.client("sns", aws.user()).publish, TopicArn=topic(aws), Message="x")
