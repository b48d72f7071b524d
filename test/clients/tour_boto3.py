"""A full tour of the services with boto3, as anyone would write it, against a running server.

The environment holds what `range env` prints and nothing else. Each step prints `ok <name>` or
`not ok <name>: <why>`; steps of one service build on one another, services do not.
"""

import base64
import hashlib
import io
import json
import os
import sys
import traceback
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from datetime import datetime, timedelta, timezone

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = os.environ["AWS_REGION"]
failures = 0


def step(function):
    """Runs a step at once and says how it went; the tour goes on."""
    global failures
    try:
        function()
        print(f"ok {function.__name__}", flush=True)
    except Exception as error:  # noqa: BLE001 - every failure is reported by name
        failures += 1
        where = traceback.extract_tb(error.__traceback__)
        line = next((f.lineno for f in reversed(where) if f.filename == __file__), 0)
        why = str(error).replace("\n", " ")
        print(f"not ok {function.__name__}: line {line}: {type(error).__name__}: {why}", flush=True)
    return function


def client(name, **options):
    config = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        read_timeout=60,
    ).merge(options.pop("config", Config()))
    return boto3.client(name, config=config, **options)


def refused(code, status, call, *args, **kwargs):
    """The call fails with exactly this error; answers the error."""
    try:
        call(*args, **kwargs)
    except ClientError as error:
        answer = error.response
        got = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, status), f"expected {code} {status}, got {got}: {answer['Error'].get('Message')}"
        return error
    raise AssertionError(f"expected {code}, but the call succeeded")


