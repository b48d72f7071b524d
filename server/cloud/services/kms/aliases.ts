import type {
  CreateAliasCommandInput,
  CreateAliasCommandOutput,
  DeleteAliasCommandInput,
  DeleteAliasCommandOutput,
  ListAliasesCommandInput,
  ListAliasesCommandOutput,
  UpdateAliasCommandInput,
  UpdateAliasCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { keyAccess, requestContext } from './key-access.ts';
import {
  aliasArn,
  aliases,
  findKey,
  getKey,
  invalid,
  type KeyRecord,
  keys,
  mustNotBePendingDeletion,
  notFound,
} from './keys-store.ts';
import { managedAliases } from './managed-keys.ts';
import { page } from './page.ts';

/** The alias itself has no policy: only IAM decides about it, and the key's policy about the key. */
const aliasAccess = (ctx: CallContext, action: string, alias: string) => ({
  action: `kms:${action}`,
  resource: aliasArn(ctx, alias),
  context: requestContext(ctx),
});

export const CreateAlias = operation<CreateAliasCommandInput, CreateAliasCommandOutput>({
  access: (ctx, input) => [
    aliasAccess(ctx, 'CreateAlias', input.AliasName!),
    keyAccess(ctx, 'CreateAlias', getKey(ctx, input.TargetKeyId!)),
  ],
  run(ctx, input) {
    const alias = checkedName(input.AliasName!);
    const key = target(ctx, input.TargetKeyId!);
    const old = ctx.state.get(aliases, ctx, alias);
    if (old && findKey(ctx.state, ctx, old.keyId, ctx.now))
      throw new AwsError('AlreadyExistsException', `An alias with the name ${aliasArn(ctx, alias)} already exists`);
    ctx.state.put(aliases, ctx, alias, { keyId: key.keyId, created: ctx.now, updated: ctx.now });
    return {};
  },
});

export const UpdateAlias = operation<UpdateAliasCommandInput, UpdateAliasCommandOutput>({
  access(ctx, input) {
    const asked = [
      aliasAccess(ctx, 'UpdateAlias', input.AliasName!),
      keyAccess(ctx, 'UpdateAlias', getKey(ctx, input.TargetKeyId!)),
    ];
    const old = ctx.state.get(aliases, ctx, input.AliasName!);
    const oldKey = old && findKey(ctx.state, ctx, old.keyId, ctx.now);
    return oldKey ? [...asked, keyAccess(ctx, 'UpdateAlias', { key: oldKey })] : asked;
  },
  run(ctx, input) {
    const alias = checkedName(input.AliasName!);
    const old = ctx.state.get(aliases, ctx, alias);
    if (!old) throw notFound(`Alias ${aliasArn(ctx, alias)} is not found.`);
    const key = target(ctx, input.TargetKeyId!);
    const before = ctx.state.get(keys, ctx, old.keyId);
    if (before && before.usage !== key.usage) throw invalid('Aliases cannot be changed to a key of another usage.');
    ctx.state.put(aliases, ctx, alias, { ...old, keyId: key.keyId, updated: ctx.now });
    return {};
  },
});

export const DeleteAlias = operation<DeleteAliasCommandInput, DeleteAliasCommandOutput>({
  access: (ctx, input) => [
    aliasAccess(ctx, 'DeleteAlias', input.AliasName!),
    keyAccess(ctx, 'DeleteAlias', { key: getKey(ctx, checkedName(input.AliasName!)).key }),
  ],
  run(ctx, input) {
    ctx.state.delete(aliases, ctx, input.AliasName!);
    return {};
  },
});

export const ListAliases = operation<ListAliasesCommandInput, ListAliasesCommandOutput>({
  access: () => ({ action: 'kms:ListAliases', resource: '*' }),
  run(ctx, input) {
    const wanted = input.KeyId === undefined ? undefined : getKey(ctx, input.KeyId).key.keyId;
    const own = ctx.state.list(aliases, ctx).map(({ id, value }) => ({ id, value: value as typeof value | undefined }));
    // AWS lists the names of managed keys also before there is a key.
    for (const id of managedAliases()) if (!own.some((alias) => alias.id === id)) own.push({ id, value: undefined });
    const all = own
      .filter(({ value }) => wanted === undefined || value?.keyId === wanted)
      .filter(({ value }) => !value || findKey(ctx.state, ctx, value.keyId, ctx.now))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const { items, ...rest } = page(all, ({ id }) => id, input, 100);
    return {
      Aliases: items.map(({ id, value }) => ({
        AliasName: id,
        AliasArn: aliasArn(ctx, id),
        ...(value
          ? {
              TargetKeyId: value.keyId,
              CreationDate: new Date(value.created),
              LastUpdatedDate: new Date(value.updated),
            }
          : {}),
      })),
      ...rest,
    };
  },
});

function checkedName(alias: string): string {
  if (!alias.startsWith('alias/')) throw invalid('Invalid identifier');
  if (alias.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  if (alias.length > 256 || !/^alias\/[a-zA-Z0-9/_-]+$/.test(alias))
    throw invalid(
      `1 validation error detected: Value '${alias}' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$`,
    );
  return alias;
}

function target(ctx: CallContext, given: string): KeyRecord {
  const { key, alias } = getKey(ctx, given);
  if (alias) throw invalid('Aliases must refer to keys. Not aliases');
  if (key.manager === 'AWS') throw new AwsError('NotAuthorizedException', '');
  mustNotBePendingDeletion(key);
  return key;
}
