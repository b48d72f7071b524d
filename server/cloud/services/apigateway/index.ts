import type { Service } from '../../context.ts';
import { GetAccount, UpdateAccount } from './account.ts';
import { CreateApiKey, DeleteApiKey, GetApiKey, GetApiKeys, UpdateApiKey } from './api-keys.ts';
import { CreateAuthorizer, DeleteAuthorizer, GetAuthorizer, GetAuthorizers, UpdateAuthorizer } from './authorizers.ts';
import { CreateDeployment, DeleteDeployment, GetDeployment, GetDeployments, UpdateDeployment } from './deployments.ts';
import { GetDomainNames } from './domain-names.ts';
import { GetExport } from './export.ts';
import {
  DeleteGatewayResponse,
  GetGatewayResponse,
  GetGatewayResponses,
  PutGatewayResponse,
  UpdateGatewayResponse,
} from './gateway-responses.ts';
import { ImportRestApi, PutRestApi } from './import.ts';
import {
  DeleteIntegrationResponse,
  GetIntegrationResponse,
  PutIntegrationResponse,
  UpdateIntegrationResponse,
} from './integration-responses.ts';
import { DeleteIntegration, GetIntegration, PutIntegration, UpdateIntegration } from './integrations.ts';
import {
  DeleteMethodResponse,
  GetMethodResponse,
  PutMethodResponse,
  UpdateMethodResponse,
} from './method-responses.ts';
import { DeleteMethod, GetMethod, PutMethod, UpdateMethod } from './methods.ts';
import { CreateModel, DeleteModel, GetModel, GetModels, UpdateModel } from './models.ts';
import {
  CreateRequestValidator,
  DeleteRequestValidator,
  GetRequestValidator,
  GetRequestValidators,
  UpdateRequestValidator,
} from './request-validators.ts';
import { CreateResource, DeleteResource, GetResource, GetResources, UpdateResource } from './resources.ts';
import { CreateRestApi, DeleteRestApi, GetRestApi, GetRestApis, UpdateRestApi } from './rest-apis.ts';
import { serveRestApi } from './serve.ts';
import {
  CreateStage,
  DeleteStage,
  FlushStageAuthorizersCache,
  FlushStageCache,
  GetStage,
  GetStages,
  UpdateStage,
} from './stages.ts';
import { GetTags, TagResource, UntagResource } from './tags.ts';
import { TestInvokeAuthorizer, TestInvokeMethod } from './test-invoke.ts';
import { GetUsage, UpdateUsage } from './usage.ts';
import { CreateUsagePlanKey, DeleteUsagePlanKey, GetUsagePlanKey, GetUsagePlanKeys } from './usage-plan-keys.ts';
import { CreateUsagePlan, DeleteUsagePlan, GetUsagePlan, GetUsagePlans, UpdateUsagePlan } from './usage-plans.ts';

/**
 * REST APIs of API Gateway. Custom domains, VPC links, client certificates, documentation and SDKs are not here, nor
 * WebSocket APIs.
 */
export const apigateway: Service = {
  id: 'apigateway',
  stored: {
    'CreateStage.cacheClusterEnabled': 'nothing is cached',
    FlushStageCache: 'nothing is cached',
  },
  operations: {
    ...{ CreateRestApi, GetRestApi, GetRestApis, UpdateRestApi, DeleteRestApi, ImportRestApi, PutRestApi, GetExport },
    ...{ CreateResource, GetResource, GetResources, UpdateResource, DeleteResource },
    ...{ PutMethod, GetMethod, UpdateMethod, DeleteMethod, TestInvokeMethod },
    ...{ PutMethodResponse, GetMethodResponse, UpdateMethodResponse, DeleteMethodResponse },
    ...{ PutIntegration, GetIntegration, UpdateIntegration, DeleteIntegration },
    ...{ PutIntegrationResponse, GetIntegrationResponse, UpdateIntegrationResponse, DeleteIntegrationResponse },
    ...{ CreateDeployment, GetDeployment, GetDeployments, UpdateDeployment, DeleteDeployment },
    ...{ CreateStage, GetStage, GetStages, UpdateStage, DeleteStage, FlushStageAuthorizersCache, FlushStageCache },
    ...{ CreateAuthorizer, GetAuthorizer, GetAuthorizers, UpdateAuthorizer, DeleteAuthorizer, TestInvokeAuthorizer },
    ...{ CreateApiKey, GetApiKey, GetApiKeys, UpdateApiKey, DeleteApiKey },
    ...{ CreateUsagePlan, GetUsagePlan, GetUsagePlans, UpdateUsagePlan, DeleteUsagePlan },
    ...{ CreateUsagePlanKey, GetUsagePlanKey, GetUsagePlanKeys, DeleteUsagePlanKey, GetUsage, UpdateUsage },
    ...{ CreateRequestValidator, GetRequestValidator, GetRequestValidators },
    ...{ UpdateRequestValidator, DeleteRequestValidator },
    ...{ CreateModel, GetModel, GetModels, UpdateModel, DeleteModel },
    ...{ PutGatewayResponse, GetGatewayResponse, GetGatewayResponses, UpdateGatewayResponse, DeleteGatewayResponse },
    ...{ GetTags, TagResource, UntagResource, GetAccount, UpdateAccount, GetDomainNames },
  },
  endpoint: serveRestApi,
};
