import { AwsError } from '../../errors.ts';
import { invalidParameter } from './errors.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html */
export function checkTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[]): void {
  if (tags.length > 50)
    throw new AwsError('TagLimitExceededException', 'Could not complete request: tag quota of per resource exceeded');
  const keys = new Set(tags.map(({ Key }) => Key));
  if (keys.size !== tags.length) throw invalidParameter('Duplicated keys are not allowed.');
  for (const { Key = '', Value = '' } of tags) {
    if (Key.length < 1 || Key.length > 128 || Value.length > 256) throw invalidParameter('Tags');
    if (/^aws:/i.test(Key)) throw invalidParameter('Tag keys starting with aws: are reserved for system use');
  }
}
