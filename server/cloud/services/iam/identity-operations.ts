import type { Operation } from '../../context.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import { checkTags, mergeTags, noSuchEntity, type PageInput, pageOf, withoutTags } from './checks.ts';
import {
  attach,
  checkAttachable,
  deleteInline,
  detach,
  getChangeable,
  getIdentity,
  identityAccess,
  type Kind,
  listAttached,
  listInline,
  putIdentity,
  putInline,
  readInline,
} from './identities.ts';

/**
 * What AWS has once for users, once for groups and once for roles: the same operation under three names, each with a
 * member of its own for the name. The files of the resources give them AWS's names and types.
 */

/** `{UserName}`, `{GroupName}` or `{RoleName}`. */
type Named<K extends Kind> = { [M in `${Capitalize<K>}Name`]: string | undefined };

interface Words<K extends Kind> {
  /** `User`, as the names of operations have it. */
  word: Capitalize<K>;
  /** The member of inputs and outputs that is the name. */
  member: `${Capitalize<K>}Name`;
  nameIn(input: Named<K>): string;
}

function wordsOf<K extends Kind>(kind: K): Words<K> {
  const word = (kind.charAt(0).toUpperCase() + kind.slice(1)) as Capitalize<K>;
  const member = `${word}Name` as const;
  return { word, member, nameIn: (input) => input[member]! };
}

/** Only for the types. The file of the resource compares them with the SDK's. */
function shared<I, O>(definition: Operation<I, O>): Operation<I, O> {
  return definition;
}

type PolicyName = { PolicyName: string | undefined };
type PolicyArn = { PolicyArn: string | undefined };

/** Inline and attached policies. */
export function policyOperations<K extends Kind>(kind: K) {
  const { word, member, nameIn } = wordsOf(kind);
  const attachment = (action: string, change: typeof attach) =>
    shared<Named<K> & PolicyArn, object>({
      access: (ctx, input) =>
        identityAccess(ctx, kind, nameIn(input), action, { 'iam:PolicyARN': input.PolicyArn! }, true),
      run(ctx, input) {
        change(ctx, kind, nameIn(input), input.PolicyArn!);
        return {};
      },
    });
  return {
    put: shared<Named<K> & PolicyName & { PolicyDocument: string | undefined }, object>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `Put${word}Policy`, {}, true),
      run(ctx, input) {
        putInline(ctx, kind, nameIn(input), input.PolicyName!, input.PolicyDocument!);
        return {};
      },
    }),
    get: shared<Named<K> & PolicyName, Named<K> & ReturnType<typeof readInline>>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `Get${word}Policy`),
      run: (ctx, input) => ({
        ...({ [member]: nameIn(input) } as Named<K>),
        ...readInline(ctx, kind, nameIn(input), input.PolicyName!),
      }),
    }),
    delete: shared<Named<K> & PolicyName, object>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `Delete${word}Policy`, {}, true),
      run(ctx, input) {
        deleteInline(ctx, kind, nameIn(input), input.PolicyName!);
        return {};
      },
    }),
    list: shared<Named<K> & PageInput, ReturnType<typeof listInline>>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `List${word}Policies`),
      run: (ctx, input) => listInline(ctx, kind, nameIn(input), input),
    }),
    attach: attachment(`Attach${word}Policy`, attach),
    detach: attachment(`Detach${word}Policy`, detach),
    listAttached: shared<Named<K> & Parameters<typeof listAttached>[3], ReturnType<typeof listAttached>>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `ListAttached${word}Policies`),
      run: (ctx, input) => listAttached(ctx, kind, nameIn(input), input),
    }),
  };
}

/** The permissions boundary, which groups have not. */
export function boundaryOperations<K extends 'user' | 'role'>(kind: K) {
  const { word, nameIn } = wordsOf(kind);
  const either: 'user' | 'role' = kind;
  return {
    put: shared<Named<K> & { PermissionsBoundary: string | undefined }, object>({
      access: (ctx, input) =>
        identityAccess(ctx, kind, nameIn(input), `Put${word}PermissionsBoundary`, {
          'iam:PermissionsBoundary': input.PermissionsBoundary!,
        }),
      run(ctx, input) {
        const record = getChangeable(ctx, either, nameIn(input));
        checkAttachable(ctx, input.PermissionsBoundary!);
        putIdentity(ctx, either, { ...record, boundary: input.PermissionsBoundary! });
        return {};
      },
    }),
    delete: shared<Named<K>, object>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `Delete${word}PermissionsBoundary`, {}, true),
      run(ctx, input) {
        const { boundary, ...record } = getChangeable(ctx, either, nameIn(input));
        if (!boundary) throw noSuchEntity(`The permissions boundary for the ${kind} ${nameIn(input)} cannot be found.`);
        putIdentity(ctx, either, record);
        return {};
      },
    }),
  };
}

/** Tags, which groups have not. */
export function tagOperations<K extends 'user' | 'role'>(kind: K) {
  const { word, nameIn } = wordsOf(kind);
  const either: 'user' | 'role' = kind;
  return {
    tag: shared<Named<K> & { Tags: Parameters<typeof tagsFrom>[0] }, object>({
      access: (ctx, input) =>
        identityAccess(ctx, kind, nameIn(input), `Tag${word}`, requestTagContext(tagsFrom(input.Tags))),
      run(ctx, input) {
        const record = getChangeable(ctx, either, nameIn(input));
        putIdentity(ctx, either, { ...record, tags: mergeTags(record.tags, checkTags(input.Tags)) });
        return {};
      },
    }),
    untag: shared<Named<K> & { TagKeys: string[] | undefined }, object>({
      access: (ctx, input) =>
        identityAccess(ctx, kind, nameIn(input), `Untag${word}`, { 'aws:TagKeys': input.TagKeys ?? [] }),
      run(ctx, input) {
        const record = getChangeable(ctx, either, nameIn(input));
        putIdentity(ctx, either, { ...record, tags: withoutTags(record.tags, input.TagKeys ?? []) });
        return {};
      },
    }),
    list: shared<Named<K> & PageInput, { Tags: ReturnType<typeof tagList> }>({
      access: (ctx, input) => identityAccess(ctx, kind, nameIn(input), `List${word}Tags`),
      run(ctx, input) {
        const { page, rest } = pageOf(tagList(getIdentity(ctx, either, nameIn(input)).tags), (tag) => tag.Key, input);
        return { Tags: page, ...rest };
      },
    }),
  };
}
