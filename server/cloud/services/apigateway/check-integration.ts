import type { CallContext } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { passRole } from '../iam/service-roles.ts';
import { compilePattern, PatternError } from '../ssm/pattern.ts';
import type { IntegrationRecord, IntegrationResponseRecord } from './records.ts';
import { badRequest } from './shared.ts';
import { checkTemplate } from './template.ts';

const functionUri =
  /^arn:aws:apigateway:([a-z0-9-]{1,30}):lambda:path\/2015-03-31\/functions\/(.{1,512})\/invocations$/;

/** The function that an integration or authorizer calls; stage variables in it are not yet filled in. */
export function functionOf(uri: string | undefined): string | undefined {
  return uri === undefined ? undefined : functionUri.exec(uri)?.[2];
}

/** Refuses what no integration can be (400), and what is not emulated (501). */
export function checkIntegration(ctx: CallContext, record: IntegrationRecord): IntegrationRecord {
  const { type, uri, timeoutMs } = record;
  if (type === 'AWS' || type === 'AWS_PROXY') checkAwsUri(type, uri);
  if (type === 'HTTP_PROXY' && !/^https?:\/\/[^\s/]{1,253}(?:\/[^\s]{0,1024})?$/.test(uri ?? ''))
    throw badRequest('Invalid HTTP endpoint specified for URI');
  if (type !== 'MOCK' && !record.httpMethod) throw badRequest('Enumeration value for HttpMethod must be non-empty');
  if (!Number.isInteger(timeoutMs) || timeoutMs < 50 || timeoutMs > 29_000)
    throw badRequest('Timeout should be between 50 ms and 29000 ms');
  if (!['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'].includes(record.passthroughBehavior))
    throw badRequest(
      'Invalid passthrough behavior specified. Valid values are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER',
    );
  for (const [name, value] of Object.entries(record.requestParameters ?? {}))
    if (!/^integration\.request\.(?:header|path|querystring)\.[^\s]{1,256}$/.test(name) || !isSource(value))
      throw badRequest('Invalid mapping expression specified');
  for (const template of Object.values(record.requestTemplates ?? {})) checkTemplate(template);
  if (record.credentials !== undefined) checkCredentials(ctx, record.credentials);
  return record;
}

function checkAwsUri(type: string, uri: string | undefined): void {
  if (!uri?.startsWith('arn:aws:apigateway:')) throw badRequest('Invalid ARN specified in the request');
  const [, , , , service = '', ...rest] = uri.split(':');
  if (!/^(?:path|action)\//.test(rest.join(':')))
    throw badRequest('AWS ARN for integration must contain path or action');
  if (functionUri.test(uri)) return;
  if (service === 'lambda') throw badRequest('Invalid Lambda function ARN specified in the request');
  if (type === 'AWS_PROXY')
    throw badRequest(
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
  throw new NotEmulated(`integrations of type AWS with ${service.slice(0, 60)} (Lambda is)`);
}

/** A role to call with: its user must be allowed to hand it over, which cannot be done across accounts. */
export function checkCredentials(ctx: CallContext, credentials: string): void {
  if (/^arn:aws:iam::\*:user\/\*$/.test(credentials))
    throw new NotEmulated("integrations with the caller's own credentials");
  if (!/^arn:aws:iam::\d{12}:role\/.{1,512}$/.test(credentials))
    throw badRequest('Invalid ARN specified in the request');
  passRole(ctx, credentials, 'apigateway.amazonaws.com');
}

/** Where a mapped parameter comes from. */
const isSource = (value: string): boolean =>
  /^'[^']*'$/.test(value) ||
  /^(?:method\.request\.(?:header|path|querystring|multivalueheader|multivaluequerystring)\.[^\s]{1,256}|method\.request\.body(?:\.[^\s]{1,256})?|context\.[A-Za-z0-9_.]{1,128}|stageVariables\.[A-Za-z0-9_]{1,128})$/.test(
    value,
  );

/** Refuses what no integration response can be. `declared`: the headers that the method response has. */
export function checkResponse(
  record: IntegrationResponseRecord,
  declared: Readonly<Record<string, boolean>>,
): IntegrationResponseRecord {
  for (const [name, value] of Object.entries(record.responseParameters ?? {})) {
    if (!Object.hasOwn(declared, name)) throw badRequest(`Invalid mapping parameter specified: ${name.slice(0, 200)}`);
    const known =
      /^'[^']*'$/.test(value) ||
      /^(?:integration\.response\.header\.[^\s]{1,256}|integration\.response\.body(?:\.[^\s]{1,256})?|context\.[A-Za-z0-9_.]{1,128}|stageVariables\.[A-Za-z0-9_]{1,128})$/.test(
        value,
      );
    if (!known) throw badRequest(`Invalid mapping expression specified: ${value.slice(0, 200)}`);
  }
  for (const template of Object.values(record.responseTemplates ?? {})) checkTemplate(template);
  if (record.selectionPattern) checkPattern(record.selectionPattern);
  return record;
}

/** @throws AwsError for a regular expression that cannot be matched in linear time */
export function checkPattern(pattern: string): void {
  try {
    compilePattern(`^(?:${pattern})$`);
  } catch (error) {
    if (error instanceof PatternError) throw badRequest(`Invalid regular expression specified: ${error.message}`);
    throw error;
  }
}

/** Java's `matches`: the whole text. The pattern was checked when it was put. */
export const matchesWhole = (pattern: string, text: string): boolean => compilePattern(`^(?:${pattern})$`)(text);
