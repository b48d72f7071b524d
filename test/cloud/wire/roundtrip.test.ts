import { describe, expect, it } from 'vitest';
import { services } from '../../../server/cloud/services/index.ts';
import { schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { type WireService, wireServices } from '../../../server/cloud/wire/services.ts';
import { dice } from './dice.ts';
import { difference } from './difference.ts';
import { type Fill, generate } from './generate.ts';
import { Stub } from './stub.ts';

const fills: readonly Fill[] = ['all', 'some', 'required', 'empty'];
const keys = ['key', 'a b', 'ü', 'constructor', 'a.b'];
const expires = new Date(1_800_000_000_000);

/** Members that the clients themselves read or write. */
const fixed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  s3: {
    Bucket: 'orders-bucket',
    LocationConstraint: 'eu-west-1',
    // The client works these out.
    ChecksumAlgorithm: undefined,
    ContentType: 'text/plain',
    ContentLength: 4,
    // Sent in base64 with a digest beside it.
    SSECustomerKey: undefined,
    SSECustomerKeyMD5: undefined,
    CopySourceSSECustomerKey: undefined,
    CopySourceSSECustomerKeyMD5: undefined,
    // One header, read twice.
    Expires: expires,
    ExpiresString: expires.toUTCString(),
  },
  sqs: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/orders' },
  // The Accept header, which the client sets where it is missing.
  apigateway: { accepts: 'application/json' },
  // Becomes the host.
  events: { EndpointId: undefined },
  // EC2 says so in every answer that says nothing else.
  ec2: { Return: true },
};

/** Everything that is different on the other side, by operation and member. */
async function differences(wire: WireService, fill: Fill): Promise<string[]> {
  const stub = new Stub(wire);
  const { operations } = schemasOf(wire);
  const found: string[] = [];
  for (const name of Object.keys(services[wire.id]!.operations)) {
    const schema = operations.get(name);
    // What has no schema has no wire.
    if (!schema) continue;
    const plan = {
      roll: dice(`${wire.id} ${name} ${fill}`),
      fill,
      wire,
      fixed: fixed[wire.id] ?? {},
      keys,
    };
    // The client itself loses `__proto__` in what it reads.
    const input = generate(schema.input, { ...plan, keys: [...keys, '__proto__'] });
    const output = generate(schema.output, plan);
    const stream = schema.output.getEventStreamMember();
    if (stream) output[stream] = [];
    stub.answer = () => output;
    const read = await stub.send(name, input).catch((error: Error) => error);
    const hollow = wire.protocol !== 'json';
    // Events have tests of their own where they are made; here the stream is empty.
    if (stream) delete output[stream];
    if (stream && !(read instanceof Error)) delete read[stream];
    const asked =
      stub.seen?.operation === name ? difference(input, stub.seen.input, hollow) : `read as ${stub.seen?.operation}`;
    if (asked !== undefined) found.push(`${name}'s input ${asked}`);
    const told =
      read instanceof Error ? `${read.name}: ${read.message} ${stub.faults}` : difference(output, read, hollow);
    if (told !== undefined) found.push(`${name}'s output ${told}`);
  }
  return found;
}

describe.each(wireServices.map((wire) => [wire.id, wire] as const))('%s', (_id, wire) => {
  it.each(fills)('what the client sends arrives, and what is answered is read (%s)', async (fill) => {
    expect(await differences(wire, fill)).toEqual([]);
  });
});
