# 4.14.0 is the last LocalStack that runs without a token.
ARG LOCALSTACK_VERSION=4.14.0
FROM localstack/localstack:${LOCALSTACK_VERSION}
COPY server/cloud/upstream/localstack /tmp/executor
RUN /opt/code/localstack/.venv/bin/python -m pip install --no-cache-dir --no-deps /tmp/executor \
  && rm -rf /tmp/executor \
  && /opt/code/localstack/.venv/bin/python -c \
    "from importlib.metadata import entry_points as e; assert e(group='localstack.lambda.runtime_executor', name='lambda-range')"
COPY docker/localstack-entrypoint.sh /usr/local/bin/
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=10 \
  CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:4566/_localstack/health"]
ENTRYPOINT ["localstack-entrypoint.sh", "docker-entrypoint.sh"]
