"""Functions."""

import base64
import json

from world import question, refusal

API = "https://docs.aws.amazon.com/lambda/latest/api/"
GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/"


def functions(aws):
    return aws.client("lambda")


def create(aws, **more):
    """The outcome of CreateFunction."""
    arguments = {
        "FunctionName": aws.name(),
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "Role": aws.some_role()["Arn"],
        "Code": {"ZipFile": aws.zip("export const handler = async () => 1;")},
    }
    return refusal(functions(aws).create_function, **{**arguments, **more})


@question("GetFunction of one that is not there", "ResourceNotFoundException 404", f"{API}API_GetFunction.html")
def absent(aws):
    return refusal(functions(aws).get_function, FunctionName=aws.name())


@question("Settings of a new function", "128 3 Zip x86_64 512 PassThrough Text", f"{API}API_CreateFunction.html")
def defaults(aws):
    got = functions(aws).get_function_configuration(FunctionName=aws.function())
    return " ".join(
        str(value)
        for value in (
            got.get("MemorySize"), got.get("Timeout"), got.get("PackageType"), (got.get("Architectures") or [None])[0],
            got.get("EphemeralStorage", {}).get("Size"), got.get("TracingConfig", {}).get("Mode"),
            got.get("LoggingConfig", {}).get("LogFormat"),
        )
    )


@question("CreateFunction of a name that is taken", "ResourceConflictException 409", f"{API}API_CreateFunction.html")
def twice(aws):
    return create(aws, FunctionName=aws.function())


@question("A role that Lambda may not assume", "InvalidParameterValueException 400", f"{GUIDE}lambda-intro-execution-role.html")
def untrusting_role(aws):
    return create(aws, Role=aws.role(principal={"Service": "ec2.amazonaws.com"})["Arn"])


@question("A role that is not there", "InvalidParameterValueException 400", f"{GUIDE}lambda-intro-execution-role.html")
def absent_role(aws):
    return create(aws, Role=f"arn:aws:iam::{aws.account}:role/nobody")


@question("CreateFunction without iam:PassRole", "AccessDeniedException 403", f"{GUIDE}access-control-identity-based.html")
def pass_role(aws):
    keys = aws.user({"Action": "lambda:*", "Resource": "*"})
    code = {"ZipFile": aws.zip("export const handler = async () => 1;")}
    call = aws.client("lambda", keys).create_function
    return refusal(call, FunctionName=aws.name(), Runtime="nodejs22.x", Handler="index.handler", Role=aws.some_role()["Arn"], Code=code)


@question("A runtime that nothing is created with any more", "InvalidParameterValueException 400", f"{GUIDE}lambda-runtimes.html")
def old_runtime(aws):
    return create(aws, Runtime="nodejs12.x")


@question("Memory of 100 MB", "ValidationException 400", f"{API}API_CreateFunction.html")
def little_memory(aws):
    return create(aws, MemorySize=100)


@question("A timeout of 901 s", "ValidationException 400", f"{API}API_CreateFunction.html")
def long_timeout(aws):
    return create(aws, Timeout=901)


@question("Code that is no zip", "InvalidParameterValueException 400", f"{API}API_CreateFunction.html")
def no_zip(aws):
    return create(aws, Code={"ZipFile": b"hello"})


@question("A reserved variable", "InvalidParameterValueException 400", f"{GUIDE}configuration-envvars.html")
def reserved_variable(aws):
    return create(aws, Environment={"Variables": {"AWS_REGION": "x"}})


@question("More than 4 KB of variables", "InvalidParameterValueException 400", f"{GUIDE}gettingstarted-limits.html")
def many_variables(aws):
    return create(aws, Environment={"Variables": {"A": "x" * 5000}})


@question("Invoke answers what the handler returns", {"got": {"a": 1}}, f"{API}API_Invoke.html")
def invoke(aws):
    answer = functions(aws).invoke(FunctionName=aws.function(), Payload=b'{"a":1}')
    return json.loads(answer["Payload"].read())


@question("Invoke of a handler that throws", "200 Unhandled TypeError", f"{GUIDE}nodejs-exceptions.html")
def throws(aws):
    answer = functions(aws).invoke(FunctionName=aws.function("export const handler = async () => { throw new TypeError('no'); };"))
    return f"{answer['StatusCode']} {answer.get('FunctionError')} {json.loads(answer['Payload'].read()).get('errorType')}"


@question("Invoke with LogType Tail", "START END REPORT", f"{API}API_Invoke.html")
def tail(aws):
    answer = functions(aws).invoke(FunctionName=aws.function(), LogType="Tail")
    text = base64.b64decode(answer.get("LogResult", "")).decode()
    return " ".join(word for word in ("START", "END", "REPORT") if f"{word} RequestId" in text)


