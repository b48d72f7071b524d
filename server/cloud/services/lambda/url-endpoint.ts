import { anonymousCaller } from '../../callers.ts';
import type { Cloud } from '../../cloud.ts';
import { type Caller, type EndpointRequest, type EndpointResponse, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { corsHeaders, preflight } from './cors.ts';
import { functionAccess } from './find.ts';
import { httpEvent, httpResponse, iamAuthorizer, jsonResponse, structuredResponse } from './http-event.ts';
import { runTarget } from './invoke.ts';
import { arnOf, functionTarget } from './names.ts';
import { traceHeader } from './trace.ts';
import { type FunctionUrlRecord, functionUrls } from './url-records.ts';

interface UrlCall {
  FunctionName: string;
  AuthType: 'NONE' | 'AWS_IAM';
  Payload: Buffer;
  streaming: boolean;
  traceId: string | undefined;
}

interface UrlAnswer {
  payload: Buffer;
  failed: boolean;
  contentType?: string;
}

/**
 * A request to a function URL, as the policies see it: since October 2025 it takes both lambda:InvokeFunctionUrl and
 * lambda:InvokeFunction (with lambda:InvokedViaFunctionUrl). No API call: only the URL's host gets here.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export const InvokeFunctionUrl = operation<UrlCall, UrlAnswer & { $metadata: object }>({
  access(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName);
    return [
      functionAccess(ctx, 'InvokeFunctionUrl', target, {
        'lambda:FunctionUrlAuthType': input.AuthType,
        'lambda:FunctionArn': target.arn,
      }),
      functionAccess(ctx, 'InvokeFunction', target, { 'lambda:InvokedViaFunctionUrl': 'true' }),
    ];
  },
  async run(ctx, input) {
    const { FunctionName, Payload, streaming, traceId } = input;
    const { result } = await runTarget(ctx, functionTarget(ctx, FunctionName), Payload, { streaming, traceId });
    return {
      payload: result.payload,
      failed: result.functionError !== undefined,
      ...(result.contentType !== undefined ? { contentType: result.contentType } : {}),
    };
  },
});

const hostForm = /^([a-z0-9]{1,64})\.lambda-url\.([a-z0-9-]{1,30})\.(?:on\.aws|localhost)(?::\d{1,5})?$/;

/** The function URL of a host name, in any account of the cloud. */
function findUrl(cloud: Cloud, host: string): { scope: Scope; record: FunctionUrlRecord; domain: string } | undefined {
  const match = hostForm.exec(host.toLowerCase());
  if (!match) return undefined;
  const found = cloud.state
    .all(functionUrls)
    .find(({ value, scope }) => value.urlId === match[1] && scope.region === match[2]);
  return found && { scope: found.scope, record: found.value, domain: `${match[1]}.lambda-url.${match[2]}.on.aws` };
}

const forbidden = (): EndpointResponse =>
  jsonResponse(
    403,
    {
      Message:
        'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
    },
    { 'x-amzn-errortype': 'AccessDeniedException' },
  );

/** Answers requests to hosts of function URLs; undefined when the host is none of this cloud's. */
export function serveUrl(
  cloud: Cloud,
  request: EndpointRequest,
  caller: Caller | undefined,
  refused?: AwsError,
): Promise<EndpointResponse> | undefined {
  const url = findUrl(cloud, request.host);
  // A URL without authorization looks at no signature.
  if (url?.record.authType === 'AWS_IAM' && refused)
    return Promise.resolve(jsonResponse(403, { message: refused.message }));
  return url && answer(cloud, url, request, caller);
}

async function answer(
  cloud: Cloud,
  { scope, record, domain }: { scope: Scope; record: FunctionUrlRecord; domain: string },
  request: EndpointRequest,
  signed: Caller | undefined,
): Promise<EndpointResponse> {
  const early = record.cors && preflight(record.cors, request, 200);
  if (early) return early;
  const source = signed?.source ?? { ip: request.sourceIp };
  // Without IAM authentication everybody is nobody in particular, also who happens to sign.
  const caller = record.authType === 'NONE' ? anonymousCaller(source) : signed;
  if (!caller || (record.authType === 'AWS_IAM' && caller.principal.type === 'anonymous')) return forbidden();
  const requestId = uuid(cloud.random);
  // Names the trace before the function runs: its event shows it.
  const traceId = traceHeader(cloud, request.headers['x-amzn-trace-id']);
  const question = request.url.indexOf('?');
  const traced = { ...request, headers: { ...request.headers, 'x-amzn-trace-id': traceId } };
  const event = httpEvent(traced, {
    accountId: record.authType === 'NONE' ? 'anonymous' : caller.principal.account,
    apiId: record.urlId,
    domainName: domain,
    domainPrefix: record.urlId,
    stage: '$default',
    routeKey: '$default',
    requestId,
    now: cloud.clock.now(),
    rawPath: decodePath(question < 0 ? request.url : request.url.slice(0, question)),
    ...(record.authType === 'AWS_IAM' ? { authorizer: iamAuthorizer(caller) } : {}),
  });
  const response = await run(cloud, scope, record, caller, requestId, event, traceId);
  response.headers['x-amzn-requestid'] = requestId;
  response.headers['x-amzn-trace-id'] = traceId;
  if (record.cors) Object.assign(response.headers, corsHeaders(record.cors, request));
  return response;
}

/** As AWS shows it: percent-decoded; left as it is where it cannot be decoded. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function run(
  cloud: Cloud,
  scope: Scope,
  record: FunctionUrlRecord,
  caller: Caller,
  requestId: string,
  event: object,
  traceId: string,
): Promise<EndpointResponse> {
  const call: UrlCall = {
    FunctionName: arnOf(scope, record.functionName, record.alias),
    AuthType: record.authType,
    Payload: Buffer.from(JSON.stringify(event)),
    streaming: record.invokeMode === 'RESPONSE_STREAM',
    traceId,
  };
  try {
    const { payload, failed, contentType } = await cloud.call<UrlAnswer>(caller, 'lambda', 'InvokeFunctionUrl', call, {
      account: scope.account,
      region: scope.region,
      requestId,
    });
    const response = failed ? undefined : read(payload, contentType, record.invokeMode);
    return (
      response ?? { status: 502, headers: { 'content-type': 'text/plain' }, body: Buffer.from('Internal Server Error') }
    );
  } catch (error) {
    if (error instanceof NotEmulated) return jsonResponse(501, { Message: error.message });
    if (!(error instanceof AwsError)) throw error;
    if (error.status === 403) return forbidden();
    return jsonResponse(error.status, { Message: error.message, ...error.extra }, { 'x-amzn-errortype': error.code });
  }
}

/** Eight NUL bytes stand between a streamed answer's prelude and its body. */
function read(
  payload: Buffer,
  contentType: string | undefined,
  mode: FunctionUrlRecord['invokeMode'],
): EndpointResponse | undefined {
  if (contentType === 'application/vnd.awslambda.http-integration-response') {
    const end = payload.indexOf(Buffer.alloc(8));
    if (end < 0) return undefined;
    try {
      const response = structuredResponse({
        statusCode: 200,
        ...(JSON.parse(payload.subarray(0, end).toString()) as object),
      });
      return response && { ...response, body: payload.subarray(end + 8) };
    } catch {
      return undefined;
    }
  }
  if (contentType !== undefined && mode === 'RESPONSE_STREAM')
    return { status: 200, headers: { 'content-type': contentType }, body: payload };
  return httpResponse(payload, '2.0');
}
