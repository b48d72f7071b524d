#!/bin/sh
# Makes the executor's token once, for the two containers that share the volume, and starts LocalStack with it.
set -eu
token=/run/lambda-range/token
if [ -z "${LAMBDA_RANGE_EXECUTOR_TOKEN:-}" ]; then
  if [ ! -s "$token" ]; then
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$token.new"
    chmod 0444 "$token.new"
    mv "$token.new" "$token"
  fi
  LAMBDA_RANGE_EXECUTOR_TOKEN=$(cat "$token")
  export LAMBDA_RANGE_EXECUTOR_TOKEN
fi
exec "$@"
