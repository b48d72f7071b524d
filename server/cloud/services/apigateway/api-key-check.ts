import { takeFrom } from '../apigatewayv2/throttle.ts';
import { faults } from './faults.ts';
import { apiKeys, type UsagePlanRecord, usagePlans, usages } from './records.ts';
import type { RestCall } from './rest-call.ts';
import { own } from './shared.ts';
import { settingFor } from './stages.ts';
import { counted, remaining } from './usage.ts';

/**
 * A method that requires a key takes one that is enabled and in a usage plan of this stage. A key says who is counted; it
 * is no authorization.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 * @throws GatewayFault Forbidden, Limit Exceeded, Too Many Requests
 */
export function checkApiKey(call: RestCall, usageKey: string | undefined): void {
  const { cloud, scope, deployment, stage, method, request, resource } = call;
  if (!method.apiKeyRequired) return;
  const value = deployment.api.apiKeySource === 'AUTHORIZER' ? usageKey : request.headers['x-api-key'];
  const key = value
    ? cloud.state.list(apiKeys, scope).find((each) => each.value.value === value && each.value.enabled)?.value
    : undefined;
  const plan = key && planOf(call, key.keyId);
  if (!key || !plan) throw faults.invalidKey();
  const now = cloud.clock.now();
  const id = `${plan.planId}:${key.keyId}`;
  const path = `${resource.path}/${call.methodName}`;
  const limits = plan.stages.find((each) => each.apiId === deployment.apiId && each.stage === stage.name)?.throttle;
  const mine = own(limits, path);
  const buckets: [string, UsagePlanRecord['throttle']][] = [
    ['', plan.throttle],
    [path, mine],
  ];
  for (const [name, limit] of buckets)
    if (!takeFrom(cloud, `apigateway.plan:${id}:${name}`, limit?.rateLimit, limit?.burstLimit))
      throw faults.throttled();
  if (remaining(plan, cloud.state.get(usages, scope, id), now) === 0) throw faults.quota();
  cloud.transact((state) => state.put(usages, scope, id, counted(state.get(usages, scope, id), now)));
}

function planOf({ cloud, scope, deployment, stage }: RestCall, keyId: string): UsagePlanRecord | undefined {
  return cloud.state
    .list(usagePlans, scope)
    .map(({ value }) => value)
    .find(
      ({ keyIds, stages }) =>
        keyIds.includes(keyId) && stages.some((each) => each.apiId === deployment.apiId && each.stage === stage.name),
    );
}

/** The stage's own limits, of the method or of all. @throws GatewayFault Too Many Requests */
export function checkThrottle({ cloud, deployment, stage, resource, methodName }: RestCall): void {
  const { key, setting } = settingFor(stage, resource.path, methodName);
  const bucket = `apigateway.stage:${deployment.apiId}:${stage.name}:${key}`;
  if (!takeFrom(cloud, bucket, setting?.throttlingRateLimit, setting?.throttlingBurstLimit)) throw faults.throttled();
}