def http(method, url, data=None, headers=None):
    """Plain HTTP without credentials: (status, body). Names below `localhost` are this machine, as curl and browsers have it."""
    parts = urllib.parse.urlsplit(url)
    headers = dict(headers or {})
    if parts.hostname.endswith(".localhost"):
        headers["Host"] = parts.netloc
        url = urllib.parse.urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}"))
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            # Lambda needs files that everyone may read; Python's own default is 0600, which fails in AWS and here.
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return out.getvalue()


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def allow(action, resource="*"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


ACCOUNT = client("sts").get_caller_identity()["Account"]


@step
def sts_says_who_and_assumes_roles():
    sts, iam = client("sts"), client("iam")
    me = sts.get_caller_identity()
    assert ":assumed-role/" in me["Arn"] and me["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:"), me
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    role = iam.create_role(RoleName="tour-reader", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="tour-reader", PolicyName="own", PolicyDocument=allow("iam:GetRole", role["Arn"]))
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tour", DurationSeconds=900)
    assert session["AssumedRoleUser"]["Arn"].endswith("assumed-role/tour-reader/tour")
    assert session["Credentials"]["Expiration"] > datetime.now(timezone.utc)
    keys = {
        "aws_access_key_id": session["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": session["Credentials"]["SecretAccessKey"],
        "aws_session_token": session["Credentials"]["SessionToken"],
    }
    theirs = client("iam", **keys)
    assert theirs.get_role(RoleName="tour-reader")["Role"]["Arn"] == role["Arn"]
    error = refused("AccessDenied", 403, theirs.list_roles)
    assert "is not authorized to perform: iam:ListRoles" in str(error), error
    assert "because no identity-based policy allows the iam:ListRoles action" in str(error), error
    refused("AccessDeniedException", 400, client("ssm", **keys).describe_parameters)
    refused("AccessDenied", 403, client("s3", **keys).list_buckets)
    refused("UnauthorizedOperation", 403, client("ec2", **keys).describe_vpcs)
    refused("AccessDeniedException", 403, client("lambda", **keys).list_functions)
    refused("AuthorizationError", 403, client("sns", **keys).list_topics)
    iam.delete_role_policy(RoleName="tour-reader", PolicyName="own")
    iam.delete_role(RoleName="tour-reader")
    refused("NoSuchEntity", 404, iam.get_role, RoleName="tour-reader")


@step
def wrong_credentials_are_named_as_aws_names_them():
    good = boto3.Session().get_credentials().get_frozen_credentials()
    wrong = {
        "aws_access_key_id": good.access_key,
        "aws_secret_access_key": "x" * 40,
        "aws_session_token": good.token,
    }
    for name, call, code, status in (
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403),
        ("iam", "list_roles", "SignatureDoesNotMatch", 403),
        ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
        ("lambda", "list_functions", "InvalidSignatureException", 403),
        ("ssm", "describe_parameters", "InvalidSignatureException", 400),
        ("ec2", "describe_vpcs", "AuthFailure", 401),
    ):
        refused(code, status, getattr(client(name, **wrong), call))
    foreign = {
        "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    for name, call, code, status in (
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("lambda", "list_functions", "UnrecognizedClientException", 403),
        ("ssm", "describe_parameters", "UnrecognizedClientException", 400),
        ("sns", "list_topics", "InvalidClientTokenId", 403),
        ("ec2", "describe_vpcs", "AuthFailure", 401),
    ):
        refused(code, status, getattr(boto3.client(name, **foreign), call))
    broken = dict(wrong, aws_secret_access_key=good.secret_key, aws_session_token=good.token[:-8] + "AAAAAAAA")
    refused("InvalidClientTokenId", 403, client("sts", **broken).get_caller_identity)


@step
def a_skewed_clock_is_refused():
    import botocore.auth

    real = botocore.auth.get_current_datetime if hasattr(botocore.auth, "get_current_datetime") else None
    assert real is not None, "botocore.auth has another clock than this test knows"
    botocore.auth.get_current_datetime = lambda *args, **kwargs: real(*args, **kwargs) + timedelta(hours=1)
    try:
        refused("SignatureDoesNotMatch", 403, client("sts").get_caller_identity)
        refused("RequestTimeTooSkewed", 403, client("s3").list_buckets)
        refused("InvalidSignatureException", 400, client("ssm").describe_parameters)
    finally:
        botocore.auth.get_current_datetime = real


@step
def iam_keeps_users_groups_and_policies():
    iam = client("iam")
    policy = iam.create_policy(PolicyName="tour", PolicyDocument=allow("s3:ListAllMyBuckets"))["Policy"]
    iam.create_group(GroupName="tour-group")
    iam.attach_group_policy(GroupName="tour-group", PolicyArn=policy["Arn"])
    for number in range(5):
        iam.create_user(UserName=f"tour-user-{number}", Tags=[{"Key": "n", "Value": str(number)}])
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    names = [user["UserName"] for page in pages for user in page["Users"]]
    assert len(pages) >= 3 and all(f"tour-user-{n}" in names for n in range(5)), (len(pages), names)
    iam.get_waiter("user_exists").wait(UserName="tour-user-0", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    iam.add_user_to_group(GroupName="tour-group", UserName="tour-user-0")
    key = iam.create_access_key(UserName="tour-user-0")["AccessKey"]
    theirs = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    # boto3's own environment holds a session token; keys given here stand alone.
    assert "Buckets" in client("s3", **theirs).list_buckets()
    refused("AccessDenied", 403, client("s3", **theirs).create_bucket, Bucket="tour-not-theirs")
    iam.update_access_key(UserName="tour-user-0", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused("InvalidAccessKeyId", 403, client("s3", **theirs).list_buckets)
    document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "s3:ListAllMyBuckets", document
    refused("DeleteConflict", 409, iam.delete_user, UserName="tour-user-0")
    refused("EntityAlreadyExists", 409, iam.create_group, GroupName="tour-group")
    refused(
        "MalformedPolicyDocument", 400, iam.create_policy, PolicyName="bad", PolicyDocument='{"Version":"2012-10-17"'
    )
    refused("ValidationError", 400, iam.create_user, UserName="no spaces please")
    simulated = iam.simulate_custom_policy(
        PolicyInputList=[allow("s3:GetObject", "arn:aws:s3:::b/*")],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/k"],
    )["EvaluationResults"]
    decisions = {entry["EvalActionName"]: entry["EvalDecision"] for entry in simulated}
    assert decisions == {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"}, decisions


@step
def lambda_runs_what_it_is_given():
    iam, functions = client("iam"), client("lambda")
    role = iam.create_role(RoleName="tour-fn", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName="tour-fn", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    code = zipped(
        {
            "index.mjs": "export const handler = async (event) => { console.log('tour', event.n);"
            " if (event.fail) throw new TypeError('as asked');"
            " return { doubled: event.n * 2, who: process.env.WHO }; };"
        }
    )
    made = functions.create_function(
        FunctionName="tour",
        Runtime="nodejs20.x",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code},
        Environment={"Variables": {"WHO": "boto3"}},
        Tags={"tour": "yes"},
    )
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode(), made["CodeSha256"]
    functions.get_waiter("function_active_v2").wait(
        FunctionName="tour", WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )
    answer = functions.invoke(FunctionName="tour", Payload=json.dumps({"n": 21}), LogType="Tail")
    assert json.loads(answer["Payload"].read()) == {"doubled": 42, "who": "boto3"}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "tour 21" in tail and "REPORT RequestId" in tail, tail
    broken = functions.invoke(FunctionName="tour", Payload=b'{"n":1,"fail":true}')
    assert broken["FunctionError"] == "Unhandled"
    assert json.loads(broken["Payload"].read())["errorType"] == "TypeError"
    assert functions.invoke(FunctionName="tour", InvocationType="Event", Payload=b'{"n":1}')["StatusCode"] == 202
    dry = functions.invoke(FunctionName="tour", InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    functions.update_function_configuration(
        FunctionName="tour", Timeout=7, Environment={"Variables": {"WHO": "again"}}
    )
    functions.get_waiter("function_updated_v2").wait(
        FunctionName="tour", WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )
    assert json.loads(functions.invoke(FunctionName="tour", Payload=b'{"n":1}')["Payload"].read())["who"] == "again"
    version = functions.publish_version(FunctionName="tour")["Version"]
    functions.create_alias(FunctionName="tour", Name="live", FunctionVersion=version)
    functions.update_function_code(
        FunctionName="tour", ZipFile=zipped({"index.mjs": "export const handler = async () => 'new';"})
    )
    assert json.loads(functions.invoke(FunctionName="tour")["Payload"].read()) == "new"
    live = functions.invoke(FunctionName="tour", Qualifier="live", Payload=b'{"n":4}')
    assert live["ExecutedVersion"] == version and json.loads(live["Payload"].read())["doubled"] == 8
    functions.add_permission(
        FunctionName="tour",
        StatementId="bucket",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::tour-source",
        SourceAccount=ACCOUNT,
    )
    policy = json.loads(functions.get_policy(FunctionName="tour")["Policy"])
    assert policy["Statement"][0]["Condition"]["ArnLike"]["AWS:SourceArn"] == "arn:aws:s3:::tour-source", policy
    url = functions.create_function_url_config(FunctionName="tour", AuthType="NONE")["FunctionUrl"]
    functions.add_permission(
        FunctionName="tour",
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    functions.add_permission(
        FunctionName="tour",
        StatementId="url-invoke",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    status, body = http("GET", url)
    assert status == 200 and b"new" in body, (status, body[:200])
    location = functions.get_function(FunctionName="tour", Qualifier=version)["Code"]["Location"]
    status, body = http("GET", location)
    assert status == 200 and body == code, (status, len(body))
    found = [f["FunctionName"] for p in functions.get_paginator("list_functions").paginate() for f in p["Functions"]]
    assert "tour" in found, found
    refused("ResourceNotFoundException", 404, functions.get_function, FunctionName="nope")
    refused("ResourceConflictException", 409, functions.create_alias, FunctionName="tour", Name="live", FunctionVersion=version)
    refused("InvalidRequestContentException", 400, functions.invoke, FunctionName="tour", Payload=b"not json")
    refused(
        "InvalidParameterValueException",
        400,
        functions.create_function,
        FunctionName="broken",
        Runtime="nodejs20.x",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": b"this is no zip"},
    )
    functions.delete_function(FunctionName="tour")
    refused("ResourceNotFoundException", 404, functions.invoke, FunctionName="tour")


@step
def logs_hold_what_functions_print():
    logs = client("logs")
    group = "/tour/group"
    logs.create_log_group(logGroupName=group)
    refused("ResourceAlreadyExistsException", 400, logs.create_log_group, logGroupName=group)
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    now = int(datetime.now(timezone.utc).timestamp() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": now + n, "message": f"line {n} {'ERROR' if n % 3 == 0 else 'fine'}"} for n in range(9)],
    )
    events = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True)["events"]
    assert [event["message"] for event in events][:2] == ["line 0 ERROR", "line 1 fine"], events
    found = [
        event["message"]
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern="ERROR", PaginationConfig={"PageSize": 2}
        )
        for event in page["events"]
    ]
    assert found == ["line 0 ERROR", "line 3 ERROR", "line 6 ERROR"], found
    printed = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/tour")["logGroups"]
    assert printed, "the function of this tour has left no log group"
    logs.delete_log_group(logGroupName=group)


@step
def s3_keeps_objects_of_every_name():
    s3 = client("s3")
    bucket = "tour-objects"
    s3.create_bucket(Bucket=bucket)
    s3.get_waiter("bucket_exists").wait(Bucket=bucket, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    names = [
        "plain.txt",
        "with space.txt",
        "plus+sign.txt",
        "percent%41.txt",
        "a//double//slash",
        "/leading-slash",
        "trailing/",
        "ümlaut/日本語/😀.txt",
        "dots/../not/resolved",
        "quo'te\"s&<tags>.xml",
        "semi;colon=eq,comma~tilde!star*(paren)",
        "question?mark#hash",
    ]
    for name in names:
        body = f"body of {name}".encode()
        put = s3.put_object(Bucket=bucket, Key=name, Body=body, Metadata={"n": "1"})
        assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', (name, put["ETag"])
        got = s3.get_object(Bucket=bucket, Key=name)
        assert got["Body"].read() == body and got["Metadata"] == {"n": "1"}, name
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 5}))
    listed = [entry["Key"] for page in pages for entry in page["Contents"]]
    assert len(pages) == 3 and sorted(listed) == sorted(names), (len(pages), sorted(set(names) ^ set(listed)))
    assert listed == sorted(names, key=lambda name: name.encode()), "keys are listed in the order of their UTF-8 bytes"
    folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/", Prefix="a/")
    assert [entry["Prefix"] for entry in folders["CommonPrefixes"]] == ["a//"], folders
    copied = s3.copy_object(Bucket=bucket, Key="copy of +", CopySource={"Bucket": bucket, "Key": "plus+sign.txt"})
    assert "ETag" in copied["CopyObjectResult"]
    assert s3.get_object(Bucket=bucket, Key="plain.txt", Range="bytes=0-3")["Body"].read() == b"body"
    head = s3.head_object(Bucket=bucket, Key="plain.txt")
    assert head["ContentLength"] == len(b"body of plain.txt")
    refused("404", 404, s3.head_object, Bucket=bucket, Key="nope")
    refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="nope")
    refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket="tour-no-such-bucket")
    refused("BucketNotEmpty", 409, s3.delete_bucket, Bucket=bucket)
    refused("InvalidRange", 416, s3.get_object, Bucket=bucket, Key="plain.txt", Range="bytes=1000-2000")
    refused("304", 304, s3.get_object, Bucket=bucket, Key="plain.txt", IfNoneMatch=head["ETag"])
    gone = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in [*names, "copy of +", "never there"]]}
    )
    assert len(gone["Deleted"]) == len(names) + 2 and "Errors" not in gone, gone
    s3.delete_bucket(Bucket=bucket)


