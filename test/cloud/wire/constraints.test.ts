import { describe, expect, it } from 'vitest';
import { services } from '../../../server/cloud/services/index.ts';
import { type Constraint, constraintsOf, isModelled, valuesOf } from '../../../server/cloud/wire/constraints.ts';
import { membersOf, schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { type WireService, wireOf, wireServices } from '../../../server/cloud/wire/services.ts';
import { dice } from './dice.ts';
import { generate } from './generate.ts';
import { Stub } from './stub.ts';

const modelled = wireServices.filter((wire) => isModelled(wire, '') !== undefined);

/** A value that breaks a constraint, and the words of the refusal; undefined where the wire has none. */
function breaking(wire: WireService, { enumeration, range, length }: Constraint, good: unknown): [unknown, string][] {
  if (enumeration !== undefined)
    return [['no-such-value', `Member must satisfy enum value set: [${valuesOf(wire, enumeration).join(', ')}]`]];
  const [least, most] = range ?? length ?? [null, null];
  const what = range ? 'value' : 'length';
  const wrong: [unknown, string][] = [];
  const sized = (size: number): unknown =>
    range
      ? size
      : typeof good === 'string'
        ? 'x'.repeat(size)
        : Array.isArray(good)
          ? Array(size).fill(good[0])
          : Buffer.alloc(size);
  const isSized = range || typeof good === 'string' || Array.isArray(good) || good instanceof Uint8Array;
  if (!isSized) return [];
  if (least !== null) wrong.push([sized(least - 1), `Member must have ${what} greater than or equal to ${least}`]);
  if (most !== null) wrong.push([sized(most + 1), `Member must have ${what} less than or equal to ${most}`]);
  return wrong;
}

describe.each(modelled.map((wire) => [wire.id, wire] as const))('%s', (_id, wire) => {
  it('every emulated operation was looked at: `npm run constraints` after adding one', () => {
    const { operations } = schemasOf(wire);
    const emulated = Object.keys(services[wire.id]!.operations).filter((name) => operations.has(name));
    expect(emulated.filter((name) => !isModelled(wire, name))).toEqual([]);
  });

  it('each member of an input is refused beyond its constraint, in AWS’s words, and taken within', async () => {
    const stub = new Stub(wire);
    const wrong: string[] = [];
    for (const name of Object.keys(services[wire.id]!.operations)) {
      const input = schemasOf(wire).operations.get(name)?.input;
      if (!input || input.isUnitSchema()) continue;
      const good = generate(input, { roll: dice(name), wire, fill: 'required', fixed: {}, keys: ['key'] });
      const whole = generate(input, { roll: dice(name), wire, fill: 'all', fixed: {}, keys: ['key'] });
      for (const [member, schema] of membersOf(input)) {
        const constraint = constraintsOf(wire, input).get(member);
        // An empty label is another address; an endpoint is the client's own business.
        if (!constraint || schema.getMergedTraits().httpLabel || member === 'EndpointId') continue;
        for (const [value, words] of breaking(wire, constraint, whole[member])) {
          const said = await stub.send(name, { ...good, [member]: value }).then(
            () => 'accepted',
            (error: Error) => `${error.name}: ${error.message}`,
          );
          const code = wire.invalid?.code ?? 'Validation';
          const at = wire.invalid
            ? wire.invalid.message(member.charAt(0).toLowerCase() + member.slice(1), value, words)
            : `'${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: ${words}`;
          if (!said.startsWith(code) || !said.includes(at)) wrong.push(`${name}.${member}: ${said}`);
        }
      }
      await stub.send(name, good);
      if (stub.seen?.operation !== name) wrong.push(`${name} within its constraints is refused`);
    }
    expect(wrong).toEqual([]);
  });
});

it('tells all that is wrong at once, deep members by their path, and not what is secret', async () => {
  await expect(
    new Stub(wireOf('iam')).send('CreateRole', {
      RoleName: '',
      AssumeRolePolicyDocument: '{}',
      MaxSessionDuration: 7,
      Tags: [{ Key: 'x'.repeat(129), Value: 'v' }],
    }),
  ).rejects.toMatchObject({
    message: [
      "3 validation errors detected: Value '' at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1",
      "Value '7' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
      `Value '${'x'.repeat(129)}' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ].join('; '),
  });
  await expect(
    new Stub(wireOf('secretsmanager')).send('CreateSecret', { Name: 'orders', SecretString: '' }),
  ).rejects.toMatchObject({
    message:
      "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length greater than or equal to 1",
  });
  await expect(
    new Stub(wireOf('kms')).send('CreateGrant', { KeyId: 'k', GranteePrincipal: 'p', Operations: ['Decrypt', 'Fly'] }),
  ).rejects.toMatchObject({
    message: expect.stringMatching(
      /^1 validation error detected: Value '\[Decrypt, Fly\]' at 'operations' failed to satisfy constraint: Member must satisfy constraint: \[Member must satisfy enum value set: \[Decrypt, /,
    ),
  });
});
