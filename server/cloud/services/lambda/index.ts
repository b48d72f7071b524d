import type { Service } from '../../context.ts';
import { serveCode } from './code-location.ts';
import * as codeSigning from './code-signing.ts';
import * as functions from './functions.ts';
import * as invoke from './invoke.ts';
import * as permissions from './permissions.ts';
import * as tags from './tags.ts';
import * as update from './update.ts';

export const lambda: Service = {
  id: 'lambda',
  operations: {
    CreateFunction: functions.CreateFunction,
    GetFunction: functions.GetFunction,
    GetFunctionConfiguration: functions.GetFunctionConfiguration,
    ListFunctions: functions.ListFunctions,
    DeleteFunction: functions.DeleteFunction,
    UpdateFunctionCode: update.UpdateFunctionCode,
    UpdateFunctionConfiguration: update.UpdateFunctionConfiguration,
    Invoke: invoke.Invoke,
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
  endpoint: (cloud, request) => serveCode(cloud, request),
};
