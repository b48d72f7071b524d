import { AwsError } from '../errors.ts';

/**
 * Unwraps a body in `aws-chunked` framing (`hex-size[;chunk-signature=…]\r\n data \r\n … 0\r\n trailers`).
 * Chunk signatures are not checked again: the seed signature authenticates the request.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function unwrapChunked(body: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = body.indexOf('\r\n', position);
    if (end < 0 || end - position > 1024) throw incomplete();
    const size = Number.parseInt(body.toString('latin1', position, end).split(';')[0]!, 16);
    if (!Number.isInteger(size) || size < 0) throw incomplete();
    position = end + 2;
    if (size === 0) break;
    if (position + size + 2 > body.length) throw incomplete();
    chunks.push(body.subarray(position, position + size));
    position += size + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of body.toString('latin1', position, Math.min(body.length, position + 8192)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(chunks), trailers };
}

function incomplete(): AwsError {
  return new AwsError('IncompleteBody', 'The request body terminated unexpectedly', 400);
}
