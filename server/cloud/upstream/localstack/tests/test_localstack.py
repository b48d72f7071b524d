"""A real LocalStack with the plugin, and a platform that only remembers. Skipped where LocalStack is not installed."""

import base64
import importlib.util
import io
import json
import threading
import unittest
import zipfile
from concurrent.futures import ThreadPoolExecutor

from fake_platform import TOKEN, FakePlatform, answer, event_of

if importlib.util.find_spec("localstack") is None:
    raise unittest.SkipTest("LocalStack is not installed here")

from botocore.exceptions import ClientError
from localstack_process import LocalStack

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
QUICK = {"Delay": 0.05, "MaxAttempts": 400}


def package(text="export const handler = async () => 1;") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.mjs", text)
    return buffer.getvalue()


class InLocalStack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.platform = cls.enterClassContext(FakePlatform())
        cls.localstack = cls.enterClassContext(
            LocalStack(LAMBDA_RANGE_URL=cls.platform.url, LAMBDA_RANGE_EXECUTOR_TOKEN=TOKEN)
        )
        cls.functions = cls.localstack.client("lambda")

    def setUp(self):
        self.platform.respond = lambda action, body: answer({"ran": True}) if action == "invoke" else (200, b"{}")

    def create(self, name: str, **members) -> str:
        """A function that is Active."""
        arn = self.functions.create_function(
            FunctionName=name,
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=ROLE,
            Code={"ZipFile": package()},
            Timeout=3,
            **members,
        )["FunctionArn"]
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=QUICK)
        return arn

    def call_of(self, name: str, wanted=lambda event: True) -> dict:
        return self.platform.wait_for(
            "invoke", lambda body: body["functionName"] == name and wanted(event_of(body))
        )

    def test_a_call_reaches_the_platform_and_its_answer_the_caller(self):
        arn = self.create("orders")
        self.platform.respond = lambda action, body: answer({"echo": event_of(body)}, logs="START\na line\nEND\n")
        got = self.functions.invoke(
            FunctionName="orders",
            Payload=b'{"id": 7}',
            LogType="Tail",
            ClientContext=base64.b64encode(b'{"custom":{}}').decode(),
        )
        self.assertEqual(json.load(got["Payload"]), {"echo": {"id": 7}})
        self.assertEqual((got["StatusCode"], got["ExecutedVersion"], got.get("FunctionError")), (200, "$LATEST", None))
        self.assertEqual(base64.b64decode(got["LogResult"]), b"START\na line\nEND\n")
        call = self.call_of("orders")
        self.assertEqual(event_of(call), {"id": 7})
        self.assertEqual(
            {key: call[key] for key in ("account", "region", "functionName", "version", "invokedArn")},
            {
                "account": ACCOUNT,
                "region": "us-east-1",
                "functionName": "orders",
                "version": "$LATEST",
                "invokedArn": arn,
            },
        )
        self.assertEqual(call["requestId"], got["ResponseMetadata"]["RequestId"])
        self.assertEqual(base64.b64decode(call["clientContext"]), b'{"custom":{}}')
        self.assertRegex(call["traceId"], r"^Root=1-[0-9a-f]{8}-[0-9a-f]{24};")

    def test_versions_and_aliases_are_told_apart(self):
        arn = self.create("versioned")
        self.functions.publish_version(FunctionName="versioned")
        self.functions.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1")
        self.functions.get_waiter("published_version_active").wait(
            FunctionName="versioned", Qualifier="1", WaiterConfig=QUICK
        )
        self.functions.invoke(FunctionName="versioned", Qualifier="live")
        call = self.call_of("versioned")
        self.assertEqual((call["version"], call["invokedArn"]), ("1", f"{arn}:live"))

    def test_an_error_of_the_function_is_one(self):
        self.create("fails")
        self.platform.respond = lambda *_: answer({"errorType": "TypeError", "errorMessage": "no"}, error=True)
        got = self.functions.invoke(FunctionName="fails")
        self.assertEqual((got["FunctionError"], json.load(got["Payload"])["errorType"]), ("Unhandled", "TypeError"))

    def test_what_lambda_would_refuse_is_refused(self):
        self.create("busy")
        self.platform.respond = lambda *_: (429, b'{"code":"TooManyRequestsException","message":"Rate Exceeded."}')
        with self.assertRaises(ClientError) as raised:
            self.functions.invoke(FunctionName="busy")
        response = raised.exception.response
        self.assertEqual(response["Error"]["Code"], "TooManyRequestsException")
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 429)

    def test_a_platform_that_cannot_run_it_is_an_error_of_the_function(self):
        self.create("stranded")
        self.platform.respond = lambda *_: (503, b'{"message":"The state of account 1 could not be read."}')
        got = self.functions.invoke(FunctionName="stranded", LogType="Tail")
        self.assertEqual(got["FunctionError"], "Unhandled")
        message = "Lambda Range did not run the function: The state of account 1 could not be read."
        self.assertEqual(
            json.load(got["Payload"]), {"errorType": "LambdaRange.Unavailable", "errorMessage": message}
        )
        self.assertEqual(base64.b64decode(got["LogResult"]).decode(), f"{message}\n")

    def test_an_event_is_run_later_and_again_after_an_error(self):
        self.create("later")
        failed = threading.Event()

        def respond(action, body):
            if failed.is_set():
                return answer(1)
            failed.set()
            return answer({"errorMessage": "no"}, error=True)

        self.platform.respond = respond
        got = self.functions.invoke(FunctionName="later", InvocationType="Event", Payload=b'{"n": 1}')
        self.assertEqual(got["StatusCode"], 202)
        first, second = self.platform.wait_for_all("invoke", 2, lambda body: body["functionName"] == "later")
        self.assertEqual(first["requestId"], got["ResponseMetadata"]["RequestId"])
        self.assertEqual(second, first)

    def test_an_event_that_lambda_refuses_goes_to_the_destination_for_failures(self):
        self.create("loops")
        queues = self.localstack.client("sqs")
        url = queues.create_queue(QueueName="failures")["QueueUrl"]
        self.functions.put_function_event_invoke_config(
            FunctionName="loops",
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:failures"}},
        )
        self.platform.respond = lambda *_: (400, b'{"code":"RecursiveInvocationException","message":"A loop."}')
        self.functions.invoke(FunctionName="loops", InvocationType="Event", Payload=b"{}")
        (message,) = queues.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
        self.assertEqual(
            json.loads(message["Body"])["responsePayload"],
            {"errorType": "RecursiveInvocationException", "errorMessage": "A loop."},
        )

    def test_logs_are_kept_in_the_function_s_log_group(self):
        self.create("talks", LoggingConfig={"LogGroup": "/of/its/own"})
        self.platform.respond = lambda *_: answer(1, logs="one\ntwo\n")
        logs = self.localstack.client("logs")
        self.functions.invoke(FunctionName="talks")
        # LocalStack writes logs in the order of invocations, some time after the answer: deleting the version waits for it.
        self.functions.delete_function(FunctionName="talks")
        self.platform.wait_for("discard", lambda body: body["functionName"] == "talks")
        events = logs.filter_log_events(logGroupName="/of/its/own")["events"]
        self.assertEqual([event["message"] for event in events], ["one\n", "two\n"])

    def test_a_queue_s_messages_come_as_one_event(self):
        arn = self.create("worker")
        queues = self.localstack.client("sqs")
        url = queues.create_queue(QueueName="work")["QueueUrl"]
        queue = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.functions.create_event_source_mapping(FunctionName=arn, EventSourceArn=queue)
        queues.send_message(QueueUrl=url, MessageBody="to do")
        (record,) = event_of(self.call_of("worker"))["Records"]
        self.assertEqual((record["body"], record["eventSourceARN"]), ("to do", queue))

    def test_a_bucket_s_notification_comes_as_an_event(self):
        arn = self.create("thumbnails")
        buckets = self.localstack.client("s3")
        buckets.create_bucket(Bucket="uploads")
        self.functions.add_permission(
            FunctionName=arn,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::uploads",
        )
        buckets.put_bucket_notification_configuration(
            Bucket="uploads",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
            },
        )
        buckets.put_object(Bucket="uploads", Key="a.png", Body=b"x")
        call = self.call_of("thumbnails", lambda event: event["Records"][0].get("eventName") == "ObjectCreated:Put")
        self.assertEqual(event_of(call)["Records"][0]["s3"]["object"]["key"], "a.png")

    def test_an_update_makes_a_function_that_runs_and_discards_the_old_one(self):
        self.create("changes")
        self.functions.invoke(FunctionName="changes")
        self.functions.update_function_configuration(
            FunctionName="changes", Environment={"Variables": {"A": "b"}}
        )
        self.functions.get_waiter("function_updated_v2").wait(FunctionName="changes", WaiterConfig=QUICK)
        gone = self.platform.wait_for("discard", lambda body: body["functionName"] == "changes")
        self.assertEqual(
            gone, {"account": ACCOUNT, "region": "us-east-1", "functionName": "changes", "version": "$LATEST"}
        )
        self.assertEqual(self.functions.invoke(FunctionName="changes").get("FunctionError"), None)

    def test_a_call_that_runs_is_let_to_its_end_when_the_function_changes(self):
        self.create("busy-and-updated")
        replaced = threading.Event()
        self.addCleanup(replaced.set)

        def respond(action, body):
            if action == "invoke":
                replaced.wait(20)
                return answer("the old one's answer")
            return 200, b"{}"

        self.platform.respond = respond
        with ThreadPoolExecutor() as pool:
            running = pool.submit(self.functions.invoke, FunctionName="busy-and-updated")
            self.call_of("busy-and-updated")
            self.functions.update_function_configuration(FunctionName="busy-and-updated", Timeout=4)
            self.platform.wait_for("discard", lambda body: body["functionName"] == "busy-and-updated")
            replaced.set()
            got = running.result()
        self.assertEqual((got.get("FunctionError"), json.load(got["Payload"])), (None, "the old one's answer"))

    def test_the_folder_of_another_machine_is_no_package(self):
        self.functions.create_function(
            FunctionName="mounted",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=ROLE,
            Code={"S3Bucket": "hot-reload", "S3Key": "/etc"},
        )
        waiter = self.functions.get_waiter("function_active_v2")
        with self.assertRaises(Exception):
            waiter.wait(FunctionName="mounted", WaiterConfig=QUICK)
        state = self.functions.get_function_configuration(FunctionName="mounted")
        self.assertEqual(state["State"], "Failed")
        self.assertIn("deployment packages (zip) only", state["StateReason"])

    def test_nothing_is_downloaded(self):
        self.create("offline")
        self.functions.invoke(FunctionName="offline")
        self.assertFalse([line for line in self.localstack.output if "lambda-runtime" in line])


class WithoutSettings(unittest.TestCase):
    def test_a_function_fails_and_says_what_is_missing(self):
        with LocalStack() as localstack:
            functions = localstack.client("lambda")
            functions.create_function(
                FunctionName="orders",
                Runtime="nodejs22.x",
                Handler="index.handler",
                Role=ROLE,
                Code={"ZipFile": package()},
            )
            waiter = functions.get_waiter("function_active_v2")
            with self.assertRaises(Exception):
                waiter.wait(FunctionName="orders", WaiterConfig=QUICK)
            state = functions.get_function_configuration(FunctionName="orders")
        self.assertEqual(state["State"], "Failed")
        self.assertIn("LAMBDA_RANGE_URL is not set", state["StateReason"])


if __name__ == "__main__":
    unittest.main()
