import type {
  CreateDeploymentCommandInput,
  CreateDeploymentCommandOutput,
  DeleteDeploymentCommandInput,
  DeleteDeploymentCommandOutput,
  Deployment,
  GetDeploymentCommandInput,
  GetDeploymentCommandOutput,
  GetDeploymentsCommandInput,
  GetDeploymentsCommandOutput,
  UpdateDeploymentCommandInput,
  UpdateDeploymentCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { patched, textRule } from './patch.ts';
import {
  authorizers,
  type DeploymentRecord,
  deployments,
  gatewayResponses,
  models,
  requestValidators,
  resources,
  stages,
} from './records.ts';
import {
  badRequest,
  childrenOf,
  dateOf,
  getApi,
  getChild,
  missing,
  newId,
  pageOf,
  restAccess,
  shown,
  withinQuota,
} from './shared.ts';
import { makeStage } from './stages.ts';

/** With `embed=apisummary`, what the deployment's methods demand. */
function describe(record: DeploymentRecord, embed?: readonly string[]): Deployment {
  const summary = Object.fromEntries(
    record.resources
      .filter(({ methods }) => Object.keys(methods).length)
      .map(({ path, methods }) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([name, { authorizationType, apiKeyRequired }]) => [
            name,
            { authorizationType, apiKeyRequired },
          ]),
        ),
      ]),
  );
  return shown<Deployment>({
    id: record.deploymentId,
    description: record.description,
    createdDate: dateOf(record.created),
    ...(embed?.includes('apisummary') ? { apiSummary: summary } : {}),
  });
}

/** Takes down what an API is now. */
function snapshot(ctx: CallContext, apiId: string, description: string | undefined): DeploymentRecord {
  const api = getApi(ctx.state, ctx, apiId);
  const all = childrenOf(ctx.state, resources, ctx, apiId);
  const methods = all.flatMap((resource) => Object.values(resource.methods));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ integration }) => !integration)) throw badRequest('No integration defined for method');
  if (api.endpointType === 'PRIVATE' && api.policy === undefined)
    throw badRequest("Private REST API doesn't have a resource policy attached to it");
  withinQuota(childrenOf(ctx.state, deployments, ctx, apiId).length, 'deployments', 'Deployments for this API');
  const record: DeploymentRecord = {
    apiId,
    deploymentId: newId(ctx, 6),
    ...(description !== undefined ? { description } : {}),
    created: ctx.now,
    api,
    resources: all,
    authorizers: childrenOf(ctx.state, authorizers, ctx, apiId),
    validators: childrenOf(ctx.state, requestValidators, ctx, apiId),
    models: childrenOf(ctx.state, models, ctx, apiId),
    gatewayResponses: childrenOf(ctx.state, gatewayResponses, ctx, apiId),
  };
  ctx.state.put(deployments, ctx, `${apiId}:${record.deploymentId}`, record);
  return record;
}

export const CreateDeployment = operation<CreateDeploymentCommandInput, CreateDeploymentCommandOutput>({
  access: (ctx, input) =>
    restAccess(
      ctx,
      'POST',
      `/restapis/${input.restApiId}/deployments`,
      input.stageName ? { 'apigateway:Request/StageName': input.stageName } : {},
    ),
  run(ctx, input) {
    if (input.canarySettings) throw new NotEmulated('canary deployments');
    const record = snapshot(ctx, input.restApiId!, input.description);
    if (input.stageName) {
      const { apiId, deploymentId } = record;
      const old = ctx.state.get(stages, ctx, `${apiId}:${input.stageName}`);
      const stage = old
        ? {
            ...old,
            deploymentId,
            ...(input.stageDescription !== undefined ? { description: input.stageDescription } : {}),
            ...(input.variables ? { variables: { ...old.variables, ...input.variables } } : {}),
            tracingEnabled: input.tracingEnabled ?? old.tracingEnabled,
            updated: ctx.now,
          }
        : makeStage(ctx, apiId, {
            stageName: input.stageName,
            deploymentId,
            description: input.stageDescription,
            variables: input.variables,
            cacheClusterEnabled: input.cacheClusterEnabled,
            cacheClusterSize: input.cacheClusterSize,
            tracingEnabled: input.tracingEnabled,
          });
      ctx.state.put(stages, ctx, `${apiId}:${stage.name}`, stage);
    }
    return describe(record);
  },
});

const get = (ctx: CallContext, input: { restApiId?: string | undefined; deploymentId?: string | undefined }) =>
  getChild(ctx, deployments, missing.deployment, input.restApiId!, input.deploymentId!);

const path = (input: { restApiId?: string | undefined; deploymentId?: string | undefined }): string =>
  `/restapis/${input.restApiId}/deployments/${input.deploymentId}`;

export const GetDeployment = operation<GetDeploymentCommandInput, GetDeploymentCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describe(get(ctx, input), input.embed),
});

export const GetDeployments = operation<GetDeploymentsCommandInput, GetDeploymentsCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/deployments`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const all = childrenOf(ctx.state, deployments, ctx, apiId);
    const { page, next } = pageOf(all, ({ deploymentId }) => deploymentId, input);
    return { items: page.map((record) => describe(record)), ...next };
  },
});

export const UpdateDeployment = operation<UpdateDeploymentCommandInput, UpdateDeploymentCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const record = patched(get(ctx, input), input.patchOperations, { '/description': textRule('description') });
    ctx.state.put(deployments, ctx, `${record.apiId}:${record.deploymentId}`, record);
    return describe(record);
  },
});

export const DeleteDeployment = operation<DeleteDeploymentCommandInput, DeleteDeploymentCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { apiId, deploymentId } = get(ctx, input);
    if (childrenOf(ctx.state, stages, ctx, apiId).some((stage) => stage.deploymentId === deploymentId))
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    ctx.state.delete(deployments, ctx, `${apiId}:${deploymentId}`);
    return {};
  },
});
