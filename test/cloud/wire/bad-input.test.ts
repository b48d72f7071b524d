import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { EndpointResponse } from '../../../server/cloud/context.ts';
import { handle } from '../../../server/cloud/gateway/handle.ts';
import { seededRandom } from '../../../server/cloud/random.ts';
import { services } from '../../../server/cloud/services/index.ts';
import { schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { type WireService, wireServices } from '../../../server/cloud/wire/services.ts';
import { root } from '../test-cloud.ts';
import { type BadRequest, badRequests, serializer } from './bad-requests.ts';
import { dice } from './dice.ts';
import { generate } from './generate.ts';
import { createWorld, type Names } from './world.ts';

/** `THOROUGH=1`: every bad value in every place, instead of a few in each. */
const all = process.env.THOROUGH === '1';

let cloud: Cloud;
let names: Names;
const faults: string[] = [];
beforeAll(async () => {
  ({ cloud, names } = await createWorld((message, details) => faults.push(`${message} ${JSON.stringify(details)}`)));
});

const from = { ip: '203.0.113.10', secure: true };

/** What is wrong with the answer to a bad request, if anything is. */
async function judge(wire: WireService, fork: Cloud, bad: BadRequest): Promise<{ changed: boolean; wrong?: string }> {
  const answer = await handle(fork, bad.request, from, { caller: root(), service: wire.signingName });
  const fault = faults.splice(0).join(' ');
  const code = answer.status < 300 ? '' : codeOf(wire, answer);
  const text = answer.body.toString();
  // Lambda's own 500: nothing runs functions here.
  const unavailable = ['NotEmulatedByLambdaRange', 'NotImplemented', 'ServiceException'];
  const wrong =
    fault !== ''
      ? fault.slice(0, 400)
      : answer.status >= 500 && !unavailable.includes(code ?? '')
        ? `answers ${answer.status} ${code}`
        : code === undefined
          ? `${answer.status} without a code: ${text.slice(0, 100)}`
          : bad.refuses !== undefined && (answer.status < 400 || !mentions(text, bad.refuses))
            ? `does not refuse ${bad.refuses} by name: ${answer.status} ${text.slice(0, 150)}`
            : undefined;
  return { changed: answer.status < 400, ...(wrong === undefined ? {} : { wrong }) };
}

const mentions = (text: string, member: string): boolean => text.toLowerCase().includes(member.toLowerCase());

function codeOf(wire: WireService, { headers, body, status }: EndpointResponse): string | undefined {
  if (body.length === 0)
    return status < 400 ? '' : String(headers['x-amzn-errortype'] ?? '') || (wire.id === 's3' ? 'HEAD' : undefined);
  if (wire.protocol === 'json' || wire.protocol === 'rest-json')
    return headers['x-amzn-errortype'] as string | undefined;
  return /<Code>([\w.]+)<\/Code>/.exec(body.toString())?.[1];
}

describe('bad input is refused with an error of AWS’s, and nothing breaks', () => {
  it.each(wireServices.map((wire) => [wire.id, wire] as const))('%s', async (id, wire) => {
    const serialize = serializer(wire);
    const { operations } = schemasOf(wire);
    const wrong: string[] = [];
    const fork = (): Cloud => cloud.fork({ id: 'bad-input', random: seededRandom('bad-input') });
    let used = fork();
    for (const name of Object.keys(services[id]!.operations)) {
      const operation = operations.get(name);
      if (!operation) continue;
      const roll = dice(`${id} ${name}`);
      const plan = { roll, wire, fill: 'all', fixed: names[id] ?? {}, keys: ['key'] } as const;
      const good = await serialize(name, generate(operation.input, plan));
      for (const bad of badRequests(wire, operation, good, roll, all)) {
        const { changed, wrong: found } = await judge(wire, used, bad);
        if (found !== undefined) wrong.push(`${name} with ${bad.what}: ${found}`);
        if (changed) used = fork();
      }
    }
    expect(wrong).toEqual([]);
    expect(await used.call(root(), 'sts', 'GetCallerIdentity', {})).toMatchObject({
      Account: root().principal.account,
    });
  });
});
