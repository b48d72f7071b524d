"""LocalStack's side: an execution environment that hands every invocation to Lambda Range."""

import base64
import json
import logging

from localstack import config
from localstack.aws.api import CommonServiceException
from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    Invocation,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import (
    LambdaRuntimeException,
    RuntimeExecutor,
)
from localstack.utils.patch import patch

from lambda_range_executor.platform import Misconfigured, Platform, Refused, Unavailable

LOG = logging.getLogger(__name__)

# Beyond the function's timeout: a cold start has ten seconds in Lambda, and may wait for its turn.
MARGIN_SECONDS = 20


class RangeExecutor(RuntimeExecutor):
    """Nothing runs here: Lambda Range starts, keeps warm and ends the processes."""

    # Set before each one, as LocalStack's payload for executors does not have all of it.
    invocation: Invocation

    def start(self, env_vars: dict[str, str]) -> None:
        """An environment is ready at once: variables and credentials are those of Lambda Range's own records."""

    def stop(self) -> None:
        """An invocation that runs is let to its end, as in AWS."""

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Never takes longer than the function's timeout and a margin."""
        request_id = payload["invoke-id"]
        call = {
            **_named(self.function_version),
            "requestId": request_id,
            "invokedArn": payload["invoked-function-arn"],
            "traceId": payload["trace-id"],
            "payload": base64.b64encode(payload["payload"].encode()).decode(),
        }
        if self.invocation.client_context:
            call["clientContext"] = self.invocation.client_context
        try:
            seconds = self.function_version.config.timeout + MARGIN_SECONDS
            answer = Platform.from_environment().invoke(call, seconds)
        except (Misconfigured, Unavailable) as error:
            LOG.warning("%s: %s (%s)", self.function_version.qualified_arn, error, error.__cause__)
            return _function_error(request_id, "LambdaRange.Unavailable", str(error))
        except Refused as error:
            # LocalStack tries an event again for six hours after an exception, but there is no use in that.
            if self.invocation.invocation_type == InvocationType.Event and not error.passes:
                return _function_error(request_id, error.code, str(error))
            raise CommonServiceException(error.code, str(error), status_code=error.status) from error
        return InvocationResult(request_id, answer.payload, is_error=answer.is_error, logs=answer.logs)

    def get_logs(self) -> str:
        return ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Only written into variables that no process sees."""
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """What LocalStack does here for Docker (unzip, download its runtime interface emulator, pull an image) is not needed.

        :raises LambdaRuntimeException: the function's state becomes Failed, with this as the reason
        """
        try:
            Platform.from_environment()
        except Misconfigured as error:
            raise LambdaRuntimeException(str(error)) from error
        code = function_version.config.code
        # A folder of LocalStack's machine in place of a package: nothing that Lambda Range could read.
        if code is None or code.is_hot_reloading():
            raise LambdaRuntimeException("Lambda Range runs deployment packages (zip) only.")

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        try:
            Platform.from_environment().discard(_named(function_version))
        except (Misconfigured, Unavailable) as error:
            LOG.warning("%s goes on somewhere: %s", function_version.qualified_arn, error)

    @classmethod
    def validate_environment(cls) -> bool:
        try:
            Platform.from_environment()
        except Misconfigured as error:
            LOG.warning("Lambda functions cannot run: %s", error)
            return False
        return True


def _named(function_version: FunctionVersion) -> dict[str, str]:
    named = function_version.id
    return {
        "account": named.account,
        "region": named.region,
        "functionName": named.function_name,
        "version": named.qualifier,
    }


def _function_error(request_id: str, error_type: str, message: str) -> InvocationResult:
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return InvocationResult(request_id, payload, is_error=True, logs=f"{message}\n")


@patch(ExecutionEnvironment.invoke)
def _with_the_invocation(invoke, self, invocation):
    # An environment has one at a time.
    self.runtime_executor.invocation = invocation
    return invoke(self, invocation)


@patch(ExecutionEnvironment.get_log_group_name)
def _configured_log_group(get_log_group_name, self):
    return self.function_version.config.logging_config.get("LogGroup") or get_log_group_name(self)
