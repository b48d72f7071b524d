import { iamAuthorizer } from '../lambda/http-event.ts';
import type { ApiCall } from './api-call.ts';
import { checkJwt } from './jwt.ts';
import { askAuthorizer } from './lambda-authorizer.ts';
import { authorizers } from './records.ts';
import { forbidden, methodArn, type Verdict } from './verdict.ts';

/** Asks whatever the route's authorization asks. */
export async function authorizeRoute(call: ApiCall): Promise<Verdict> {
  const { cloud, scope, api, route, caller } = call;
  if (route.authorizationType === 'NONE') return { allowed: true };
  if (route.authorizationType === 'AWS_IAM') {
    if (!caller || caller.principal.type === 'anonymous') return forbidden;
    const access = { action: 'execute-api:Invoke', resource: methodArn(call), resourceAccount: scope.account };
    const { decision } = cloud.decide(caller, access, scope.region);
    return decision === 'allowed' ? { allowed: true, authorizer: iamAuthorizer(caller) } : forbidden;
  }
  const authorizer = cloud.state.get(authorizers, scope, `${api.apiId}:${route.authorizerId}`);
  if (!authorizer) return { allowed: false, status: 500, message: 'Internal Server Error' };
  return route.authorizationType === 'JWT' ? checkJwt(call, authorizer) : askAuthorizer(call, authorizer);
}
