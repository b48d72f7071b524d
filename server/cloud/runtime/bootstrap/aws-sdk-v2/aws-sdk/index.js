// What functions before nodejs18.x find as `aws-sdk`: the clients that labs use, with version 2's shapes (callbacks,
// .promise(), err.code, Buffers, plain answers), over the version 3 that this runtime has.
// differs from AWS: S3, DynamoDB, its DocumentClient, SQS, SNS and SecretsManager only, without signed URLs, waiters, pages and streams
// https://docs.aws.amazon.com/AWSJavaScriptSDK/latest/

const config = {
  update(options) {
    for (const [name, value] of Object.entries(options)) if (name !== 'update') this[name] = value;
  },
};

/** A call that is made when somebody asks for its answer, once. */
class Request {
  constructor(run) {
    this.run = run;
  }

  promise() {
    this.answer ??= this.run().then(plainAnswer, (error) => Promise.reject(plainError(error)));
    return this.answer;
  }

  send(callback) {
    this.promise().then(
      (data) => process.nextTick(() => callback?.call(this, null, data)),
      (error) => process.nextTick(() => callback?.call(this, error, null)),
    );
  }
}

async function plainAnswer(answer) {
  const { $metadata: _metadata, ...data } = answer;
  if (typeof data.Body?.transformToByteArray === 'function') {
    data.Body = Buffer.from(await data.Body.transformToByteArray());
  }
  return data;
}

function plainError(error) {
  const { httpStatusCode, requestId } = error.$metadata ?? {};
  const plain = new Error(error.message);
  return Object.assign(plain, {
    name: error.name,
    code: error.name,
    statusCode: httpStatusCode,
    requestId,
    retryable: (httpStatusCode ?? 0) >= 500,
    time: new Date(),
  });
}

/** A client whose methods are those of an aggregated client of version 3. */
function clientOf(create, renamed = {}) {
  return class {
    constructor(options = {}) {
      const { update: _update, ...shared } = config;
      const { params = {}, maxRetries, endpoint, ...own } = { ...shared, ...options };
      this.config = { ...own, params };
      const settings = {
        ...(own.region ? { region: own.region } : {}),
        ...(own.credentials ? { credentials: own.credentials } : {}),
        ...(maxRetries === undefined ? {} : { maxAttempts: maxRetries + 1 }),
        ...(endpoint ? { endpoint: String(endpoint) } : {}),
      };
      let client;
      // biome-ignore lint/correctness/noConstructorReturn: operations have no list here, they are whatever the client has
      return new Proxy(this, {
        get(target, name) {
          if (typeof name !== 'string' || name in target || name === 'then') return target[name];
          client ??= create(settings);
          const operation = renamed[name] ?? name;
          if (typeof client[operation] !== 'function') return undefined;
          return (given, callback) => {
            const input = typeof given === 'function' ? {} : { ...params, ...given };
            const request = new Request(() => client[operation](input));
            const heard = typeof given === 'function' ? given : callback;
            if (heard) request.send(heard);
            return request;
          };
        },
      });
    }
  };
}

const S3 = clientOf((settings) => new (require('@aws-sdk/client-s3').S3)(settings), { upload: 'putObject' });
const SQS = clientOf((settings) => new (require('@aws-sdk/client-sqs').SQS)(settings));
const SNS = clientOf((settings) => new (require('@aws-sdk/client-sns').SNS)(settings));
const SecretsManager = clientOf(
  (settings) => new (require('@aws-sdk/client-secrets-manager').SecretsManager)(settings),
);
const DynamoDB = clientOf((settings) => new (require('@aws-sdk/client-dynamodb').DynamoDB)(settings));

/** A set as version 2 hands it out. */
class DynamoDBSet {
  constructor(values) {
    this.wrapperName = 'Set';
    this.values = [...values];
    this.type = typeof this.values[0] === 'number' ? 'Number' : 'String';
  }
}

const changed = (value, one) => {
  const other = one(value);
  if (other !== value || typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return other;
  if (Array.isArray(value)) return value.map((each) => changed(each, one));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, changed(each, one)]));
};
const toSets = (value) => (value instanceof DynamoDBSet ? new Set(value.values) : value);
const fromSets = (value) => (value instanceof Set ? new DynamoDBSet(value) : value);

const Documents = clientOf((settings) => {
  const { DynamoDBDocument } = require('@aws-sdk/lib-dynamodb');
  const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
  const document = DynamoDBDocument.from(new DynamoDBClient(settings), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return new Proxy(document, {
    get: (target, name) =>
      typeof target[name] === 'function'
        ? async (input) => changed(await target[name](changed(input, toSets)), fromSets)
        : undefined,
  });
});
Documents.prototype.createSet = (values) => new DynamoDBSet(values);
DynamoDB.DocumentClient = Documents;

module.exports = { config, DynamoDB, S3, SecretsManager, SNS, SQS, VERSION: '2.1374.0' };
