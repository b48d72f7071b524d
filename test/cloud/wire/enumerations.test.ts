import { expect, it } from 'vitest';
import { enumerated } from '../../../server/cloud/wire/enumerations.ts';
import { membersOf, schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { wireServices } from '../../../server/cloud/wire/services.ts';
import { dice } from './dice.ts';
import { generate } from './generate.ts';
import { Stub } from './stub.ts';

const rows = wireServices.flatMap((wire) => enumerated(wire).map(([path, values]) => ({ wire, path, values })));

it.each(rows)('$wire.id: $path is one of its values', async ({ wire, path, values }) => {
  const [name, member] = path.split('.') as [string, string];
  const { input } = schemasOf(wire).operations.get(name)!;
  expect([...membersOf(input)].map(([known]) => known)).toContain(member);
  const stub = new Stub(wire);
  const same = enumerated(wire).filter(([other]) => other.startsWith(`${name}.`));
  const fixed = Object.fromEntries(same.map(([other, good]) => [other.split('.')[1]!, good[0]]));
  const others = generate(input, { roll: dice(path), fill: 'required', fixed, keys: ['key'] });
  await expect(stub.send(name, { ...others, [member]: 'no-such-value' })).rejects.toMatchObject({
    name: wire.protocol === 'query' ? 'ValidationError' : 'ValidationException',
    message: expect.stringContaining(`at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy`),
    $metadata: { httpStatusCode: 400 },
  });
  expect(stub.seen).toBeUndefined();
  await stub.send(name, { ...others, [member]: values[0] });
  expect(stub.seen).toMatchObject({ operation: name });
});
