import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** Records of REST APIs; times are milliseconds of the cloud's clock. */

export interface RestApiRecord {
  apiId: string;
  name: string;
  description?: string;
  version?: string;
  created: number;
  rootResourceId: string;
  binaryMediaTypes: string[];
  minimumCompressionSize?: number;
  apiKeySource: 'HEADER' | 'AUTHORIZER';
  endpointType: 'EDGE' | 'REGIONAL' | 'PRIVATE';
  vpcEndpointIds: string[];
  ipAddressType: 'ipv4' | 'dualstack';
  /** With full ARNs. */
  policy?: string;
  disableExecuteApiEndpoint: boolean;
  tags: Tags;
}

export interface MethodResponseRecord {
  responseParameters?: Record<string, boolean>;
  responseModels?: Record<string, string>;
}

export interface IntegrationResponseRecord {
  selectionPattern?: string;
  responseParameters?: Record<string, string>;
  responseTemplates?: Record<string, string>;
}

export interface IntegrationRecord {
  type: 'AWS' | 'AWS_PROXY' | 'HTTP_PROXY' | 'MOCK';
  httpMethod?: string;
  uri?: string;
  credentials?: string;
  requestParameters?: Record<string, string>;
  requestTemplates?: Record<string, string>;
  passthroughBehavior: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  timeoutMs: number;
  cacheNamespace: string;
  cacheKeyParameters: string[];
  /** By status code. */
  responses: Record<string, IntegrationResponseRecord>;
}

export interface MethodRecord {
  authorizationType: 'NONE' | 'AWS_IAM' | 'CUSTOM' | 'COGNITO_USER_POOLS';
  authorizerId?: string;
  authorizationScopes?: string[];
  apiKeyRequired: boolean;
  operationName?: string;
  requestParameters?: Record<string, boolean>;
  requestModels?: Record<string, string>;
  requestValidatorId?: string;
  /** By status code. */
  responses: Record<string, MethodResponseRecord>;
  integration?: IntegrationRecord;
}

export interface ResourceRecord {
  apiId: string;
  resourceId: string;
  parentId?: string;
  pathPart?: string;
  path: string;
  /** By HTTP method, or ANY. */
  methods: Record<string, MethodRecord>;
}

export interface AuthorizerRecord {
  apiId: string;
  authorizerId: string;
  name: string;
  type: 'TOKEN' | 'REQUEST' | 'COGNITO_USER_POOLS';
  providerArns?: string[];
  authType?: string;
  uri?: string;
  credentials?: string;
  identitySource?: string;
  validationExpression?: string;
  ttlSeconds: number;
}

export interface RequestValidatorRecord {
  apiId: string;
  validatorId: string;
  name?: string;
  body: boolean;
  parameters: boolean;
}

export interface ModelRecord {
  apiId: string;
  modelId: string;
  name: string;
  description?: string;
  schema?: string;
  contentType: string;
}

export interface GatewayResponseRecord {
  apiId: string;
  responseType: string;
  statusCode?: string;
  responseParameters: Record<string, string>;
  responseTemplates: Record<string, string>;
}

/** What an API was when it was deployed: stages serve this. */
export interface DeploymentRecord {
  apiId: string;
  deploymentId: string;
  description?: string;
  created: number;
  api: RestApiRecord;
  resources: ResourceRecord[];
  authorizers: AuthorizerRecord[];
  validators: RequestValidatorRecord[];
  models: ModelRecord[];
  gatewayResponses: GatewayResponseRecord[];
}

export interface MethodSettingRecord {
  metricsEnabled: boolean;
  loggingLevel: string;
  dataTraceEnabled: boolean;
  throttlingBurstLimit?: number;
  throttlingRateLimit?: number;
  cachingEnabled: boolean;
  cacheTtlInSeconds: number;
  cacheDataEncrypted: boolean;
  requireAuthorizationForCacheControl: boolean;
  unauthorizedCacheControlHeaderStrategy: string;
}

export interface StageRecord {
  apiId: string;
  name: string;
  deploymentId: string;
  description?: string;
  cacheClusterEnabled: boolean;
  cacheClusterSize?: string;
  variables: Record<string, string>;
  documentationVersion?: string;
  tracingEnabled: boolean;
  accessLog: { destinationArn?: string; format?: string };
  /** By the path without its slash, and the method; `*` and `*` for all: `pets/GET`. */
  methodSettings: Record<string, MethodSettingRecord>;
  tags: Tags;
  created: number;
  updated: number;
}

export interface ApiKeyRecord {
  keyId: string;
  value: string;
  name?: string;
  description?: string;
  customerId?: string;
  enabled: boolean;
  created: number;
  updated: number;
  tags: Tags;
}

export interface Throttle {
  rateLimit?: number;
  burstLimit?: number;
}

export interface UsagePlanRecord {
  planId: string;
  name: string;
  description?: string;
  productCode?: string;
  throttle?: Throttle;
  quota?: { limit: number; offset: number; period: 'DAY' | 'WEEK' | 'MONTH' };
  stages: { apiId: string; stage: string; throttle: Record<string, Throttle> }[];
  keyIds: string[];
  tags: Tags;
}

/** What a key used of a plan. */
export interface UsageRecord {
  /** Requests by day, `2026-11-26`. */
  days: Record<string, number>;
  /** Requests granted beyond the plan's quota, by the first day of the period that they are for. */
  granted: Record<string, number>;
}

export interface AccountSettingsRecord {
  cloudwatchRoleArn?: string;
}

export const restApis = defineTable<RestApiRecord>('apigateway.restApis');
/** The ids of what belongs to an API begin with its id: `apiId:id`. */
export const resources = defineTable<ResourceRecord>('apigateway.resources');
export const authorizers = defineTable<AuthorizerRecord>('apigateway.authorizers');
export const requestValidators = defineTable<RequestValidatorRecord>('apigateway.requestValidators');
export const models = defineTable<ModelRecord>('apigateway.models');
export const gatewayResponses = defineTable<GatewayResponseRecord>('apigateway.gatewayResponses');
export const deployments = defineTable<DeploymentRecord>('apigateway.deployments');
export const stages = defineTable<StageRecord>('apigateway.stages');
export const apiKeys = defineTable<ApiKeyRecord>('apigateway.apiKeys');
export const usagePlans = defineTable<UsagePlanRecord>('apigateway.usagePlans');
/** `planId:keyId` */
export const usages = defineTable<UsageRecord>('apigateway.usages');
/** One record, `account`. */
export const accountSettings = defineTable<AccountSettingsRecord>('apigateway.account');
