import type { CallContext } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import {
  booleanRule,
  entryRule,
  type PatchRule,
  type PatchRules,
  patchBoolean,
  patchNumber,
  textRule,
} from './patch.ts';
import { deployments, type MethodSettingRecord, type StageRecord } from './records.ts';
import { badRequest, own, without } from './shared.ts';

const freshSetting: MethodSettingRecord = {
  metricsEnabled: false,
  loggingLevel: 'OFF',
  dataTraceEnabled: false,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

/** A setting of one method (`/~1pets/GET/throttling/rateLimit`) or of all (two asterisks). */
function settingRule(member: keyof MethodSettingRecord, read: (value: string) => unknown): PatchRule<StageRecord> {
  const set = (stage: StageRecord, value: string, [path = '', method = '']: string[]): StageRecord => {
    const key = `${path.replace(/^\//, '')}/${method}`;
    if (Object.keys(stage.methodSettings).length >= 1000) throw badRequest('Too many method settings for this stage');
    return {
      ...stage,
      methodSettings: {
        ...stage.methodSettings,
        [key]: { ...(own(stage.methodSettings, key) ?? freshSetting), [member]: read(value) },
      },
    };
  };
  return { add: set, replace: set };
}

function oneOf(...allowed: string[]): (value: string) => string {
  return (value) => {
    if (allowed.includes(value)) return value;
    throw badRequest(
      `Invalid patch value  '${value.slice(0, 100)}' specified. Must be one of: [${allowed.join(', ')}]`,
    );
  };
}

const canary: PatchRule<StageRecord> = {
  add: refuseCanary,
  replace: refuseCanary,
  remove: refuseCanary,
};

function refuseCanary(): never {
  throw new NotEmulated('canary deployments');
}

/** An access log goes to a log group; delivery streams are not emulated. */
function destination(arn: string): string {
  if (arn.startsWith('arn:aws:firehose:')) throw new NotEmulated('access logs to Firehose');
  const bare = arn.replace(/:\*$/, '');
  if (!/^arn:aws:logs:[a-z0-9-]{1,30}:\d{12}:log-group:[^:]{1,512}$/.test(bare))
    throw badRequest(`Invalid ARN specified in the request. ARNs must start with 'arn:aws': ${arn.slice(0, 200)}`);
  return bare;
}

/** What may be patched of a stage. Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch */
export function stageRules(ctx: CallContext, { apiId }: StageRecord): PatchRules<StageRecord> {
  const log = (member: 'destinationArn' | 'format', value: string) => (stage: StageRecord) => ({
    ...stage,
    accessLog: { ...stage.accessLog, [member]: value },
  });
  return {
    '/deploymentId': {
      replace(stage, deploymentId) {
        if (!ctx.state.get(deployments, ctx, `${apiId}:${deploymentId}`))
          throw badRequest('Deployment id does not exist');
        return { ...stage, deploymentId };
      },
    },
    '/description': textRule('description'),
    '/documentationVersion': textRule('documentationVersion'),
    '/cacheClusterEnabled': booleanRule('cacheClusterEnabled'),
    '/cacheClusterSize': textRule('cacheClusterSize'),
    '/tracingEnabled': booleanRule('tracingEnabled'),
    '/variables/*': entryRule('variables'),
    '/accessLogSettings': { remove: (stage) => ({ ...stage, accessLog: {} }) },
    '/accessLogSettings/destinationArn': {
      add: (stage, value) => log('destinationArn', destination(value))(stage),
      replace: (stage, value) => log('destinationArn', destination(value))(stage),
    },
    '/accessLogSettings/format': {
      add: (stage, value) => log('format', value.slice(0, 3072))(stage),
      replace: (stage, value) => log('format', value.slice(0, 3072))(stage),
    },
    '/canarySettings': canary,
    '/canarySettings/*': canary,
    '/*/*/metrics/enabled': settingRule('metricsEnabled', patchBoolean),
    // differs from AWS: execution logs are a setting; only access logs are written.
    '/*/*/logging/loglevel': settingRule('loggingLevel', oneOf('OFF', 'ERROR', 'INFO')),
    '/*/*/logging/dataTrace': settingRule('dataTraceEnabled', patchBoolean),
    '/*/*/throttling/burstLimit': settingRule('throttlingBurstLimit', patchNumber),
    '/*/*/throttling/rateLimit': settingRule('throttlingRateLimit', patchNumber),
    '/*/*/caching/enabled': settingRule('cachingEnabled', patchBoolean),
    '/*/*/caching/ttlInSeconds': settingRule('cacheTtlInSeconds', patchNumber),
    '/*/*/caching/dataEncrypted': settingRule('cacheDataEncrypted', patchBoolean),
    '/*/*/caching/requireAuthorizationForCacheControl': settingRule(
      'requireAuthorizationForCacheControl',
      patchBoolean,
    ),
    '/*/*/caching/unauthorizedCacheControlHeaderStrategy': settingRule(
      'unauthorizedCacheControlHeaderStrategy',
      oneOf('FAIL_WITH_403', 'SUCCEED_WITH_RESPONSE_HEADER', 'SUCCEED_WITHOUT_RESPONSE_HEADER'),
    ),
    '/*/*': {
      remove(stage, _value, [path = '', method = '']) {
        const key = `${path.replace(/^\//, '')}/${method}`;
        if (!own(stage.methodSettings, key))
          throw badRequest(
            `Cannot remove method setting ${key.slice(0, 200)} because there is no method setting for this method`,
          );
        return { ...stage, methodSettings: without(stage.methodSettings, key) };
      },
    },
  };
}
