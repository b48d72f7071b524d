"""What LocalStack finds by the entry point `lambda-range` of `localstack.lambda.runtime_executor`."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class RangeExecutorPlugin(RuntimeExecutorPlugin):
    """Chosen by `LAMBDA_RUNTIME_EXECUTOR=lambda-range`."""

    name = "lambda-range"

    def load(self, *args, **kwargs):
        # LocalStack's Lambda is not to be imported before it is asked for.
        from lambda_range_executor.executor import RangeExecutor

        return RangeExecutor