@step
def s3_uploads_with_checksums_and_in_parts():
    s3 = client("s3")
    bucket = "tour-uploads"
    s3.create_bucket(Bucket=bucket)
    body = os.urandom(300_000)

    class Stream(io.BytesIO):
        """Not a plain file: botocore sends it with a trailing checksum, in aws-chunked framing."""

    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(Bucket=bucket, Key=algorithm, Body=Stream(body), ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        assert got["Body"].read() == body and f"Checksum{algorithm}" in got, algorithm
    s3.put_object(Bucket=bucket, Key="default", Body=Stream(body))
    attributes = s3.get_object_attributes(Bucket=bucket, Key="SHA256", ObjectAttributes=["Checksum", "ObjectSize"])
    assert attributes["ObjectSize"] == len(body) and "ChecksumSHA256" in attributes["Checksum"], attributes
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    refused("BadDigest", 400, s3.put_object, Bucket=bucket, Key="wrong", Body=b"body", ChecksumSHA256=wrong)
    refused("404", 404, s3.head_object, Bucket=bucket, Key="wrong")
    # The transfer manager: more than 8 MB go up in parts and come down in ranges.
    big = os.urandom(9 * 1024 * 1024 + 17)
    s3.upload_fileobj(io.BytesIO(big), bucket, "big", ExtraArgs={"Metadata": {"kind": "big"}})
    out = io.BytesIO()
    s3.download_fileobj(bucket, "big", out)
    assert out.getvalue() == big
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ETag"].endswith('-2"') and head["Metadata"] == {"kind": "big"}, head["ETag"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="left")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="left", UploadId=upload, PartNumber=1, Body=b"x")
    assert [entry["Key"] for entry in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["left"]
    assert [p["Size"] for p in s3.list_parts(Bucket=bucket, Key="left", UploadId=upload)["Parts"]] == [1]
    s3.abort_multipart_upload(Bucket=bucket, Key="left", UploadId=upload)
    refused("NoSuchUpload", 404, s3.list_parts, Bucket=bucket, Key="left", UploadId=upload)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="v", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="v", Body=b"2")
    s3.delete_object(Bucket=bucket, Key="v")
    refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="v")
    assert s3.get_object(Bucket=bucket, Key="v", VersionId=first)["Body"].read() == b"1"
    versions = s3.list_object_versions(Bucket=bucket, Prefix="v")
    assert len(versions["Versions"]) == 2 and len(versions["DeleteMarkers"]) == 1, versions


