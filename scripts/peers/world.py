"""What every question is given: clients, fresh names, and how to say what happened in a word."""

import io
import json
import os
import time
import uuid
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

QUESTIONS = []


def question(text, expected, url):
    """Registers a question. `expected` is what AWS answers, by the page at `url`."""

    def register(ask):
        topic = ask.__module__.split(".")[-1]
        name = ask.__name__.strip("_").replace("_", "-")
        QUESTIONS.append({"id": f"{topic}.{name}", "text": text, "expected": expected, "url": url, "ask": ask})
        return ask

    return register


def refusal(call, **arguments):
    """The code and status of an error, `ok` where there was none."""
    try:
        call(**arguments)
        return "ok"
    except ClientError as error:
        return f"{error.response['Error']['Code']} {error.response['ResponseMetadata']['HTTPStatusCode']}"


class World:
    """One endpoint, as its administrator sees it."""

    def __init__(self):
        self.region = os.environ["AWS_REGION"]
        self.endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.clients = {}
        self.account = self.client("sts").get_caller_identity()["Account"]
        self.made_role = None

    def client(self, service, keys=None, **options):
        """A client of the administrator, or of who holds `keys` (of a user, or of a session)."""
        cached = (service, json.dumps(keys, default=str), json.dumps(options))
        if cached not in self.clients:
            config = Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=20,
                parameter_validation=False,
            )
            held = {}
            if keys:
                held = {
                    "aws_access_key_id": keys["AccessKeyId"],
                    "aws_secret_access_key": keys["SecretAccessKey"],
                    "aws_session_token": keys.get("SessionToken", ""),
                }
            self.clients[cached] = boto3.client(
                service, config=config, endpoint_url=self.endpoint, region_name=self.region, **held, **options
            )
        return self.clients[cached]

    def __getattr__(self, service):
        return self.client(service)

    @staticmethod
    def name(base="peer"):
        return f"{base}-{uuid.uuid4().hex[:10]}"

    @staticmethod
    def failure(error):
        if isinstance(error, ClientError):
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return f"{error.response['Error']['Code']} {status} at {error.operation_name}"
        if isinstance(error, BotoCoreError):
            return type(error).__name__
        return f"{type(error).__name__}: {str(error)[:100]}"

    @staticmethod
    def trust(principal=None):
        statement = {"Effect": "Allow", "Principal": principal or {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    @staticmethod
    def policy(*statements):
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})

    def role(self, *statements, principal=None):
        """A role, by default Lambda's, that may do what the statements say."""
        name = self.name("role")
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=self.trust(principal))["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=self.policy(*statements))
        return made

    def user(self, *statements):
        """A user's keys; the user may do what the statements say."""
        name = self.name("user")
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=self.policy(*statements))
        return {"UserName": name, **self.iam.create_access_key(UserName=name)["AccessKey"]}

    def bucket(self):
        name = self.name("bucket")
        self.s3.create_bucket(Bucket=name)
        return name

    def queue(self, **attributes):
        """A queue's URL and ARN."""
        url = self.sqs.create_queue(QueueName=self.name("queue"), Attributes=attributes)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    @staticmethod
    def zip(code):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            # Readable by others: functions run as another user.
            entry = zipfile.ZipInfo("index.mjs")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, code)
        return buffer.getvalue()

    def function(self, code="export const handler = async (event) => ({ got: event });", role=None, **more):
        """A function's name."""
        name = self.name("function")
        arguments = {
            "FunctionName": name,
            "Runtime": "nodejs22.x",
            "Handler": "index.handler",
            "Role": (role or self.some_role())["Arn"],
            "Code": {"ZipFile": self.zip(code)},
        }
        getattr(self, "lambda").create_function(**{**arguments, **more})
        self.wait(lambda: getattr(self, "lambda").get_function_configuration(FunctionName=name).get("State", "Active") == "Active")
        return name

    def some_role(self):
        self.made_role = self.made_role or self.role({"Action": "logs:*", "Resource": "*"})
        return self.made_role

    @staticmethod
    def wait(done, seconds=8):
        """Waits until `done` answers something, and answers that; None when it never does."""
        until = time.monotonic() + seconds
        while True:
            found = done()
            if found or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def arrives(self, url, seconds=8):
        """The body of the first message of a queue; None when none comes."""

        def receive():
            return self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")

        messages = self.wait(receive, seconds)
        return messages[0]["Body"] if messages else None
