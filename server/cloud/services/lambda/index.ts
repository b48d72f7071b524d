import type { Service } from '../../context.ts';
import * as aliases from './aliases.ts';
import { nextAsync, startAsync } from './async.ts';
import { asyncInvocations } from './async-records.ts';
import { serveCode } from './code-location.ts';
import * as codeSigning from './code-signing.ts';
import * as concurrency from './concurrency.ts';
import * as eventInvoke from './event-invoke.ts';
import * as eventSources from './event-sources.ts';
import * as functions from './functions.ts';
import * as invoke from './invoke.ts';
import { InvokeWithResponseStream } from './invoke-stream.ts';
import * as layerPermissions from './layer-permissions.ts';
import * as layers from './layers.ts';
import * as permissions from './permissions.ts';
import { nextPoll, startPolls } from './poll-queues.ts';
import { nextStreamPoll, startStreamPolls } from './poll-streams.ts';
import * as runtimeManagement from './runtime-management.ts';
import * as settings from './settings.ts';
import { skipToLatest } from './stream-positions.ts';
import * as tags from './tags.ts';
import * as update from './update.ts';
import { InvokeFunctionUrl, serveUrl } from './url-endpoint.ts';
import * as urls from './urls.ts';
import * as versions from './versions.ts';

export const lambda: Service = {
  id: 'lambda',
  stored: {
    PutProvisionedConcurrencyConfig: 'no environments are started ahead',
  },
  operations: {
    CreateFunction: functions.CreateFunction,
    GetFunction: functions.GetFunction,
    GetFunctionConfiguration: functions.GetFunctionConfiguration,
    ListFunctions: functions.ListFunctions,
    DeleteFunction: functions.DeleteFunction,
    UpdateFunctionCode: update.UpdateFunctionCode,
    UpdateFunctionConfiguration: update.UpdateFunctionConfiguration,
    Invoke: invoke.Invoke,
    InvokeWithResponseStream,
    InvokeAsync: invoke.InvokeAsync,
    AddPermission: permissions.AddPermission,
    RemovePermission: permissions.RemovePermission,
    GetPolicy: permissions.GetPolicy,
    PutResourcePolicy: permissions.PutResourcePolicy,
    GetResourcePolicy: permissions.GetResourcePolicy,
    DeleteResourcePolicy: permissions.DeleteResourcePolicy,
    TagResource: tags.TagResource,
    UntagResource: tags.UntagResource,
    ListTags: tags.ListTags,
    PublishVersion: versions.PublishVersion,
    ListVersionsByFunction: versions.ListVersionsByFunction,
    CreateAlias: aliases.CreateAlias,
    GetAlias: aliases.GetAlias,
    UpdateAlias: aliases.UpdateAlias,
    DeleteAlias: aliases.DeleteAlias,
    ListAliases: aliases.ListAliases,
    PutFunctionEventInvokeConfig: eventInvoke.PutFunctionEventInvokeConfig,
    UpdateFunctionEventInvokeConfig: eventInvoke.UpdateFunctionEventInvokeConfig,
    GetFunctionEventInvokeConfig: eventInvoke.GetFunctionEventInvokeConfig,
    ListFunctionEventInvokeConfigs: eventInvoke.ListFunctionEventInvokeConfigs,
    DeleteFunctionEventInvokeConfig: eventInvoke.DeleteFunctionEventInvokeConfig,
    PutFunctionConcurrency: concurrency.PutFunctionConcurrency,
    GetFunctionConcurrency: concurrency.GetFunctionConcurrency,
    DeleteFunctionConcurrency: concurrency.DeleteFunctionConcurrency,
    PutProvisionedConcurrencyConfig: concurrency.PutProvisionedConcurrencyConfig,
    GetProvisionedConcurrencyConfig: concurrency.GetProvisionedConcurrencyConfig,
    DeleteProvisionedConcurrencyConfig: concurrency.DeleteProvisionedConcurrencyConfig,
    ListProvisionedConcurrencyConfigs: concurrency.ListProvisionedConcurrencyConfigs,
    CreateEventSourceMapping: eventSources.CreateEventSourceMapping,
    GetEventSourceMapping: eventSources.GetEventSourceMapping,
    ListEventSourceMappings: eventSources.ListEventSourceMappings,
    UpdateEventSourceMapping: eventSources.UpdateEventSourceMapping,
    DeleteEventSourceMapping: eventSources.DeleteEventSourceMapping,
    PublishLayerVersion: layers.PublishLayerVersion,
    GetLayerVersion: layers.GetLayerVersion,
    GetLayerVersionByArn: layers.GetLayerVersionByArn,
    DeleteLayerVersion: layers.DeleteLayerVersion,
    ListLayerVersions: layers.ListLayerVersions,
    ListLayers: layers.ListLayers,
    AddLayerVersionPermission: layerPermissions.AddLayerVersionPermission,
    GetLayerVersionPolicy: layerPermissions.GetLayerVersionPolicy,
    RemoveLayerVersionPermission: layerPermissions.RemoveLayerVersionPermission,
    CreateFunctionUrlConfig: urls.CreateFunctionUrlConfig,
    GetFunctionUrlConfig: urls.GetFunctionUrlConfig,
    UpdateFunctionUrlConfig: urls.UpdateFunctionUrlConfig,
    DeleteFunctionUrlConfig: urls.DeleteFunctionUrlConfig,
    ListFunctionUrlConfigs: urls.ListFunctionUrlConfigs,
    GetAccountSettings: settings.GetAccountSettings,
    PutFunctionRecursionConfig: settings.PutFunctionRecursionConfig,
    GetFunctionRecursionConfig: settings.GetFunctionRecursionConfig,
    PutRuntimeManagementConfig: runtimeManagement.PutRuntimeManagementConfig,
    GetRuntimeManagementConfig: runtimeManagement.GetRuntimeManagementConfig,
    InvokeFunctionUrl,
    CreateCodeSigningConfig: codeSigning.CreateCodeSigningConfig,
    GetCodeSigningConfig: codeSigning.GetCodeSigningConfig,
    UpdateCodeSigningConfig: codeSigning.UpdateCodeSigningConfig,
    DeleteCodeSigningConfig: codeSigning.DeleteCodeSigningConfig,
    ListCodeSigningConfigs: codeSigning.ListCodeSigningConfigs,
    ListFunctionsByCodeSigningConfig: codeSigning.ListFunctionsByCodeSigningConfig,
    PutFunctionCodeSigningConfig: codeSigning.PutFunctionCodeSigningConfig,
    GetFunctionCodeSigningConfig: codeSigning.GetFunctionCodeSigningConfig,
    DeleteFunctionCodeSigningConfig: codeSigning.DeleteFunctionCodeSigningConfig,
  },
  background(cloud) {
    startAsync(cloud);
    startPolls(cloud);
    startStreamPolls(cloud);
  },
  nextDue(cloud) {
    const due = [nextAsync(cloud), nextPoll(cloud), nextStreamPoll(cloud)].filter((time) => time !== undefined);
    return due.length ? Math.min(...due) : undefined;
  },
  forget(state) {
    for (const { scope, id } of state.all(asyncInvocations)) state.delete(asyncInvocations, scope, id);
    skipToLatest(state);
  },
  endpoint: (cloud, request, caller, refused) => serveUrl(cloud, request, caller, refused) ?? serveCode(cloud, request),
};
