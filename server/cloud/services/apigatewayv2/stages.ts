import type {
  CreateDeploymentCommandInput,
  CreateDeploymentCommandOutput,
  CreateStageCommandInput,
  CreateStageCommandOutput,
  DeleteDeploymentCommandInput,
  DeleteDeploymentCommandOutput,
  DeleteStageCommandInput,
  DeleteStageCommandOutput,
  Deployment,
  GetDeploymentCommandInput,
  GetDeploymentCommandOutput,
  GetDeploymentsCommandInput,
  GetDeploymentsCommandOutput,
  GetStageCommandInput,
  GetStageCommandOutput,
  GetStagesCommandInput,
  GetStagesCommandOutput,
  RouteSettings,
  Stage,
  UpdateStageCommandInput,
  UpdateStageCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, operation } from '../../context.ts';
import { requestTagContext } from '../../tags.ts';
import {
  type DeploymentRecord,
  deployments,
  integrations,
  type RouteSettingsRecord,
  routes,
  type StageRecord,
  stages,
} from './records.ts';
import { badRequest, childrenOf, conflict, getApi, getChild, newId, pageOf, pathAccess } from './shared.ts';

const showSettings = (settings: RouteSettingsRecord): RouteSettings => ({
  DetailedMetricsEnabled: settings.detailedMetricsEnabled ?? false,
  ...(settings.throttlingBurstLimit !== undefined ? { ThrottlingBurstLimit: settings.throttlingBurstLimit } : {}),
  ...(settings.throttlingRateLimit !== undefined ? { ThrottlingRateLimit: settings.throttlingRateLimit } : {}),
});

const readSettings = (settings: RouteSettings): RouteSettingsRecord => ({
  ...(settings.DetailedMetricsEnabled !== undefined ? { detailedMetricsEnabled: settings.DetailedMetricsEnabled } : {}),
  ...(settings.ThrottlingBurstLimit !== undefined ? { throttlingBurstLimit: settings.ThrottlingBurstLimit } : {}),
  ...(settings.ThrottlingRateLimit !== undefined ? { throttlingRateLimit: settings.ThrottlingRateLimit } : {}),
});

const describe = (stage: StageRecord): Stage => ({
  StageName: stage.name,
  AutoDeploy: stage.autoDeploy,
  CreatedDate: new Date(stage.created),
  LastUpdatedDate: new Date(stage.updated),
  DefaultRouteSettings: showSettings(stage.defaults),
  RouteSettings: Object.fromEntries(
    Object.entries(stage.routeSettings).map(([key, value]) => [key, showSettings(value)]),
  ),
  StageVariables: { ...stage.variables },
  Tags: { ...stage.tags },
  ...(stage.deploymentId !== undefined ? { DeploymentId: stage.deploymentId } : {}),
  ...(stage.description !== undefined ? { Description: stage.description } : {}),
  ...(stage.accessLog
    ? { AccessLogSettings: { DestinationArn: stage.accessLog.destinationArn, Format: stage.accessLog.format } }
    : {}),
  ...(stage.managed ? { ApiGatewayManaged: true } : {}),
});

type Input = Omit<UpdateStageCommandInput, 'ApiId'>;

function apply(ctx: CallContext, old: StageRecord, input: Input): StageRecord {
  if (input.DeploymentId !== undefined) getChild(ctx, deployments, 'Deployment', old.apiId, input.DeploymentId);
  if (input.DeploymentId !== undefined && (input.AutoDeploy ?? old.autoDeploy))
    throw badRequest('Deployment ID cannot be set on stage update because Auto-Deploy is enabled');
  const { accessLog: before, ...rest } = old;
  const log = input.AccessLogSettings;
  const accessLog =
    log?.DestinationArn && log.Format
      ? { destinationArn: log.DestinationArn.replace(/:\*$/, ''), format: log.Format }
      : before;
  if (
    log?.DestinationArn &&
    !/^arn:aws:logs:[a-z0-9-]{1,30}:\d{12}:log-group:[^:]{1,512}(?::\*)?$/.test(log.DestinationArn)
  )
    throw badRequest('Access log destination must be the ARN of a CloudWatch Logs log group');
  return {
    ...rest,
    autoDeploy: input.AutoDeploy ?? old.autoDeploy,
    ...(input.DeploymentId !== undefined ? { deploymentId: input.DeploymentId } : {}),
    ...(input.Description !== undefined ? { description: input.Description } : {}),
    variables: input.StageVariables ? { ...input.StageVariables } : old.variables,
    defaults: input.DefaultRouteSettings ? readSettings(input.DefaultRouteSettings) : old.defaults,
    routeSettings: input.RouteSettings
      ? Object.fromEntries(Object.entries(input.RouteSettings).map(([key, value]) => [key, readSettings(value)]))
      : old.routeSettings,
    ...(accessLog ? { accessLog } : {}),
    updated: ctx.now,
  };
}

/** A new stage, not yet stored. */
export function makeStage(
  ctx: CallContext,
  apiId: string,
  input: Input & { Tags?: Record<string, string> | undefined },
): StageRecord {
  const fresh: StageRecord = {
    apiId,
    name: input.StageName!,
    autoDeploy: false,
    variables: {},
    defaults: {},
    routeSettings: {},
    tags: { ...input.Tags },
    created: ctx.now,
    updated: ctx.now,
    managed: false,
  };
  return apply(ctx, fresh, input);
}

/** Takes down what an API is now. */
function snapshot(ctx: CallContext, apiId: string, autoDeployed: boolean, description?: string): DeploymentRecord {
  const record: DeploymentRecord = {
    apiId,
    deploymentId: newId(ctx, 6),
    ...(description !== undefined ? { description } : {}),
    autoDeployed,
    created: ctx.now,
    routes: childrenOf(ctx.state, routes, ctx, apiId),
    integrations: childrenOf(ctx.state, integrations, ctx, apiId),
  };
  ctx.state.put(deployments, ctx, `${apiId}:${record.deploymentId}`, record);
  return record;
}

