"""A tour of the services with the AWS CLI v2, as people type it, against a running server.

The CLI's own driver runs in this process, so that its modules are loaded once. Each step prints `ok <name>` or
`not ok <name>: <why>`.
"""

import base64
import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
import zipfile

from awscli.clidriver import create_clidriver

REGION = os.environ["AWS_REGION"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
# The CLI of Debian 12 does not know the variable: it is given the option, and must not need the other.
del os.environ["AWS_ENDPOINT_URL"]
os.environ.update(AWS_PAGER="", AWS_CLI_AUTO_PROMPT="off", AWS_RETRY_MODE="standard", AWS_MAX_ATTEMPTS="1")
failures = 0


class Failed(Exception):
    """The command's exit code was not 0."""


class Output(io.TextIOWrapper):
    """Text and bytes: `s3 cp … -` writes bytes."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)


def aws(*arguments):
    """Runs `aws …`; answers its output, parsed where it is JSON."""
    out, err = Output(), Output()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = create_clidriver().main(["--endpoint-url", ENDPOINT, *arguments])
    text = out.buffer.getvalue().decode()
    if code != 0:
        raise Failed(f"aws {' '.join(arguments)[:120]}: exit {code}: {err.buffer.getvalue().decode().strip()} {text[:200]}")
    try:
        return json.loads(text)
    except ValueError:
        return text


def refused(code, *arguments):
    try:
        aws(*arguments)
    except Failed as error:
        assert f"({code})" in str(error), error
        return str(error)
    raise AssertionError(f"expected {code}, but the command succeeded")


def step(function):
    global failures
    try:
        function()
        print(f"ok {function.__name__}", flush=True)
    except BaseException as error:  # noqa: BLE001 - the driver may also exit
        failures += 1
        where = traceback.extract_tb(error.__traceback__)
        line = next((f.lineno for f in reversed(where) if f.filename == __file__), 0)
        why = str(error).replace("\n", " ")
        print(f"not ok {function.__name__}: line {line}: {type(error).__name__}: {why}", flush=True)


FOLDER = tempfile.mkdtemp(prefix="lambda-range-cli-")
ACCOUNT = aws("sts", "get-caller-identity")["Account"]
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def file(name, content):
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content)
    # Older than any upload: S3's times are whole seconds, and sync compares them.
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def zip_of(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("index.mjs")
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, text)
    return out.getvalue()


@step
def sts_and_iam():
    assert ":assumed-role/" in aws("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    aws("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST)
    aws("iam", "put-role-policy", "--role-name", "cli", "--policy-name", "p", "--policy-document",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}')
    got = aws("iam", "get-role-policy", "--role-name", "cli", "--policy-name", "p")
    assert got["PolicyDocument"]["Statement"][0]["Action"] == "s3:GetObject", got
    for n in range(3):
        aws("iam", "create-user", "--user-name", f"cli-{n}")
    names = aws("iam", "list-users", "--page-size", "1", "--query", "Users[].UserName")
    assert {"cli-0", "cli-1", "cli-2"} <= set(names), names
    limited = aws("iam", "list-users", "--max-items", "1")
    assert len(limited["Users"]) == 1 and limited["NextToken"], limited
    refused("NoSuchEntity", "iam", "get-role", "--role-name", "nope")
    refused("MalformedPolicyDocument", "iam", "put-role-policy", "--role-name", "cli", "--policy-name", "q", "--policy-document", "{}")
    aws("iam", "wait", "role-exists", "--role-name", "cli")


@step
def lambda_():
    role = f"arn:aws:iam::{ACCOUNT}:role/cli"
    code = file("fn.zip", zip_of("export const handler = async (e) => ({ got: e, v: process.env.V });"))
    aws("lambda", "create-function", "--function-name", "cli", "--runtime", "nodejs20.x", "--handler", "index.handler",
        "--role", role, "--zip-file", f"fileb://{code}", "--environment", "Variables={V=1}", "--timeout", "5")
    aws("lambda", "wait", "function-active-v2", "--function-name", "cli")
    out = os.path.join(FOLDER, "out.json")
    answer = aws("lambda", "invoke", "--function-name", "cli", "--cli-binary-format", "raw-in-base64-out", "--payload",
                 '{"k":"ü"}', "--log-type", "Tail", out)
    assert answer["StatusCode"] == 200 and "REPORT" in base64.b64decode(answer["LogResult"]).decode()
    with open(out, encoding="utf-8") as result:
        assert json.load(result) == {"got": {"k": "ü"}, "v": "1"}
    aws("lambda", "update-function-configuration", "--function-name", "cli", "--environment", "Variables={V=2}")
    aws("lambda", "add-permission", "--function-name", "cli", "--statement-id", "s", "--action", "lambda:InvokeFunction",
        "--principal", "s3.amazonaws.com", "--source-arn", "arn:aws:s3:::b", "--source-account", ACCOUNT)
    assert "arn:aws:s3:::b" in aws("lambda", "get-policy", "--function-name", "cli")["Policy"]
    aws("lambda", "remove-permission", "--function-name", "cli", "--statement-id", "s")
    refused("ResourceNotFoundException", "lambda", "get-policy", "--function-name", "cli")
    groups = aws("logs", "describe-log-groups", "--log-group-name-prefix", "/aws/lambda/cli")["logGroups"]
    assert groups == [], "a role without rights to write logs has written some"
    aws("lambda", "delete-function", "--function-name", "cli")


@step
def logs():
    aws("logs", "create-log-group", "--log-group-name", "/cli")
    aws("logs", "create-log-stream", "--log-group-name", "/cli", "--log-stream-name", "s")
    import time
    aws("logs", "put-log-events", "--log-group-name", "/cli", "--log-stream-name", "s", "--log-events",
        f"timestamp={int(time.time() * 1000)},message=hello")
    found = aws("logs", "filter-log-events", "--log-group-name", "/cli", "--filter-pattern", "hello")
    assert [event["message"] for event in found["events"]] == ["hello"], found
    assert "hello" in aws("logs", "tail", "/cli")


@step
def s3():
    aws("s3", "mb", "s3://cli-tour")
    small = file("tree/small + ü.txt", b"small")
    file("tree/deep/one.bin", bytes(1000))
    big = file("big.bin", os.urandom(9 * 1024 * 1024))
    aws("s3", "cp", small, "s3://cli-tour/a b/small + \u00fc.txt", "--metadata", "k=v")
    assert aws("s3", "cp", "s3://cli-tour/a b/small + \u00fc.txt", "-") == "small"
    aws("s3", "cp", big, "s3://cli-tour/big.bin", "--no-progress")
    back = os.path.join(FOLDER, "back.bin")
    aws("s3", "cp", "s3://cli-tour/big.bin", back, "--no-progress")
    with open(big, "rb") as one, open(back, "rb") as two:
        assert one.read() == two.read()
    aws("s3", "sync", os.path.join(FOLDER, "tree"), "s3://cli-tour/tree", "--no-progress")
    listed = aws("s3", "ls", "s3://cli-tour", "--recursive")
    assert "tree/deep/one.bin" in listed and "big.bin" in listed and "small + ü.txt" in listed, listed
    assert aws("s3", "sync", os.path.join(FOLDER, "tree"), "s3://cli-tour/tree", "--no-progress").strip() == ""
    url = aws("s3", "presign", "s3://cli-tour/a b/small + \u00fc.txt").strip()
    import urllib.request
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.read() == b"small"
    aws("s3api", "put-public-access-block", "--bucket", "cli-tour", "--public-access-block-configuration",
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")
    keys = aws("s3api", "list-objects-v2", "--bucket", "cli-tour", "--page-size", "1", "--query", "Contents[].Key")
    assert len(keys) == 4, keys
    head = aws("s3api", "head-object", "--bucket", "cli-tour", "--key", "a b/small + \u00fc.txt")
    assert head["Metadata"] == {"k": "v"} and head["ContentLength"] == 5, head
    refused("404", "s3api", "head-object", "--bucket", "cli-tour", "--key", "nope")
    refused("NoSuchKey", "s3api", "get-object", "--bucket", "cli-tour", "--key", "nope", os.path.join(FOLDER, "nope"))
    refused("NoSuchBucket", "s3api", "list-objects-v2", "--bucket", "cli-tour-nope")
    aws("s3", "rb", "s3://cli-tour", "--force")
    refused("NoSuchBucket", "s3api", "get-bucket-policy", "--bucket", "cli-tour")


@step
def sqs_in_the_old_query_form():
    url = aws("sqs", "create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=0", "--tags", "a=b")["QueueUrl"]
    assert aws("sqs", "get-queue-url", "--queue-name", "cli")["QueueUrl"] == url
    sent = aws("sqs", "send-message", "--queue-url", url, "--message-body", "hé <&>", "--message-attributes",
               '{"k":{"DataType":"String","StringValue":"v"},"n":{"DataType":"Number","StringValue":"7"}}')
    assert sent["MD5OfMessageAttributes"], sent
    got = aws("sqs", "receive-message", "--queue-url", url, "--attribute-names", "All", "--message-attribute-names", "All")
    message = got["Messages"][0]
    assert message["Body"] == "hé <&>" and message["MessageAttributes"]["k"]["StringValue"] == "v", message
    assert message["Attributes"]["ApproximateReceiveCount"] == "1", message
    aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    assert aws("sqs", "receive-message", "--queue-url", url) == ""
    batch = aws("sqs", "send-message-batch", "--queue-url", url, "--entries", "Id=1,MessageBody=a", "Id=2,MessageBody=b")
    assert len(batch["Successful"]) == 2 and "Failed" not in batch, batch
    attributes = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "2" and attributes["QueueArn"].endswith(":cli"), attributes
    aws("sqs", "set-queue-attributes", "--queue-url", url, "--attributes", "MessageRetentionPeriod=120")
    assert aws("sqs", "list-queue-tags", "--queue-url", url)["Tags"] == {"a": "b"}
    aws("sqs", "add-permission", "--queue-url", url, "--label", "l", "--aws-account-ids", ACCOUNT, "--actions", "SendMessage")
    assert aws("sqs", "list-queues", "--queue-name-prefix", "cli")["QueueUrls"] == [url]
    open_to_all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
                   "Resource": attributes["QueueArn"]}]}
    refused("AccessDenied", "sqs", "send-message", "--no-sign-request", "--queue-url", url, "--message-body", "x")
    aws("sqs", "set-queue-attributes", "--queue-url", url, "--attributes", json.dumps({"Policy": json.dumps(open_to_all)}))
    assert aws("sqs", "send-message", "--no-sign-request", "--queue-url", url, "--message-body", "x")["MessageId"]
    aws("sqs", "purge-queue", "--queue-url", url)
    refused("AWS.SimpleQueueService.NonExistentQueue", "sqs", "get-queue-url", "--queue-name", "nope")
    refused("ReceiptHandleIsInvalid", "sqs", "delete-message", "--queue-url", url, "--receipt-handle", "x")
    aws("sqs", "delete-queue", "--queue-url", url)


@step
def sns():
    topic = aws("sns", "create-topic", "--name", "cli")["TopicArn"]
    url = aws("sqs", "create-queue", "--queue-name", "cli-inbox")["QueueUrl"]
    arn = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
              "Action": "sqs:SendMessage", "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]}
    aws("sqs", "set-queue-attributes", "--queue-url", url, "--attributes", json.dumps({"Policy": json.dumps(policy)}))
    aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)
    assert aws("sns", "publish", "--topic-arn", topic, "--message", "hi", "--subject", "s")["MessageId"]
    got = aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"][0]
    assert json.loads(got["Body"])["Message"] == "hi", got
    assert topic in [entry["TopicArn"] for entry in aws("sns", "list-topics")["Topics"]]
    refused("NotFound", "sns", "get-topic-attributes", "--topic-arn", f"{topic}-nope")


@step
def secretsmanager():
    aws("secretsmanager", "create-secret", "--name", "cli", "--secret-string", '{"p":"1"}')
    assert aws("secretsmanager", "get-secret-value", "--secret-id", "cli")["SecretString"] == '{"p":"1"}'
    aws("secretsmanager", "put-secret-value", "--secret-id", "cli", "--secret-string", "2")
    assert "cli" in aws("secretsmanager", "list-secrets", "--query", "SecretList[].Name")
    refused("ResourceNotFoundException", "secretsmanager", "get-secret-value", "--secret-id", "nope")


@step
def ssm():
    aws("ssm", "put-parameter", "--name", "/cli/a", "--value", "v", "--type", "SecureString")
    assert aws("ssm", "get-parameter", "--name", "/cli/a", "--with-decryption")["Parameter"]["Value"] == "v"
    assert len(aws("ssm", "get-parameters-by-path", "--path", "/cli")["Parameters"]) == 1
    refused("ParameterNotFound", "ssm", "get-parameter", "--name", "/cli/b")


@step
def kms():
    key = aws("kms", "create-key")["KeyMetadata"]["KeyId"]
    aws("kms", "create-alias", "--alias-name", "alias/cli", "--target-key-id", key)
    plain = file("plain", b"text")
    box = aws("kms", "encrypt", "--key-id", "alias/cli", "--plaintext", f"fileb://{plain}")["CiphertextBlob"]
    sealed = file("sealed", base64.b64decode(box))
    opened = aws("kms", "decrypt", "--ciphertext-blob", f"fileb://{sealed}")["Plaintext"]
    assert base64.b64decode(opened) == b"text"
    refused("NotFoundException", "kms", "describe-key", "--key-id", "alias/nope")


@step
def ec2():
    vpc = aws("ec2", "create-vpc", "--cidr-block", "10.44.0.0/16", "--tag-specifications",
              "ResourceType=vpc,Tags=[{Key=Name,Value=cli}]")["Vpc"]["VpcId"]
    subnet = aws("ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.44.1.0/24")["Subnet"]["SubnetId"]
    gateway = aws("ec2", "create-internet-gateway")["InternetGateway"]["InternetGatewayId"]
    aws("ec2", "attach-internet-gateway", "--vpc-id", vpc, "--internet-gateway-id", gateway)
    table = aws("ec2", "create-route-table", "--vpc-id", vpc)["RouteTable"]["RouteTableId"]
    assert aws("ec2", "create-route", "--route-table-id", table, "--destination-cidr-block", "0.0.0.0/0",
               "--gateway-id", gateway)["Return"] is True
    aws("ec2", "associate-route-table", "--route-table-id", table, "--subnet-id", subnet)
    group = aws("ec2", "create-security-group", "--group-name", "cli", "--description", "d", "--vpc-id", vpc)["GroupId"]
    aws("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "443", "--cidr", "10.0.0.0/8")
    shown = aws("ec2", "describe-security-groups", "--group-ids", group)["SecurityGroups"][0]
    assert shown["IpPermissions"][0]["FromPort"] == 443, shown
    endpoint = aws("ec2", "create-vpc-endpoint", "--vpc-id", vpc, "--service-name", f"com.amazonaws.{REGION}.s3",
                   "--route-table-ids", table)["VpcEndpoint"]["VpcEndpointId"]
    assert endpoint.startswith("vpce-")
    named = aws("ec2", "describe-vpcs", "--filters", "Name=tag:Name,Values=cli", "--query", "Vpcs[].VpcId")
    assert named == [vpc], named
    refused("InvalidSubnetID.NotFound", "ec2", "describe-subnets", "--subnet-ids", "subnet-00000000000000000")


@step
def apigatewayv2():
    api = aws("apigatewayv2", "create-api", "--name", "cli", "--protocol-type", "HTTP")["ApiId"]
    integration = aws("apigatewayv2", "create-integration", "--api-id", api, "--integration-type", "AWS_PROXY",
                      "--integration-uri", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:none",
                      "--payload-format-version", "2.0")["IntegrationId"]
    aws("apigatewayv2", "create-route", "--api-id", api, "--route-key", "GET /x", "--target", f"integrations/{integration}")
    aws("apigatewayv2", "create-stage", "--api-id", api, "--stage-name", "$default", "--auto-deploy")
    assert [route["RouteKey"] for route in aws("apigatewayv2", "get-routes", "--api-id", api)["Items"]] == ["GET /x"]
    aws("apigatewayv2", "delete-api", "--api-id", api)
    refused("NotFoundException", "apigatewayv2", "get-api", "--api-id", api)


@step
def rds_and_rds_data():
    vpc = aws("ec2", "create-vpc", "--cidr-block", "10.45.0.0/16")["Vpc"]["VpcId"]
    zones = aws("ec2", "describe-availability-zones", "--query", "AvailabilityZones[].ZoneName")
    subnets = [aws("ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", f"10.45.{n}.0/24", "--availability-zone", zones[n])["Subnet"]["SubnetId"] for n in range(2)]
    aws("rds", "create-db-subnet-group", "--db-subnet-group-name", "cli", "--db-subnet-group-description", "d", "--subnet-ids", *subnets)
    arn = aws("rds", "create-db-cluster", "--db-cluster-identifier", "cli", "--engine", "aurora-postgresql", "--master-username",
              "boss", "--manage-master-user-password", "--db-subnet-group-name", "cli", "--enable-http-endpoint")["DBCluster"]["DBClusterArn"]
    aws("rds", "wait", "db-cluster-available", "--db-cluster-identifier", "cli")
    shown = aws("rds", "describe-db-clusters", "--db-cluster-identifier", "cli")["DBClusters"][0]
    secret = shown["MasterUserSecret"]["SecretArn"]
    answer = aws("rds-data", "execute-statement", "--resource-arn", arn, "--secret-arn", secret, "--sql", "select 1 + 1")
    assert answer["records"] == [[{"longValue": 2}]], answer
    refused("DBClusterNotFoundFault", "rds", "describe-db-clusters", "--db-cluster-identifier", "nope")


@step
def dynamodb_events_and_rest_apis():
    aws("dynamodb", "create-table", "--table-name", "cli", "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH")
    aws("dynamodb", "wait", "table-exists", "--table-name", "cli")
    aws("dynamodb", "put-item", "--table-name", "cli", "--item", '{"id": {"S": "1"}, "n": {"N": "0.10"}}')
    assert aws("dynamodb", "get-item", "--table-name", "cli", "--key", '{"id": {"S": "1"}}')["Item"]["n"] == {"N": "0.1"}
    refused("ResourceNotFoundException", "dynamodb", "scan", "--table-name", "nope")
    aws("events", "put-rule", "--name", "cli", "--schedule-expression", "rate(5 minutes)")
    assert aws("events", "list-rules", "--name-prefix", "cli")["Rules"][0]["State"] == "ENABLED"
    refused("ValidationException", "events", "put-rule", "--name", "cli", "--schedule-expression", "rate(1 minutes)")
    api = aws("apigateway", "create-rest-api", "--name", "cli")["id"]
    assert aws("apigateway", "get-rest-apis")["items"][0]["id"] == api
    refused("NotFoundException", "apigateway", "get-resources", "--rest-api-id", "nope")
    assert aws("cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateRestApi")["Events"]


@step
def wrong_keys_and_what_is_not_emulated():
    real = os.environ["AWS_SECRET_ACCESS_KEY"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = "x" * 40
    try:
        refused("SignatureDoesNotMatch", "sts", "get-caller-identity")
        refused("InvalidSignatureException", "ssm", "describe-parameters")
        refused("AuthFailure", "ec2", "describe-vpcs")
        refused("SignatureDoesNotMatch", "s3api", "list-buckets")
        refused("SignatureDoesNotMatch", "sqs", "list-queues")
    finally:
        os.environ["AWS_SECRET_ACCESS_KEY"] = real
    said = refused("NotEmulatedByLambdaRange", "ec2", "run-instances", "--image-id", "ami-1", "--instance-type", "t3.micro")
    assert "RunInstances" in said, said
    refused("NotEmulatedByLambdaRange", "kinesis", "list-streams")
    refused("NotEmulatedByLambdaRange", "cloudformation", "list-stacks")


import shutil

shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(1 if failures else 0)
