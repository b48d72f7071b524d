"""EventBridge."""

import json

from world import question, refusal

API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"


@question("PutRule with a pattern that is no JSON", "InvalidEventPatternException 400", f"{API}API_PutRule.html")
def bad_pattern(aws):
    return refusal(aws.events.put_rule, Name=aws.name(), EventPattern="{")


@question("PutRule with neither pattern nor schedule", "ValidationException 400", f"{API}API_PutRule.html")
def empty_rule(aws):
    return refusal(aws.events.put_rule, Name=aws.name())


@question("PutTargets to a rule that is not there", "ResourceNotFoundException 400", f"{API}API_PutTargets.html")
def absent(aws):
    targets = [{"Id": "1", "Arn": aws.queue()[1]}]
    return refusal(aws.events.put_targets, Rule=aws.name(), Targets=targets)


@question("DeleteRule with a target", "ValidationException 400", f"{API}API_DeleteRule.html")
def rule_with_target(aws):
    name = aws.name()
    aws.events.put_rule(Name=name, EventPattern='{"source":["shop"]}')
    aws.events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": aws.queue()[1]}])
    return refusal(aws.events.delete_rule, Name=name)


@question("TestEventPattern with anything-but", False, f"{API}API_TestEventPattern.html")
def anything_but(aws):
    event = {"id": "1", "account": aws.account, "source": "shop", "time": "2026-01-01T00:00:00Z", "region": aws.region, "resources": [], "detail-type": "order", "detail": {"state": "new"}}
    pattern = json.dumps({"detail": {"state": [{"anything-but": "new"}]}})
    return aws.events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]


@question("An event goes by a rule into a queue", "order", f"{GUIDE}eb-rules.html")
def delivered(aws):
    name, source = aws.name(), aws.name("shop")
    url, arn = aws.queue()
    rule = aws.events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    where = {"ArnEquals": {"aws:SourceArn": rule}}
    policy = aws.policy({"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn, "Condition": where})
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    aws.events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    aws.events.put_events(Entries=[{"Source": source, "DetailType": "order", "Detail": "{}"}])
    return json.loads(aws.arrives(url) or "{}").get("detail-type")


@question("PutEvents with a detail that is no JSON", "1 MalformedDetail", f"{API}API_PutEvents.html")
def malformed_detail(aws):
    got = aws.events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{"}])
    return f"{got['FailedEntryCount']} {got['Entries'][0].get('ErrorCode')}"
