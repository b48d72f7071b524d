import { constraint, invalid } from './errors.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html: at most 50, none of AWS's own. */
export function checkTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[]): void {
  if (tags.length > 50) throw invalid('The number of tags on the resource exceeds the maximum of 50.');
  if (new Set(tags.map(({ Key }) => Key)).size !== tags.length) throw invalid('Duplicate tag keys found.');
  for (const { Key = '', Value = '' } of tags) {
    if (Key.length < 1 || Key.length > 128) throw constraint('tags.key', Key, 'have length between 1 and 128');
    if (Value.length > 256) throw constraint('tags.value', Value, 'have length less than or equal to 256');
    if (/^aws:/i.test(Key)) throw invalid('Tag keys cannot start with aws:, which is reserved for system use.');
  }
}
