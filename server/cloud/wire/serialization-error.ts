import { AwsError } from '../errors.ts';

/** What cannot be read as the operation's input: the answer names the member. */
export class SerializationError extends AwsError {
  constructor(message: string) {
    super('SerializationException', message, 400);
  }
}

/** How deep a document may nest before it is refused unread. */
export const maxDepth = 64;

/** Member paths are written as AWS writes them: `tags.1.member.key`. */
export function at(path: string, name: string | number): string {
  return path === '' ? String(name) : `${path}.${name}`;
}

/** S3's answer to every document that cannot be read, whatever is wrong with it. */
export function malformedXml(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );
}
