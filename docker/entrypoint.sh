#!/bin/sh
# LocalStack's container makes the executor's token (localstack-entrypoint.sh); both read it in the volume they share.
token=/run/lambda-range/token
if [ -z "${LAMBDA_RANGE_EXECUTOR_TOKEN:-}" ] && [ -r "$token" ]; then
  LAMBDA_RANGE_EXECUTOR_TOKEN=$(cat "$token")
  export LAMBDA_RANGE_EXECUTOR_TOKEN
fi
exec "$@"
