/**
 * What API Gateway answers by itself, each by its type, which an API may give another status, headers and body.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export const faultStatus: Readonly<Record<string, number>> = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  DEFAULT_4XX: 0,
  DEFAULT_5XX: 0,
  EXPIRED_TOKEN: 403,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 404,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  WAF_FILTERED: 403,
};

export const isFaultType = (type: string): boolean => Object.hasOwn(faultStatus, type);

/** An answer of API Gateway's own: thrown on a request's way, made an HTTP response at its end. */
export class GatewayFault extends Error {
  readonly type: string;
  readonly status: number;
  /** `x-amzn-errortype` */
  readonly errorType: string;
  /** Refusals by policies have their text under `Message`, all others under `message`. */
  readonly key: 'message' | 'Message';
  /** AWS says `null` where an authorizer is broken. */
  readonly text: string | null;

  constructor(
    type: keyof typeof faultStatus & string,
    text: string | null,
    errorType: string,
    { status, key = 'message' }: { status?: number; key?: 'message' | 'Message' } = {},
  ) {
    super(text ?? type);
    this.type = type;
    this.status = status ?? faultStatus[type]!;
    this.errorType = errorType;
    this.key = key;
    this.text = text;
  }
}

export const faults = {
  /** No such stage or endpoint: nothing is told of what is there. */
  forbidden: () => new GatewayFault('DEFAULT_4XX', 'Forbidden', 'ForbiddenException', { status: 403 }),
  missingToken: () =>
    new GatewayFault(
      'MISSING_AUTHENTICATION_TOKEN',
      'Missing Authentication Token',
      'MissingAuthenticationTokenException',
    ),
  unauthorized: () => new GatewayFault('UNAUTHORIZED', 'Unauthorized', 'UnauthorizedException'),
  invalidKey: () => new GatewayFault('INVALID_API_KEY', 'Forbidden', 'ForbiddenException'),
  denied: (text: string) => new GatewayFault('ACCESS_DENIED', text, 'AccessDeniedException', { key: 'Message' }),
  authorizer: () => new GatewayFault('AUTHORIZER_CONFIGURATION_ERROR', null, 'AuthorizerConfigurationException'),
  configuration: () =>
    new GatewayFault('API_CONFIGURATION_ERROR', 'Internal server error', 'InternalServerErrorException'),
  /** The function failed, or its answer is none. */
  malformed: () =>
    new GatewayFault('DEFAULT_5XX', 'Internal server error', 'InternalServerErrorException', { status: 502 }),
  timeout: () => new GatewayFault('INTEGRATION_TIMEOUT', 'Endpoint request timed out', 'InternalServerErrorException'),
  network: () =>
    new GatewayFault(
      'INTEGRATION_FAILURE',
      'Network error communicating with endpoint',
      'InternalServerErrorException',
    ),
  tooLarge: () =>
    new GatewayFault('REQUEST_TOO_LARGE', 'HTTP content length exceeded 10485760 bytes.', 'RequestTooLargeException'),
  uriTooLong: () =>
    new GatewayFault('DEFAULT_4XX', 'Request URI too long', 'RequestUriTooLongException', { status: 414 }),
  throttled: () => new GatewayFault('THROTTLED', 'Too Many Requests', 'TooManyRequestsException'),
  quota: () => new GatewayFault('QUOTA_EXCEEDED', 'Limit Exceeded', 'LimitExceededException'),
  body: () => new GatewayFault('BAD_REQUEST_BODY', 'Invalid request body', 'BadRequestException'),
  parameters: (names: readonly string[]) =>
    new GatewayFault(
      'BAD_REQUEST_PARAMETERS',
      `Missing required request parameters: [${names.join(', ')}]`,
      'BadRequestException',
    ),
  mediaType: () => new GatewayFault('UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type', 'BadRequestException'),
  signature: (text: string, errorType: string) => new GatewayFault('INVALID_SIGNATURE', text, errorType),
  expired: () =>
    new GatewayFault('EXPIRED_TOKEN', 'The security token included in the request is expired', 'ExpiredTokenException'),
};