@step
def s3_presigned_addresses_work_without_credentials():
    for style in ("path",):
        s3 = client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": style}))
        bucket = "tour-presigned"
        s3.create_bucket(Bucket=bucket)
        key = "pre signed/ü+%.txt"
        put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key, "ContentType": "text/x-tour"})
        status, body = http("PUT", put, b"by address", {"Content-Type": "text/x-tour"})
        assert status == 200, (status, body)
        status, body = http("PUT", put, b"by address", {"Content-Type": "text/other"})
        assert status == 403 and b"SignatureDoesNotMatch" in body, (status, body)
        get = s3.generate_presigned_url(
            "get_object", {"Bucket": bucket, "Key": key, "ResponseContentType": "text/changed"}, ExpiresIn=60
        )
        assert http("GET", get) == (200, b"by address")
        assert http("GET", get.replace("text%2Fchanged", "text%2Fother"))[0] == 403
        assert http("DELETE", get)[0] == 403
        assert http("GET", get.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))[0] == 403
        status, body = http("GET", f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}/plain")
        assert status == 403 and b"AccessDenied" in body, (status, body)


@step
def s3_keeps_configurations():
    s3 = client("s3")
    bucket = "tour-settings"
    s3.create_bucket(Bucket=bucket)
    refused("NoSuchBucketPolicy", 404, s3.get_bucket_policy, Bucket=bucket)
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
    public = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
            ],
        }
    )
    refused("AccessDenied", 403, s3.put_bucket_policy, Bucket=bucket, Policy=public)
    refused("MalformedPolicy", 400, s3.put_bucket_policy, Bucket=bucket, Policy="{}")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    s3.put_object(Bucket=bucket, Key="page.html", Body=b"<p>", ContentType="text/html")
    assert http("GET", f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}/page.html") == (200, b"<p>")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(Bucket=bucket, Key="page.html", Tagging={"TagSet": [{"Key": "x", "Value": "y z"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="page.html")["TagSet"] == [{"Key": "x", "Value": "y z"}]
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", encryption
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == (None if REGION == "us-east-1" else REGION)


