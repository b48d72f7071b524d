import type { ConditionContext } from './context.ts';

/** Tags as records keep them. */
export type Tags = Record<string, string>;

/** `[{Key, Value}]`, as most services write tags, to a record. */
export function tagsFrom(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
  return Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** A record of tags to `[{Key, Value}]`. */
export function tagList(tags: Tags | undefined): { Key: string; Value: string }[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** `aws:ResourceTag/…`: the tags that the resource has now. */
export function resourceTagContext(tags: Tags | undefined): ConditionContext {
  return Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}

/** `aws:RequestTag/…` and `aws:TagKeys`: the tags that the request brings. */
export function requestTagContext(tags: Tags | undefined): ConditionContext {
  const entries = Object.entries(tags ?? {});
  if (entries.length === 0) return {};
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': entries.map(([key]) => key),
  };
}
