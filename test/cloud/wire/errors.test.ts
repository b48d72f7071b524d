import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../server/cloud/errors.ts';
import { services } from '../../../server/cloud/services/index.ts';
import { schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { type WireService, wireServices } from '../../../server/cloud/wire/services.ts';
import { dice } from './dice.ts';
import { difference } from './difference.ts';
import { generate } from './generate.ts';
import { Stub } from './stub.ts';

const message = 'It is not so: <"&\'> ü';
const keys = ['key'];

/** What the client reads of each error that the service's model names, where it is not what was thrown. */
async function differences(wire: WireService): Promise<string[]> {
  const stub = new Stub(wire);
  const { operations, errors } = schemasOf(wire);
  const name = Object.keys(services[wire.id]!.operations).find((operation) => operations.has(operation));
  // A service that has no operation yet says nothing.
  if (name === undefined) return [];
  const plan = { roll: dice(wire.id), wire, fill: 'required', fixed: { Bucket: 'orders-bucket' }, keys } as const;
  const input = generate(operations.get(name)!.input, plan);
  const found: string[] = [];
  for (const [code, shape] of errors) {
    const traits = shape.getMergedTraits() as { httpError?: number; awsQueryError?: [string, number] };
    const status = traits.awsQueryError?.[1] ?? traits.httpError ?? 400;
    const {
      message: _small,
      Message: _large,
      ...members
    } = generate(shape, { ...plan, fill: 'all', roll: dice(code) });
    stub.answer = () => {
      throw new AwsError(code, message, status, members);
    };
    const read = (await stub.send(name, input).then(
      () => undefined,
      (error: Error) => error,
    )) as (Error & { $metadata: { httpStatusCode: number }; [member: string]: unknown }) | undefined;
    const told = { name: read?.name, message: read?.message, status: read?.$metadata.httpStatusCode };
    const difference_ = difference(
      { name: code, message, status, ...members },
      { ...told, ...Object.fromEntries(Object.keys(members).map((member) => [member, read?.[member]])) },
      wire.protocol !== 'json',
    );
    if (difference_ !== undefined) found.push(`${code}'s ${difference_} ${stub.faults}`);
  }
  return found;
}

describe('errors that a service’s model names are read by the client with name, message, members and status', () => {
  it.each(wireServices.map((wire) => [wire.id, wire] as const))('%s', async (_id, wire) => {
    expect(await differences(wire)).toEqual([]);
  });
});
