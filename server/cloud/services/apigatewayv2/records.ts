import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';
import type { CorsRules } from '../lambda/cors.ts';

/** Records of HTTP APIs; times are milliseconds of the cloud's clock. */

export interface ApiRecord {
  apiId: string;
  name: string;
  description?: string;
  version?: string;
  cors?: CorsRules;
  disableExecuteApiEndpoint: boolean;
  created: number;
  tags: Tags;
}

export interface RouteRecord {
  apiId: string;
  routeId: string;
  /** `GET /pets/{id}`, `ANY /{proxy+}`, `$default`. */
  routeKey: string;
  authorizationType: 'NONE' | 'AWS_IAM' | 'CUSTOM' | 'JWT';
  authorizerId?: string;
  authorizationScopes: string[];
  operationName?: string;
  /** `integrations/abc1234` */
  target?: string;
  managed: boolean;
}

export interface IntegrationRecord {
  apiId: string;
  integrationId: string;
  type: 'AWS_PROXY' | 'HTTP_PROXY';
  uri: string;
  method?: string;
  payloadFormat: '1.0' | '2.0';
  timeoutMs: number;
  description?: string;
  credentialsArn?: string;
  managed: boolean;
}

export interface RouteSettingsRecord {
  throttlingBurstLimit?: number;
  throttlingRateLimit?: number;
  detailedMetricsEnabled?: boolean;
}

export interface StageRecord {
  apiId: string;
  name: string;
  description?: string;
  autoDeploy: boolean;
  deploymentId?: string;
  variables: Record<string, string>;
  accessLog?: { destinationArn: string; format: string };
  defaults: RouteSettingsRecord;
  routeSettings: Record<string, RouteSettingsRecord>;
  tags: Tags;
  created: number;
  updated: number;
  managed: boolean;
}

/** What an API was when it was deployed: stages without auto-deploy serve this. */
export interface DeploymentRecord {
  apiId: string;
  deploymentId: string;
  description?: string;
  autoDeployed: boolean;
  created: number;
  routes: RouteRecord[];
  integrations: IntegrationRecord[];
}

export interface AuthorizerRecord {
  apiId: string;
  authorizerId: string;
  name: string;
  type: 'JWT' | 'REQUEST';
  identitySource: string[];
  jwt?: { audience: string[]; issuer: string };
  uri?: string;
  payloadFormat?: '1.0' | '2.0';
  ttlSeconds: number;
  simpleResponses: boolean;
  credentialsArn?: string;
}

export const apis = defineTable<ApiRecord>('apigatewayv2.apis');
/** The ids of what belongs to an API begin with its id: `apiId:id`. */
export const routes = defineTable<RouteRecord>('apigatewayv2.routes');
export const integrations = defineTable<IntegrationRecord>('apigatewayv2.integrations');
export const stages = defineTable<StageRecord>('apigatewayv2.stages');
export const deployments = defineTable<DeploymentRecord>('apigatewayv2.deployments');
export const authorizers = defineTable<AuthorizerRecord>('apigatewayv2.authorizers');
