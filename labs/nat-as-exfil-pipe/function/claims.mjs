import { createHmac } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const { TABLE, QUEUE_URL, SECRET } = process.env;

// An endpoint that does not answer is told within seconds.
const settings = { maxAttempts: 2, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } };
const dynamodb = new DynamoDBClient(settings);
const secrets = new SecretsManagerClient(settings);
const sqs = new SQSClient(settings);

let key;

/** Writes the claim down, then orders the payment, signed so that the bank's side takes it. */
export async function register({ claim, cents, iban }) {
  key ??= (await secrets.send(new GetSecretValueCommand({ SecretId: SECRET }))).SecretString;
  const Item = { claim: { S: claim }, cents: { N: String(cents) }, iban: { S: iban } };
  await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }));
  const signature = createHmac('sha256', key).update(`${claim} ${cents} ${iban}`).digest('hex');
  await sqs.send(
    new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: JSON.stringify({ claim, cents, iban, signature }) }),
  );
}