/** After a change of routes or integrations: stages with auto-deploy get a new deployment, their former one goes. */
export function redeploy(ctx: CallContext, apiId: string): void {
  const automatic = childrenOf(ctx.state, stages, ctx, apiId).filter(({ autoDeploy }) => autoDeploy);
  if (automatic.length === 0) return;
  const { deploymentId } = snapshot(
    ctx,
    apiId,
    true,
    'Automatic deployment triggered by changes to the Api configuration',
  );
  for (const stage of automatic) {
    ctx.state.put(stages, ctx, `${apiId}:${stage.name}`, { ...stage, deploymentId, updated: ctx.now });
    const old = ctx.state.get(deployments, ctx, `${apiId}:${stage.deploymentId ?? ''}`);
    if (
      old?.autoDeployed &&
      !childrenOf(ctx.state, stages, ctx, apiId).some((other) => other.deploymentId === old.deploymentId)
    )
      ctx.state.delete(deployments, ctx, `${apiId}:${old.deploymentId}`);
  }
}

export const CreateStage = operation<CreateStageCommandInput, CreateStageCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'POST', `/apis/${input.ApiId}/stages`, requestTagContext(input.Tags)),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.ApiId!);
    const name = input.StageName!;
    if (!/^(?:\$default|[a-zA-Z0-9_-]{1,128})$/.test(name))
      throw badRequest('Stage name only allows a-zA-Z0-9-_ or $default');
    if (ctx.state.get(stages, ctx, `${apiId}:${name}`)) throw conflict('Stage already exists');
    ctx.state.put(stages, ctx, `${apiId}:${name}`, makeStage(ctx, apiId, input));
    if (input.AutoDeploy) redeploy(ctx, apiId);
    return describe(getChild(ctx, stages, 'Stage', apiId, name));
  },
});

export const GetStage = operation<GetStageCommandInput, GetStageCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/stages/${input.StageName}`),
  run: (ctx, input) => describe(getChild(ctx, stages, 'Stage', input.ApiId!, input.StageName!)),
});

export const GetStages = operation<GetStagesCommandInput, GetStagesCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/stages`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const { page, next } = pageOf(childrenOf(ctx.state, stages, ctx, input.ApiId!), ({ name }) => name, input);
    return { Items: page.map(describe), ...next };
  },
});

export const UpdateStage = operation<UpdateStageCommandInput, UpdateStageCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'PATCH', `/apis/${input.ApiId}/stages/${input.StageName}`),
  run(ctx, input) {
    const old = getChild(ctx, stages, 'Stage', input.ApiId!, input.StageName!);
    ctx.state.put(stages, ctx, `${old.apiId}:${old.name}`, apply(ctx, old, input));
    if (input.AutoDeploy && !old.autoDeploy) redeploy(ctx, old.apiId);
    return describe(getChild(ctx, stages, 'Stage', old.apiId, old.name));
  },
});

export const DeleteStage = operation<DeleteStageCommandInput, DeleteStageCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}/stages/${input.StageName}`),
  run(ctx, input) {
    const { apiId, name } = getChild(ctx, stages, 'Stage', input.ApiId!, input.StageName!);
    ctx.state.delete(stages, ctx, `${apiId}:${name}`);
    return {};
  },
});

const showDeployment = (record: DeploymentRecord): Deployment => ({
  DeploymentId: record.deploymentId,
  AutoDeployed: record.autoDeployed,
  CreatedDate: new Date(record.created),
  DeploymentStatus: 'DEPLOYED',
  ...(record.description !== undefined ? { Description: record.description } : {}),
});

export const CreateDeployment = operation<CreateDeploymentCommandInput, CreateDeploymentCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'POST', `/apis/${input.ApiId}/deployments`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.ApiId!);
    const stage = input.StageName === undefined ? undefined : getChild(ctx, stages, 'Stage', apiId, input.StageName);
    if (stage?.autoDeploy) throw badRequest('Deployment cannot be created for a stage with Auto-Deploy enabled');
    const record = snapshot(ctx, apiId, false, input.Description);
    if (stage)
      ctx.state.put(stages, ctx, `${apiId}:${stage.name}`, {
        ...stage,
        deploymentId: record.deploymentId,
        updated: ctx.now,
      });
    return showDeployment(record);
  },
});

export const GetDeployment = operation<GetDeploymentCommandInput, GetDeploymentCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/deployments/${input.DeploymentId}`),
  run: (ctx, input) => showDeployment(getChild(ctx, deployments, 'Deployment', input.ApiId!, input.DeploymentId!)),
});

export const GetDeployments = operation<GetDeploymentsCommandInput, GetDeploymentsCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/deployments`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const all = childrenOf(ctx.state, deployments, ctx, input.ApiId!);
    const { page, next } = pageOf(all, ({ deploymentId }) => deploymentId, input);
    return { Items: page.map(showDeployment), ...next };
  },
});

export const DeleteDeployment = operation<DeleteDeploymentCommandInput, DeleteDeploymentCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}/deployments/${input.DeploymentId}`),
  run(ctx, input) {
    const { apiId, deploymentId } = getChild(ctx, deployments, 'Deployment', input.ApiId!, input.DeploymentId!);
    if (childrenOf(ctx.state, stages, ctx, apiId).some((stage) => stage.deploymentId === deploymentId))
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    ctx.state.delete(deployments, ctx, `${apiId}:${deploymentId}`);
    return {};
  },
});
