"""A LocalStack of its own for these tests, as the README starts it."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading

READY_SECONDS = 60


class LocalStack:
    """Use as a context manager."""

    def __init__(self, **environment: str):
        self._environment = environment
        self.output: list[str] = []

    def __enter__(self) -> "LocalStack":
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lambda-range-localstack-"))
            self.port = free_port()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "localstack.runtime.main"],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": folder,
                    "FILESYSTEM_ROOT": folder,
                    "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
                    "DNS_ADDRESS": "0",
                    "SKIP_SSL_CERT_DOWNLOAD": "1",
                    "DISABLE_EVENTS": "1",
                    "EAGER_SERVICE_LOADING": "0",
                    "OVERRIDE_IN_DOCKER": "0",
                    "DEBUG": "1",
                    "LAMBDA_RUNTIME_EXECUTOR": "lambda-range",
                    # What an asynchronous invocation waits before it is tried again; Lambda waits a minute.
                    "LAMBDA_RETRY_BASE_DELAY": "1",
                    **self._environment,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(self._end)
            ready = threading.Event()
            self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
            self._reader.start()
            if not ready.wait(READY_SECONDS) or self._process.poll() is not None:
                raise AssertionError("LocalStack did not start:\n" + "".join(self.output[-50:]))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def client(self, service: str, account: str = "111122223333"):
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=90),
        )

    def _read(self, ready: threading.Event) -> None:
        for line in self._process.stdout:
            self.output.append(line)
            if line.strip() == "Ready.":
                ready.set()
        ready.set()

    def _end(self) -> None:
        # Asked to end it would take its time, and what it holds is in a folder that goes anyway.
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]
