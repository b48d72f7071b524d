import type {
  CreateAccessKeyCommandInput,
  CreateAccessKeyCommandOutput,
  DeleteAccessKeyCommandInput,
  DeleteAccessKeyCommandOutput,
  GetAccessKeyLastUsedCommandInput,
  GetAccessKeyLastUsedCommandOutput,
  ListAccessKeysCommandInput,
  ListAccessKeysCommandOutput,
  UpdateAccessKeyCommandInput,
  UpdateAccessKeyCommandOutput,
} from '@aws-sdk/client-iam';
import { newAccessKeyId } from '../../access-key-id.ts';
import { type Access, type CallContext, operation } from '../../context.ts';
import { alphanumeric } from '../../random.ts';
import { limitExceeded, noSuchEntity, pageOf, validationError } from './checks.ts';
import { getIdentity, identityAccess } from './identities.ts';
import { type AccessKeyRecord, accessKeys } from './tables.ts';
import { ownName } from './users.ts';

/** Long-term credentials of users, and of the root. */

function keyAccess(ctx: CallContext, userName: string | undefined, action: string): Access {
  const name = userName ?? ownName(ctx);
  if (name === undefined) return { action: `iam:${action}`, resource: ctx.caller.principal.arn };
  return identityAccess(ctx, 'user', name, action);
}

/** The user whose keys are meant, who must exist; undefined for root. */
function ownerOf(ctx: CallContext, userName: string | undefined): string | undefined {
  const name = userName ?? ownName(ctx);
  return name === undefined ? undefined : getIdentity(ctx, 'user', name).userName;
}

/** Root's own name in IAM's answers about its keys. */
const rootName = 'root';

function keysOf(ctx: CallContext, owner: string | undefined): { id: string; value: AccessKeyRecord }[] {
  return ctx.state.list(accessKeys, ctx).filter(({ value }) => value.userName === owner);
}

function getKey(ctx: CallContext, owner: string | undefined, id: string): AccessKeyRecord {
  const key = ctx.state.get(accessKeys, ctx, id);
  if (!key || key.userName !== owner) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return key;
}

export const CreateAccessKey = operation<CreateAccessKeyCommandInput, CreateAccessKeyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, input.UserName, 'CreateAccessKey'),
  run(ctx, input) {
    const owner = ownerOf(ctx, input.UserName);
    if (keysOf(ctx, owner).length >= 2) throw limitExceeded('Cannot exceed quota for AccessKeysPerUser: 2');
    const id = newAccessKeyId('AKIA', ctx.cloud.random, ctx.account);
    const key: AccessKeyRecord = {
      ...(owner === undefined ? {} : { userName: owner }),
      secretAccessKey: alphanumeric(ctx.cloud.random, 40),
      status: 'Active',
      createDate: ctx.now,
    };
    ctx.state.put(accessKeys, ctx, id, key);
    return {
      AccessKey: {
        UserName: owner ?? rootName,
        AccessKeyId: id,
        Status: 'Active',
        SecretAccessKey: key.secretAccessKey,
        CreateDate: new Date(key.createDate),
      },
    };
  },
});

export const ListAccessKeys = operation<ListAccessKeysCommandInput, ListAccessKeysCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, input.UserName, 'ListAccessKeys'),
  run(ctx, input) {
    const owner = ownerOf(ctx, input.UserName);
    const { page, rest } = pageOf(keysOf(ctx, owner), ({ id }) => id, input);
    const AccessKeyMetadata = page.map(({ id, value }) => ({
      UserName: owner ?? rootName,
      AccessKeyId: id,
      Status: value.status,
      CreateDate: new Date(value.createDate),
    }));
    return { AccessKeyMetadata, ...rest };
  },
});

export const UpdateAccessKey = operation<UpdateAccessKeyCommandInput, UpdateAccessKeyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, input.UserName, 'UpdateAccessKey'),
  run(ctx, input) {
    const { Status, AccessKeyId } = input;
    if (Status !== 'Active' && Status !== 'Inactive') {
      throw validationError(
        "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]",
      );
    }
    const key = getKey(ctx, ownerOf(ctx, input.UserName), AccessKeyId!);
    ctx.state.put(accessKeys, ctx, AccessKeyId!, { ...key, status: Status });
    return {};
  },
});

export const DeleteAccessKey = operation<DeleteAccessKeyCommandInput, DeleteAccessKeyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, input.UserName, 'DeleteAccessKey'),
  run(ctx, input) {
    getKey(ctx, ownerOf(ctx, input.UserName), input.AccessKeyId!);
    ctx.state.delete(accessKeys, ctx, input.AccessKeyId!);
    return {};
  },
});

export const GetAccessKeyLastUsed = operation<GetAccessKeyLastUsedCommandInput, GetAccessKeyLastUsedCommandOutput>({
  access(ctx, input) {
    const owner = ctx.state.get(accessKeys, ctx, input.AccessKeyId!)?.userName;
    if (owner !== undefined) return identityAccess(ctx, 'user', owner, 'GetAccessKeyLastUsed');
    return { action: 'iam:GetAccessKeyLastUsed', resource: '*' };
  },
  run(ctx, input) {
    const key = ctx.state.get(accessKeys, ctx, input.AccessKeyId!);
    if (!key) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    const last = ctx.cloud.calls.list().findLast(({ userIdentity }) => userIdentity.accessKeyId === input.AccessKeyId);
    return {
      UserName: key.userName ?? rootName,
      AccessKeyLastUsed: last
        ? {
            LastUsedDate: new Date(last.eventTime),
            ServiceName: last.eventSource.slice(0, last.eventSource.indexOf('.')),
            Region: last.awsRegion,
          }
        : ({ ServiceName: 'N/A', Region: 'N/A' } as never),
    };
  },
});
