"""The context object: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

import json
import os

from .clock import real_time


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    installation_id = app_title = app_version_name = app_version_code = app_package_name = None


class ClientContext:
    def __init__(self, text):
        given = json.loads(text)
        given = given if isinstance(given, dict) else {}
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = None
        if isinstance(given.get("client"), dict):
            self.client = Client()
            for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
                setattr(self.client, name, given["client"].get(name))


class LambdaContext:
    def __init__(self, request_id, arn, deadline_ms, client_context, write):
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.client_context = ClientContext(client_context) if client_context else None
        self.identity = CognitoIdentity()
        self.tenant_id = None
        self._epoch_deadline_time_in_ms = deadline_ms
        self._write = write

    def get_remaining_time_in_millis(self):
        return max(int(self._epoch_deadline_time_in_ms - real_time() * 1000), 0)

    def log(self, message):
        self._write(str(message))

    def __repr__(self):
        shown = ",".join(f"{name}={value}" for name, value in vars(self).items() if name != "_write")
        return f"LambdaContext([{shown}])"
