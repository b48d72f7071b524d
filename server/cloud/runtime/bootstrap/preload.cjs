'use strict';
// What a pooled sandbox does while it waits: load the SDK clients that its function will probably use, and run each once
// against a handler that answers from memory, so that neither loading nor the first call's lazy work is paid at hand-over.

const path = require('node:path');
const { Readable } = require('node:stream');
const { withCodeCache } = require('./code-cache.cjs');

/** @param rehearse whether there is time for the first calls, too */
async function preload(names, rehearse) {
  require('node:tls').createSecureContext(); // parses the trusted roots
  require('node:https');
  await import('./warm.mjs');
  await withCodeCache(path.join(__dirname, 'code-cache'), async () => {
    for (const name of names) {
      try {
        if (name === 'fetch') {
          await (await fetch('data:,')).text();
          continue;
        }
        // By import(): ES modules and `require` then both find it loaded.
        const module = await import(name);
        if (rehearse) await exercise(module.default ?? module);
      } catch {
        // Not installed here: the function will say so if it needs it.
      }
    }
  });
}

const FIRST_CALLS = {
  S3Client: ['GetObjectCommand', { Bucket: 'bucket', Key: 'key' }],
  SQSClient: ['SendMessageCommand', { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q', MessageBody: 'body' }],
  SNSClient: ['PublishCommand', { TopicArn: 'arn:aws:sns:us-east-1:111122223333:topic', Message: 'message' }],
  SecretsManagerClient: ['GetSecretValueCommand', { SecretId: 'id' }],
  RDSDataClient: ['ExecuteStatementCommand', { resourceArn: 'cluster', secretArn: 'secret', sql: 'select 1' }],
};

async function exercise(module) {
  for (const name of Object.keys(FIRST_CALLS)) {
    if (typeof module[name] !== 'function') continue;
    const [command, input] = FIRST_CALLS[name];
    const client = new module[name]({
      region: 'us-east-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      maxAttempts: 1,
      requestHandler: {
        handle: async () => ({
          response: {
            statusCode: 200,
            headers: { 'content-type': 'text/plain' },
            body: Readable.from([Buffer.from('{}')]),
          },
        }),
        metadata: { handlerProtocol: 'http/1.1' },
        updateHttpClientConfig() {},
        httpHandlerConfigs: () => ({}),
      },
    });
    await client.send(new module[command](input)).catch(() => {});
    client.destroy();
  }
}

module.exports = { exercise, preload };
