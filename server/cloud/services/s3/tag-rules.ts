import { AwsError } from '../../errors.ts';
import type { Tags } from '../../tags.ts';
import { invalidArgument } from './errors.ts';

type TagInput = { Key?: string | undefined; Value?: string | undefined };

/**
 * Tags as records keep them.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html (10 on an object, 50 on a bucket)
 * @throws AwsError InvalidTag, BadRequest
 */
export function checkTags(list: readonly TagInput[] | undefined, most: 10 | 50): Tags {
  const tags: Tags = {};
  for (const { Key = '', Value = '' } of list ?? []) {
    if (Key === '' || [...Key].length > 128)
      throw new AwsError('InvalidTag', 'The TagKey you have provided is invalid', 400, { TagKey: Key });
    if ([...Value].length > 256)
      throw new AwsError('InvalidTag', 'The TagValue you have provided is invalid', 400, {
        TagKey: Key,
        TagValue: Value,
      });
    if (Key.toLowerCase().startsWith('aws:'))
      throw new AwsError('InvalidTag', 'System tags cannot be added/updated by requester', 400);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(Key))
      throw new AwsError('InvalidTag', 'The TagKey you have provided is invalid', 400, { TagKey: Key });
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(Value))
      throw new AwsError('InvalidTag', 'The TagValue you have provided is invalid', 400, {
        TagKey: Key,
        TagValue: Value,
      });
    if (Object.hasOwn(tags, Key))
      throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key', 400, { TagKey: Key });
    Object.defineProperty(tags, Key, { value: Value, enumerable: true, writable: true, configurable: true });
  }
  if (Object.keys(tags).length > most)
    throw new AwsError(
      'BadRequest',
      `${most === 10 ? 'Object' : 'Bucket'} tag count cannot be greater than ${most}`,
      400,
    );
  return tags;
}

/** The header `x-amz-tagging`: `a=1&b=2`. */
export function tagsFromHeader(header: string | undefined): Tags {
  if (header === undefined || header === '') return {};
  const list: { Key: string; Value: string }[] = [];
  for (const pair of header.split('&')) {
    const [key = '', value = ''] = pair.split('=') as [string, string?];
    try {
      list.push({
        Key: decodeURIComponent(key.replaceAll('+', ' ')),
        Value: decodeURIComponent(value.replaceAll('+', ' ')),
      });
    } catch {
      throw badHeader(header);
    }
  }
  if (new Set(list.map(({ Key }) => Key)).size !== list.length) throw badHeader(header);
  return checkTags(list, 10);
}

const badHeader = (header: string): AwsError =>
  invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    'x-amz-tagging',
    header,
  );
