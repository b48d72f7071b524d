import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';

/** SHA-256 in the shape that the official signer wants. */
export class Sha256 {
  private readonly hash;
  constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array | string): void {
    this.hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }
  reset(): void {}
}

/** The headers of a request that the official signer signed, with the machine's clock. */
export async function signed(
  request: HttpRequest,
  service: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials,
    // biome-ignore lint/suspicious/noExplicitAny: a hash of our own, in the shape that the signer wants
    sha256: Sha256 as any,
    uriEscapePath: service !== 's3',
    applyChecksum: true,
  });
  return (await signer.sign(request)).headers;
}
