import {
  type CheckContext,
  jsonAnswer,
  readJson,
  recall,
  remember,
  remembered,
  type SimulatedHost,
} from '../../server/kit.ts';

export const provider = 'payments.example';
export const declinedCard = 'tok_declined';

/** Charges an order once, however often it is asked; one card of theirs is always declined. */
export function paymentProvider(token: string): SimulatedHost {
  return {
    name: provider,
    port: 443,
    place: { kind: 'internet' },
    http(ctx, request) {
      if (request.headers.authorization !== `Bearer ${token}`) return jsonAnswer(401, { error: 'unknown merchant' });
      if (request.method !== 'POST' || request.url !== '/charges') return jsonAnswer(404, { error: 'no such page' });
      const { order, cents, card } = readJson(request.body.toString());
      if (typeof order !== 'string' || typeof cents !== 'number' || typeof card !== 'string')
        return jsonAnswer(400, { error: 'a charge needs order, cents and card' });
      if (card === declinedCard) return jsonAnswer(402, { error: 'card declined' });
      const id = `pay-${order}`;
      if (!remembered(ctx, provider).some((each) => each.order === order))
        remember(ctx, provider, { order, cents, card, id });
      return jsonAnswer(201, { id });
    },
  };
}

export const isProvider = ({ name }: SimulatedHost): boolean => name === provider;

/** What the provider was asked to charge for an order. */
export const chargesFor = (ctx: CheckContext, order: string) =>
  recall(ctx, provider).filter((each) => each.order === order);
