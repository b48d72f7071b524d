import type { Service } from '../../context.ts';
import { CreateApi, DeleteApi, DeleteCorsConfiguration, GetApi, GetApis, UpdateApi } from './apis.ts';
import { CreateAuthorizer, DeleteAuthorizer, GetAuthorizer, GetAuthorizers, UpdateAuthorizer } from './authorizers.ts';
import {
  CreateIntegration,
  DeleteIntegration,
  GetIntegration,
  GetIntegrations,
  UpdateIntegration,
} from './integrations.ts';
import { CreateRoute, DeleteRoute, GetRoute, GetRoutes, UpdateRoute } from './routes.ts';
import { serveApi } from './serve.ts';
import {
  CreateDeployment,
  CreateStage,
  DeleteDeployment,
  DeleteStage,
  GetDeployment,
  GetDeployments,
  GetStage,
  GetStages,
  UpdateStage,
} from './stages.ts';
import { GetTags, TagResource, UntagResource } from './tags.ts';

/** HTTP APIs of API Gateway. WebSocket APIs, custom domains and VPC links are not here. */
export const apigatewayv2: Service = {
  id: 'apigatewayv2',
  operations: {
    ...{ CreateApi, GetApi, GetApis, UpdateApi, DeleteApi, DeleteCorsConfiguration },
    ...{ CreateIntegration, GetIntegration, GetIntegrations, UpdateIntegration, DeleteIntegration },
    ...{ CreateRoute, GetRoute, GetRoutes, UpdateRoute, DeleteRoute },
    ...{ CreateStage, GetStage, GetStages, UpdateStage, DeleteStage },
    ...{ CreateDeployment, GetDeployment, GetDeployments, DeleteDeployment },
    ...{ CreateAuthorizer, GetAuthorizer, GetAuthorizers, UpdateAuthorizer, DeleteAuthorizer },
    ...{ TagResource, UntagResource, GetTags },
  },
  endpoint: serveApi,
};
