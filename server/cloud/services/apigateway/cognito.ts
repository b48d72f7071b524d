import { scopesOf, verifiedClaims } from '../apigatewayv2/jwt.ts';
import type { Authorized } from './authorize-call.ts';
import { sourcesOf } from './authorizers.ts';
import { faults } from './faults.ts';
import { mappedValue, type RestCall } from './rest-call.ts';

/**
 * Checks a token of a user pool: an identity token, or an access token where the method wants scopes. Pools are simulated
 * hosts of a lab, by the name that Cognito has (`cognito-idp.us-east-1.amazonaws.com`); tokens of any other are refused.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
 */
export async function askCognito(call: RestCall): Promise<Authorized> {
  const { cloud, deployment, method } = call;
  const authorizer = deployment.authorizers.find(({ authorizerId }) => authorizerId === method.authorizerId);
  if (!authorizer) throw faults.authorizer();
  const token = mappedValue(call, sourcesOf(authorizer)[0] ?? 'method.request.header.Authorization');
  for (const arn of authorizer.providerArns ?? []) {
    const [, , , region, , pool = ''] = arn.split(':');
    const issuer = `https://cognito-idp.${region}.amazonaws.com/${pool.slice('userpool/'.length)}`;
    const claims = await verifiedClaims(cloud, token, issuer);
    if (!claims) continue;
    const wanted = method.authorizationScopes ?? [];
    const good = wanted.length
      ? claims.token_use === 'access' && scopesOf(claims).some((scope) => wanted.includes(scope))
      : claims.token_use === 'id';
    if (!good) throw faults.unauthorized();
    const shown = Object.entries(claims).map(([name, claim]) => [
      name,
      typeof claim === 'string' ? claim : JSON.stringify(claim),
    ]);
    return { authorizer: { claims: Object.fromEntries(shown) } };
  }
  throw faults.unauthorized();
}
