import type {
  CreateResourceCommandInput,
  CreateResourceCommandOutput,
  DeleteResourceCommandInput,
  DeleteResourceCommandOutput,
  GetResourceCommandInput,
  GetResourceCommandOutput,
  GetResourcesCommandInput,
  GetResourcesCommandOutput,
  Resource,
  UpdateResourceCommandInput,
  UpdateResourceCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { describeMethod } from './methods.ts';
import { patched } from './patch.ts';
import { type ResourceRecord, resources } from './records.ts';
import {
  badRequest,
  childrenOf,
  conflict,
  getApi,
  getChild,
  missing,
  newId,
  notFound,
  pageOf,
  restAccess,
  withinQuota,
} from './shared.ts';

/** With `embed=methods`, methods are shown whole; else only that they are there. */
function describe(resource: ResourceRecord, embed: readonly string[] | undefined): Resource {
  const methods = Object.entries(resource.methods);
  const whole = embed?.includes('methods');
  return {
    id: resource.resourceId,
    path: resource.path,
    ...(resource.parentId !== undefined ? { parentId: resource.parentId } : {}),
    ...(resource.pathPart !== undefined ? { pathPart: resource.pathPart } : {}),
    ...(methods.length
      ? {
          resourceMethods: Object.fromEntries(
            methods.map(([name, method]) => [name, whole ? describeMethod(name, method) : {}]),
          ),
        }
      : {}),
  };
}

const isVariable = (part: string): boolean => part.startsWith('{');
const isGreedy = (part: string): boolean => part.endsWith('+}');

/** Refuses a path part that cannot stand below this parent. `except`: the resource that is to have it. */
export function checkPathPart(
  siblings: readonly ResourceRecord[],
  parent: ResourceRecord,
  part: string,
  except?: string,
): void {
  if (!/^(?:[a-zA-Z0-9._:-]{1,512}|\{[a-zA-Z0-9._:-]{1,512}\+?\})$/.test(part))
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  if (parent.pathPart !== undefined && isGreedy(parent.pathPart))
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  for (const sibling of siblings) {
    if (sibling.parentId !== parent.resourceId || sibling.resourceId === except) continue;
    if (sibling.pathPart === part)
      throw conflict(`Another resource with the same parent already has this name: ${part}`);
    if (isVariable(part) && isVariable(sibling.pathPart!))
      throw badRequest(
        `A sibling (${sibling.pathPart}) of this resource already has a variable path part -- only one is allowed`,
      );
  }
  if (isVariable(part) && parent.path.split('/').some((each) => nameOf(each) === nameOf(part)))
    throw badRequest(`A resource cannot have the path variable ${nameOf(part)} twice`);
}

const nameOf = (part: string): string => (isVariable(part) ? part.replace(/[{}+]/g, '') : `/${part}`);

export const pathBelow = (parent: string, part: string): string => `${parent === '/' ? '' : parent}/${part}`;

/** A new resource, stored. */
export function makeResource(ctx: CallContext, parent: ResourceRecord, pathPart: string): ResourceRecord {
  const all = childrenOf(ctx.state, resources, ctx, parent.apiId);
  checkPathPart(all, parent, pathPart);
  withinQuota(all.length, 'resources', 'Resources for this API');
  const record: ResourceRecord = {
    apiId: parent.apiId,
    resourceId: newId(ctx, 6),
    parentId: parent.resourceId,
    pathPart,
    path: pathBelow(parent.path, pathPart),
    methods: {},
  };
  ctx.state.put(resources, ctx, `${record.apiId}:${record.resourceId}`, record);
  return record;
}

export const CreateResource = operation<CreateResourceCommandInput, CreateResourceCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', `/restapis/${input.restApiId}/resources/${input.parentId}`),
  run(ctx, input) {
    const parent = getChild(ctx, resources, missing.resource, input.restApiId!, input.parentId!);
    return describe(makeResource(ctx, parent, input.pathPart!), undefined);
  },
});

export const GetResource = operation<GetResourceCommandInput, GetResourceCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/resources/${input.resourceId}`),
  run: (ctx, input) =>
    describe(getChild(ctx, resources, missing.resource, input.restApiId!, input.resourceId!), input.embed),
});

export const GetResources = operation<GetResourcesCommandInput, GetResourcesCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/resources`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const { page, next } = pageOf(childrenOf(ctx.state, resources, ctx, apiId), ({ resourceId }) => resourceId, input);
    return { items: page.map((resource) => describe(resource, input.embed)), ...next };
  },
});

/** A resource and all below it. */
function subtree(all: readonly ResourceRecord[], top: string): ResourceRecord[] {
  const found = all.filter(({ resourceId }) => resourceId === top);
  for (const parent of found) found.push(...all.filter(({ parentId }) => parentId === parent.resourceId));
  return found;
}

export const UpdateResource = operation<UpdateResourceCommandInput, UpdateResourceCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', `/restapis/${input.restApiId}/resources/${input.resourceId}`),
  run(ctx, input) {
    const old = getChild(ctx, resources, missing.resource, input.restApiId!, input.resourceId!);
    if (old.parentId === undefined) throw badRequest('Root resource cannot be updated');
    const record = patched(old, input.patchOperations, {
      '/parentId': { replace: (each, parentId) => ({ ...each, parentId }) },
      '/pathPart': { replace: (each, pathPart) => ({ ...each, pathPart }) },
    });
    const all = childrenOf(ctx.state, resources, ctx, old.apiId);
    const below = subtree(all, old.resourceId);
    const parent = all.find(({ resourceId }) => resourceId === record.parentId);
    if (!parent) throw notFound(missing.resource);
    if (below.some(({ resourceId }) => resourceId === parent.resourceId))
      throw badRequest('Resources cannot be cyclical.');
    checkPathPart(all, parent, record.pathPart!, record.resourceId);
    const paths = new Map([[record.resourceId, pathBelow(parent.path, record.pathPart!)]]);
    for (const each of below) {
      const now = each.resourceId === record.resourceId ? record : each;
      const path = paths.get(now.resourceId) ?? pathBelow(paths.get(now.parentId!)!, now.pathPart!);
      paths.set(now.resourceId, path);
      ctx.state.put(resources, ctx, `${now.apiId}:${now.resourceId}`, { ...now, path });
    }
    return describe(getChild(ctx, resources, missing.resource, old.apiId, old.resourceId), undefined);
  },
});

export const DeleteResource = operation<DeleteResourceCommandInput, DeleteResourceCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', `/restapis/${input.restApiId}/resources/${input.resourceId}`),
  run(ctx, input) {
    const { apiId, resourceId, parentId } = getChild(
      ctx,
      resources,
      missing.resource,
      input.restApiId!,
      input.resourceId!,
    );
    if (parentId === undefined) throw badRequest('Root resource cannot be deleted');
    for (const each of subtree(childrenOf(ctx.state, resources, ctx, apiId), resourceId))
      ctx.state.delete(resources, ctx, `${apiId}:${each.resourceId}`);
    return {};
  },
});