@step
def sqs_delivers():
    sqs = client("sqs")
    dead = sqs.create_queue(QueueName="tour-dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = sqs.create_queue(
        QueueName="tour",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})},
        tags={"tour": "yes"},
    )["QueueUrl"]
    assert sqs.get_queue_url(QueueName="tour")["QueueUrl"] == url
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="héllo <&>",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "tour"}},
    )
    assert sent["MD5OfMessageBody"] == hashlib.md5("héllo <&>".encode()).hexdigest()
    got = sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"], VisibilityTimeout=0
    )["Messages"][0]
    assert got["Body"] == "héllo <&>" and got["MessageAttributes"]["kind"]["StringValue"] == "tour", got
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    got = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
    batch = sqs.send_message_batch(
        QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": f"m{n}"} for n in range(10)]
    )
    assert len(batch["Successful"]) == 10
    bodies = set()
    for _ in range(10):
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            bodies.add(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert bodies == {f"m{n}" for n in range(10)}, bodies
    error = refused("AWS.SimpleQueueService.NonExistentQueue", 400, sqs.get_queue_url, QueueName="nope")
    assert isinstance(error, sqs.exceptions.QueueDoesNotExist), type(error)
    refused("ReceiptHandleIsInvalid", 400, sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense")
    refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400, sqs.send_message_batch, QueueUrl=url,
            Entries=[{"Id": str(n), "MessageBody": "m"} for n in range(11)])
    fifo = sqs.create_queue(QueueName="tour.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for n in range(3):
        sqs.send_message(QueueUrl=fifo, MessageBody=str(n), MessageGroupId="g", MessageDeduplicationId=str(n))
    sqs.send_message(QueueUrl=fifo, MessageBody="again", MessageGroupId="g", MessageDeduplicationId="2")
    order = [m["Body"] for m in sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]]
    assert order == ["0", "1", "2"], order
    urls = [u for p in sqs.get_paginator("list_queues").paginate(QueueNamePrefix="tour") for u in p["QueueUrls"]]
    assert sorted(urls) == sorted([dead, url, fifo]), urls


@step
def sns_reaches_queues():
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="tour-topic", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    url = sqs.create_queue(QueueName="tour-inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
                }
            ],
        }
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sub = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Subject="s", Message="to all", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}})
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    envelope = json.loads(message["Body"])
    assert (envelope["Type"], envelope["Message"], envelope["TopicArn"]) == ("Notification", "to all", topic), envelope
    assert envelope["MessageAttributes"] == {"k": {"Type": "String", "Value": "v"}}
    sns.set_subscription_attributes(SubscriptionArn=sub, AttributeName="RawMessageDelivery", AttributeValue="true")
    batch = sns.publish_batch(
        TopicArn=topic, PublishBatchRequestEntries=[{"Id": str(n), "Message": f"raw {n}"} for n in range(2)]
    )
    assert len(batch["Successful"]) == 2
    raw = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]["Body"]
    assert raw.startswith("raw "), raw
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["Owner"] == ACCOUNT and "Policy" in attributes
    topics = [t["TopicArn"] for p in sns.get_paginator("list_topics").paginate() for t in p["Topics"]]
    assert topic in topics
    refused("NotFound", 404, sns.publish, TopicArn=topic + "-nope", Message="x")
    refused("InvalidParameter", 400, sns.subscribe, TopicArn=topic, Protocol="pigeon", Endpoint="x")
    sns.unsubscribe(SubscriptionArn=sub)
    sns.delete_topic(TopicArn=topic)


@step
def secretsmanager_keeps_secrets():
    secrets = client("secretsmanager")
    arn = secrets.create_secret(Name="tour/secret", SecretString="one", Tags=[{"Key": "a", "Value": "b"}])["ARN"]
    assert secrets.get_secret_value(SecretId="tour/secret")["SecretString"] == "one"
    refused("ResourceExistsException", 400, secrets.create_secret, Name="tour/secret", SecretString="x")
    version = secrets.put_secret_value(SecretId=arn, SecretString="two")["VersionId"]
    now = secrets.get_secret_value(SecretId=arn)
    assert (now["SecretString"], now["VersionId"]) == ("two", version)
    assert secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    binary = secrets.create_secret(Name="tour/binary", SecretBinary=b"\x00\xff")["ARN"]
    assert secrets.get_secret_value(SecretId=binary)["SecretBinary"] == b"\x00\xff"
    listed = [s["Name"] for p in secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1}) for s in p["SecretList"]]
    assert {"tour/secret", "tour/binary"} <= set(listed), listed
    assert len(secrets.get_random_password(PasswordLength=20)["RandomPassword"]) == 20
    secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    refused("InvalidRequestException", 400, secrets.get_secret_value, SecretId=arn)
    secrets.restore_secret(SecretId=arn)
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "two"
    refused("ResourceNotFoundException", 400, secrets.get_secret_value, SecretId="tour/nope")


@step
def ssm_keeps_parameters():
    ssm = client("ssm")
    ssm.put_parameter(Name="/tour/plain", Type="String", Value="v1", Tags=[{"Key": "a", "Value": "b"}])
    ssm.put_parameter(Name="/tour/deep/secret", Type="SecureString", Value="hidden")
    ssm.put_parameter(Name="/tour/list", Type="StringList", Value="a,b")
    refused("ParameterAlreadyExists", 400, ssm.put_parameter, Name="/tour/plain", Type="String", Value="x")
    assert ssm.put_parameter(Name="/tour/plain", Type="String", Value="v2", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name="/tour/plain:1")["Parameter"]["Value"] == "v1"
    closed = ssm.get_parameter(Name="/tour/deep/secret")["Parameter"]["Value"]
    assert closed != "hidden"
    assert ssm.get_parameter(Name="/tour/deep/secret", WithDecryption=True)["Parameter"]["Value"] == "hidden"
    pages = list(
        ssm.get_paginator("get_parameters_by_path").paginate(
            Path="/tour", Recursive=True, PaginationConfig={"PageSize": 2}
        )
    )
    names = [p["Name"] for page in pages for p in page["Parameters"]]
    assert sorted(names) == ["/tour/deep/secret", "/tour/list", "/tour/plain"] and len(pages) == 2, (names, len(pages))
    answer = ssm.get_parameters(Names=["/tour/plain", "/tour/nope"])
    assert answer["InvalidParameters"] == ["/tour/nope"]
    refused("ParameterNotFound", 400, ssm.get_parameter, Name="/tour/nope")
    history = ssm.get_parameter_history(Name="/tour/plain")["Parameters"]
    assert [entry["Value"] for entry in history] == ["v1", "v2"]
    assert len(ssm.delete_parameters(Names=names)["DeletedParameters"]) == 3


