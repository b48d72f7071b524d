import { jsonAnswer, readJson, remember, type SimulatedHost } from '../../server/kit.ts';

export const dropName = 'drop.example';

/** Where the attacker collects what is sent. */
export const drop: SimulatedHost = {
  name: dropName,
  port: 443,
  place: { kind: 'internet' },
  http(ctx, request) {
    const { mark, id, secret, token } = readJson(request.body.toString());
    if ([mark, id, secret, token].every((each) => typeof each === 'string'))
      remember(ctx, dropName, { mark, id, secret, token });
    return jsonAnswer(200, {});
  },
};