@question("Invoke as an event, and as a dry run", "202 204", f"{API}API_Invoke.html")
def kinds(aws):
    name = aws.function()
    kinds = ("Event", "DryRun")
    return " ".join(str(functions(aws).invoke(FunctionName=name, InvocationType=kind)["StatusCode"]) for kind in kinds)


@question("Invoke with a payload that is no JSON", "InvalidRequestContentException 400", f"{API}API_Invoke.html")
def no_json(aws):
    return refusal(functions(aws).invoke, FunctionName=aws.function(), Payload=b"{no")


@question("Invoke of a function with no concurrency", "TooManyRequestsException 429", f"{GUIDE}configuration-concurrency.html")
def throttled(aws):
    name = aws.function()
    functions(aws).put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return refusal(functions(aws).invoke, FunctionName=name)


@question("A function does what its role does not allow", "AccessDenied", f"{GUIDE}lambda-intro-execution-role.html")
def role_enforced(aws):
    code = """import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3';
export const handler = () => new S3Client({}).send(new ListBucketsCommand({})).then(() => 'ok', (e) => e.name);"""
    answer = functions(aws).invoke(FunctionName=aws.function(code, Timeout=15))
    return json.loads(answer["Payload"].read())


@question("GetPolicy where there is none", "ResourceNotFoundException 404", f"{API}API_GetPolicy.html")
def no_policy(aws):
    return refusal(functions(aws).get_policy, FunctionName=aws.function())


@question("AddPermission twice of one id", "ResourceConflictException 409", f"{API}API_AddPermission.html")
def permission_twice(aws):
    grant = {"FunctionName": aws.function(), "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    functions(aws).add_permission(**grant)
    return refusal(functions(aws).add_permission, **grant)


@question("AddPermission with a source ARN is stored as", "ArnLike AWS:SourceArn", f"{GUIDE}access-control-resource-based.html")
def permission_form(aws):
    name = aws.function()
    grant = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::a-bucket"}
    functions(aws).add_permission(FunctionName=name, **grant)
    where = json.loads(functions(aws).get_policy(FunctionName=name)["Policy"])["Statement"][0].get("Condition", {})
    return " ".join(f"{operator} {next(iter(keys))}" for operator, keys in where.items())


@question("PublishVersion twice of the same code", "1 1", f"{API}API_PublishVersion.html")
def version_twice(aws):
    name = aws.function()
    return " ".join(functions(aws).publish_version(FunctionName=name)["Version"] for _ in range(2))


@question("An alias of a version that is not there", "ResourceNotFoundException 404", f"{API}API_CreateAlias.html")
def alias_nowhere(aws):
    return refusal(functions(aws).create_alias, FunctionName=aws.function(), Name="live", FunctionVersion="7")


@question("A mapping for a role that may not read the queue", "InvalidParameterValueException 400", f"{GUIDE}with-sqs.html")
def mapping_without_rights(aws):
    call = functions(aws).create_event_source_mapping
    return refusal(call, FunctionName=aws.function(), EventSourceArn=aws.queue()[1])


@question("A queue longer hidden than the function runs", "InvalidParameterValueException 400", f"{GUIDE}services-sqs-configure.html")
def mapping_visibility(aws):
    role = aws.role({"Action": "sqs:*", "Resource": "*"})
    name = aws.function(role=role, Timeout=60)
    return refusal(functions(aws).create_event_source_mapping, FunctionName=name, EventSourceArn=aws.queue()[1])


@question("A message goes through a function into another queue", "seen: hello", f"{GUIDE}with-sqs.html")
def event_source(aws):
    role = aws.role({"Action": "sqs:*", "Resource": "*"})
    source, arn = aws.queue()
    target, _ = aws.queue()
    code = """import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
export const handler = ({ Records }) => new SQSClient({}).send(
  new SendMessageCommand({ QueueUrl: process.env.TARGET, MessageBody: `seen: ${Records[0].body}` }));"""
    name = aws.function(code, role=role, Timeout=15, Environment={"Variables": {"TARGET": target}})
    functions(aws).create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    aws.sqs.send_message(QueueUrl=source, MessageBody="hello")
    return aws.arrives(target, 12)


@question("ListFunctions, one at a time", "1, with a marker", f"{API}API_ListFunctions.html")
def pages(aws):
    aws.function()
    aws.function()
    page = functions(aws).list_functions(MaxItems=1)
    return f"{len(page['Functions'])}, {'with' if page.get('NextMarker') else 'without'} a marker"