@step
def kms_encrypts():
    kms = client("kms")
    key = kms.create_key(Description="tour")["KeyMetadata"]
    kms.create_alias(AliasName="alias/tour", TargetKeyId=key["KeyId"])
    box = kms.encrypt(KeyId="alias/tour", Plaintext=b"plain", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=box, EncryptionContext={"a": "b"})["Plaintext"] == b"plain"
    refused("InvalidCiphertextException", 400, kms.decrypt, CiphertextBlob=box, EncryptionContext={"a": "c"})
    data = kms.generate_data_key(KeyId="alias/tour", KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"] != b""
    assert len(kms.generate_random(NumberOfBytes=16)["Plaintext"]) == 16
    kms.disable_key(KeyId=key["KeyId"])
    refused("DisabledException", 400, kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    kms.enable_key(KeyId=key["KeyId"])
    kms.enable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    assert key["KeyId"] in [k["KeyId"] for p in kms.get_paginator("list_keys").paginate() for k in p["Keys"]]
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    refused("KMSInvalidStateException", 400, kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    refused("NotFoundException", 400, kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000")


@step
def ec2_builds_networks():
    ec2 = client("ec2")
    vpc = ec2.create_vpc(
        CidrBlock="10.42.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "tour"}]}],
    )["Vpc"]["VpcId"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc], WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    public = ec2.create_subnet(VpcId=vpc, CidrBlock="10.42.1.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    private = ec2.create_subnet(VpcId=vpc, CidrBlock="10.42.2.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    refused("InvalidSubnet.Conflict", 400, ec2.create_subnet, VpcId=vpc, CidrBlock="10.42.1.128/25")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=public)["AssociationId"]
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address["AllocationId"])["NatGateway"]["NatGatewayId"]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    inner = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=inner, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.associate_route_table(RouteTableId=inner, SubnetId=private)
    group = ec2.create_security_group(GroupName="tour", Description="tour", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}]}
        ],
    )
    refused(
        "InvalidPermission.Duplicate",
        400,
        ec2.authorize_security_group_ingress,
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
    )
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert {rule["IsEgress"] for rule in rules} == {True, False}, rules
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[inner]
    )["VpcEndpoint"]["VpcEndpointId"]
    routes = ec2.describe_route_tables(RouteTableIds=[inner])["RouteTables"][0]["Routes"]
    assert any(route.get("GatewayId") == endpoint for route in routes), routes
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert {subnet["SubnetId"] for subnet in found} == {public, private}
    named = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["to*"]}])["Vpcs"]
    assert [entry["VpcId"] for entry in named] == [vpc], named
    pages = list(ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5}))
    assert sum(len(page["Subnets"]) for page in pages) >= 2
    refused("InvalidVpcID.NotFound", 400, ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    refused("DependencyViolation", 400, ec2.delete_vpc, VpcId=vpc)
    refused("DryRunOperation", 412, ec2.describe_vpcs, DryRun=True)
    ec2.disassociate_route_table(AssociationId=association)


@step
def apigatewayv2_answers():
    iam, functions, gateway = client("iam"), client("lambda"), client("apigatewayv2")
    role = iam.create_role(RoleName="tour-api", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    code = zipped(
        {
            "index.mjs": "export const handler = async (event) => ({ statusCode: 201,"
            " headers: { 'x-tour': event.version }, body: event.rawPath });"
        }
    )
    arn = functions.create_function(
        FunctionName="tour-api", Runtime="nodejs20.x", Role=role, Handler="index.handler", Code={"ZipFile": code}
    )["FunctionArn"]
    api = gateway.create_api(Name="tour", ProtocolType="HTTP")
    integration = gateway.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    gateway.create_route(ApiId=api["ApiId"], RouteKey="GET /things/{id}", Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    status, body = http("GET", f"{api['ApiEndpoint']}/things/7")
    assert status == 500, (status, body)
    functions.add_permission(
        FunctionName="tour-api",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api['ApiId']}/*/*/things/*",
    )
    status, body = http("GET", f"{api['ApiEndpoint']}/things/7")
    assert (status, body) == (201, b"/things/7"), (status, body)
    assert http("GET", f"{api['ApiEndpoint']}/elsewhere")[0] == 404
    assert [a["ApiId"] for a in gateway.get_apis()["Items"] if a["Name"] == "tour"] == [api["ApiId"]]
    refused("NotFoundException", 404, gateway.get_api, ApiId="nope")
    gateway.delete_api(ApiId=api["ApiId"])


@step
def rds_and_its_data_api():
    ec2, rds, data, secrets = client("ec2"), client("rds"), client("rds-data"), client("secretsmanager")
    vpc = ec2.create_vpc(CidrBlock="10.43.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.43.{n}.0/24", AvailabilityZone=zones[n])["Subnet"]["SubnetId"]
        for n in range(2)
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="tour", DBSubnetGroupDescription="tour", SubnetIds=subnets)
    cluster = rds.create_db_cluster(
        DBClusterIdentifier="tour",
        Engine="aurora-postgresql",
        MasterUsername="admin_tour",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="tour",
        EnableHttpEndpoint=True,
        DatabaseName="shop",
    )["DBCluster"]
    rds.get_waiter("db_cluster_available").wait(
        DBClusterIdentifier="tour", WaiterConfig={"Delay": 1, "MaxAttempts": 3}
    )
    secret = rds.describe_db_clusters(DBClusterIdentifier="tour")["DBClusters"][0]["MasterUserSecret"]["SecretArn"]
    assert json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])["username"] == "admin_tour"
    target = {"resourceArn": cluster["DBClusterArn"], "secretArn": secret, "database": "shop"}
    data.execute_statement(**target, sql="create table items (id integer primary key, name text)")
    data.batch_execute_statement(
        **target,
        sql="insert into items (id, name) values (:id, :name)",
        parameterSets=[
            [{"name": "id", "value": {"longValue": n}}, {"name": "name", "value": {"stringValue": f"item {n}"}}]
            for n in range(3)
        ],
    )
    answer = data.execute_statement(
        **target,
        sql="select id, name from items where id > :least order by id",
        parameters=[{"name": "least", "value": {"longValue": 0}}],
        includeResultMetadata=True,
    )
    assert answer["records"] == [
        [{"longValue": 1}, {"stringValue": "item 1"}],
        [{"longValue": 2}, {"stringValue": "item 2"}],
    ], answer["records"]
    assert [column["name"] for column in answer["columnMetadata"]] == ["id", "name"]
    transaction = data.begin_transaction(**target)["transactionId"]
    data.execute_statement(**target, sql="delete from items", transactionId=transaction)
    data.rollback_transaction(resourceArn=target["resourceArn"], secretArn=secret, transactionId=transaction)
    count = data.execute_statement(**target, sql="select count(*) from items")["records"][0][0]["longValue"]
    assert count == 3, count
    try:
        data.execute_statement(**target, sql="selekt 1")
        raise AssertionError("broken SQL was taken")
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error
    refused("DBClusterNotFoundFault", 404, rds.describe_db_clusters, DBClusterIdentifier="nope")
    refused("DBClusterAlreadyExistsFault", 400, rds.create_db_cluster, DBClusterIdentifier="tour", Engine="aurora-postgresql", MasterUsername="a", ManageMasterUserPassword=True)


@step
def dynamodb_keeps_items_exactly():
    dynamodb, table = client("dynamodb"), "tour-orders"
    dynamodb.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("tenant", "id", "state")],
        KeySchema=[{"AttributeName": "tenant", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-state",
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table)
    refused("ResourceInUseException", 400, dynamodb.create_table, TableName=table, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    from boto3.dynamodb.conditions import Attr, Key
    from decimal import Decimal
    orders = boto3.resource("dynamodb").Table(table)
    exact = Decimal("12345678901234567890.123456789012345678")
    with orders.batch_writer() as writer:
        for n in range(30):
            writer.put_item(Item={"tenant": "a", "id": f"{n:03}", "state": "new", "price": exact, "tags": {"x", "y"}})
    assert orders.get_item(Key={"tenant": "a", "id": "007"})["Item"]["price"] == exact
    pages = list(dynamodb.get_paginator("query").paginate(
        TableName=table, IndexName="by-state", KeyConditionExpression="#s = :s", ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":s": {"S": "new"}}, PaginationConfig={"PageSize": 7}))
    assert sum(page["Count"] for page in pages) == 30 and len(pages) > 4, [page["Count"] for page in pages]
    orders.update_item(Key={"tenant": "a", "id": "001"}, UpdateExpression="SET #s = :paid ADD price :more",
                       ConditionExpression=Attr("state").eq("new"), ExpressionAttributeNames={"#s": "state"},
                       ExpressionAttributeValues={":paid": "paid", ":more": Decimal("0.5")})
    refused("ConditionalCheckFailedException", 400, orders.put_item, Item={"tenant": "a", "id": "001"},
            ConditionExpression=Attr("id").not_exists())
    assert orders.query(KeyConditionExpression=Key("tenant").eq("a") & Key("id").begins_with("00"))["Count"] == 10
    refused("TransactionCanceledException", 400, dynamodb.transact_write_items, TransactItems=[
        {"Delete": {"TableName": table, "Key": {"tenant": {"S": "a"}, "id": {"S": "002"}}}},
        {"ConditionCheck": {"TableName": table, "Key": {"tenant": {"S": "a"}, "id": {"S": "nope"}},
                            "ConditionExpression": "attribute_exists(id)"}},
    ])
    rows = dynamodb.execute_statement(Statement=f'SELECT id FROM "{table}" WHERE tenant = ? AND id = ?',
                                      Parameters=[{"S": "a"}, {"S": "002"}])["Items"]
    assert rows == [{"id": {"S": "002"}}], rows
    streams = client("dynamodbstreams")
    arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    at = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    names = [record["eventName"] for record in streams.get_records(ShardIterator=at)["Records"]]
    assert names.count("INSERT") == 30 and names.count("MODIFY") == 1, names
    error = refused("ValidationException", 400, orders.put_item, Item={"tenant": ""})
    assert "empty string" in str(error) or "key" in str(error), error
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table)


@step
def events_reach_queues_by_pattern():
    events, sqs = client("events"), client("sqs")
    queue = sqs.create_queue(QueueName="tour-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = events.put_rule(Name="tour", EventPattern=json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}))
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}}}]})})
    assert events.put_targets(Rule="tour", Targets=[{"Id": "queue", "Arn": arn, "InputTransformer": {
        "InputPathsMap": {"total": "$.detail.total"}, "InputTemplate": '"paid <total>"'}}])["FailedEntryCount"] == 0
    sent = events.put_events(Entries=[
        {"Source": "shop", "DetailType": "order", "Detail": json.dumps({"total": total})} for total in (5, 50)
    ] + [{"Source": "shop", "DetailType": "order", "Detail": "no JSON"}])
    assert sent["FailedEntryCount"] == 1 and sent["Entries"][2]["ErrorCode"] == "MalformedDetail", sent
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == ['"paid 50"'], messages
    refused("ValidationException", 400, events.delete_rule, Name="tour")
    events.remove_targets(Rule="tour", Ids=["queue"])
    events.delete_rule(Name="tour")
    refused("ResourceNotFoundException", 400, events.describe_rule, Name="tour")


@step
def apigateway_serves_rest_apis():
    gateway = client("apigateway")
    api = gateway.create_rest_api(name="tour")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    orders = gateway.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    where = {"restApiId": api, "resourceId": orders, "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_method_response(**where, statusCode="200")
    gateway.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": '{"orders": []}'})
    base = f"{os.environ['AWS_ENDPOINT_URL']}/_range/execute-api/{api}/live"
    assert http("GET", f"{base}/orders")[0] == 403, "a stage that is not deployed answered"
    gateway.create_deployment(restApiId=api, stageName="live")
    status, body = http("GET", f"{base}/orders")
    assert (status, json.loads(body)) == (200, {"orders": []}), (status, body)
    status, body = http("GET", f"{base}/nothing")
    assert status == 403 and b"Missing Authentication Token" in (body if isinstance(body, bytes) else body.encode()), body
    refused("NotFoundException", 404, gateway.get_stage, restApiId=api, stageName="nope")
    gateway.delete_rest_api(restApiId=api)


@step
def cloudtrail_and_access_analyzer_know_what_happened():
    client("iam").create_user(UserName="tour-trail")
    found = client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}])
    records = [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]
    assert any((record["requestParameters"] or {}).get("userName") == "tour-trail" for record in records), records
    analyzer = client("accessanalyzer")
    findings = analyzer.validate_policy(policyType="IDENTITY_POLICY", policyDocument=allow("iam:PassRole"))["findings"]
    assert "PASS_ROLE_WITH_STAR_IN_RESOURCE" in {finding["issueCode"] for finding in findings}, findings


@step
def unsigned_calls_reach_what_is_open_to_everyone():
    sns, sqs = client("sns"), client("sqs")
    nobody = Config(signature_version=botocore.UNSIGNED)
    topic = sns.create_topic(Name="tour-open")["TopicArn"]
    queue = sqs.create_queue(QueueName="tour-open")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    refused("AuthorizationError", 403, client("sns", config=nobody).publish, TopicArn=topic, Message="x")
    refused("AccessDenied", 403, client("sqs", config=nobody).send_message, QueueUrl=queue, MessageBody="x")

    def everyone(action, resource):
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=everyone("sns:Publish", topic))
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": everyone("sqs:SendMessage", arn)})
    assert client("sns", config=nobody).publish(TopicArn=topic, Message="from nobody")["MessageId"]
    assert client("sqs", config=nobody).send_message(QueueUrl=queue, MessageBody="from nobody")["MessageId"]
    refused("AuthorizationError", 403, client("sns", config=nobody).get_topic_attributes, TopicArn=topic)
    refused("AccessDenied", 403, client("sqs", config=nobody).receive_message, QueueUrl=queue)
    message = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    assert message["Body"] == "from nobody", message


@step
def what_is_not_emulated_says_so():
    error = refused("NotEmulatedByLambdaRange", 501, client("s3").list_bucket_inventory_configurations,
                    Bucket="tour-settings")
    assert "ListBucketInventoryConfigurations" in str(error), error
    error = refused("NotEmulatedByLambdaRange", 501, client("iam").create_virtual_mfa_device, VirtualMFADeviceName="x")
    assert "CreateVirtualMFADevice" in str(error), error
    error = refused("NotEmulatedByLambdaRange", 501, client("ec2").run_instances, MinCount=1, MaxCount=1)
    assert "RunInstances" in str(error), error
    for name, call in (("kinesis", "list_streams"), ("route53", "list_hosted_zones"), ("cloudformation", "list_stacks")):
        try:
            getattr(client(name), call)()
            raise AssertionError(f"{name} answered")
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert status == 501, (name, status, error.response)


sys.exit(1 if failures else 0)
