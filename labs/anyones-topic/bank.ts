import {
  type CheckContext,
  digits,
  hex,
  jsonAnswer,
  type LabFacts,
  readJson,
  remember,
  type SimulatedHost,
} from '../../server/kit.ts';

/** The bank, and what it is told. */

export const bank = 'bank.example';

/** Makes every transfer that comes with the company's token. */
export function bankOf(facts: LabFacts): SimulatedHost {
  return {
    name: bank,
    port: 443,
    place: { kind: 'internet' },
    http(ctx, request) {
      if (request.headers.authorization !== `Bearer ${facts.secrets['bank token']}`)
        return jsonAnswer(401, { error: 'unknown customer' });
      if (request.method !== 'POST' || request.url !== '/transfers') return jsonAnswer(404, { error: 'no such page' });
      const { to, cents, reference } = readJson(request.body.toString());
      if (typeof to !== 'string' || typeof cents !== 'number' || typeof reference !== 'string')
        return jsonAnswer(400, { error: 'a transfer needs to, cents and reference' });
      remember(ctx, bank, { to, cents, reference });
      return jsonAnswer(201, { accepted: reference });
    },
  };
}

/** A message to the topic, as the HR system writes it; nobody has seen its reference before. */
export function payment(ctx: CheckContext) {
  return {
    employee: `Employee ${digits(ctx.random, 4)}`,
    iban: `XX${digits(ctx.random, 16)}`,
    cents: 1000 + Number(digits(ctx.random, 5)),
    reference: `salary-${hex(ctx.random, 12)}`,
  };
}
