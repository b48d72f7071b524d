import { createHash } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { layerVersions } from '../../../services/lambda/layer-records.ts';
import { functions, versions } from '../../../services/lambda/records.ts';
import { download } from '../../download.ts';
import type { Mirror, Source } from '../../types.ts';

/** A package among the blobs, as records name it. */
export interface Package {
  blob: string;
  /** Base64, as AWS shows it. */
  sha256: string;
  size: number;
}

/** Packages of an account: each is fetched once, and none that the mirror has. */
export class Packages {
  private readonly source: Source;
  private readonly mirror: Mirror;
  private readonly known = new Map<string, Promise<Package | undefined>>();

  constructor(source: Source, mirror: Mirror) {
    this.source = source;
    this.mirror = mirror;
    const was = [
      ...mirror.was.list(functions, source.scope).map(({ value }) => value.latest),
      ...mirror.was.list(versions, source.scope).map(({ value }) => value),
    ];
    for (const { codeSha256, codeBlob, codeSize } of was) this.remember(codeSha256, codeBlob, codeSize);
    for (const { value } of mirror.was.list(layerVersions, source.scope))
      this.remember(value.codeSha256, value.blob, value.codeSize);
  }

  /**
   * The package that the endpoint says has this digest.
   * @param link where it can be had; asked for only when it is not known
   */
  get(what: string, sha256: string, link: () => Promise<string | undefined>): Promise<Package | undefined> {
    const found = this.known.get(sha256) ?? this.fetch(what, sha256, link);
    this.known.set(sha256, found);
    return found;
  }

  private remember(sha256: string, blob: string, size: number): void {
    if (this.mirror.blobs.size(blob) !== undefined) this.known.set(sha256, Promise.resolve({ blob, sha256, size }));
  }

  private async fetch(
    what: string,
    sha256: string,
    link: () => Promise<string | undefined>,
  ): Promise<Package | undefined> {
    const location = await link();
    if (!location) return undefined;
    const client = this.source.client(LambdaClient);
    const bytes = await this.source.read(what, () => download(client, location));
    if (!bytes) return undefined;
    const given = createHash('sha256').update(bytes).digest('base64');
    if (given !== sha256)
      await this.source.read(what, () =>
        Promise.reject(new Error(`the endpoint gives other code than it says: ${given} for ${sha256}`)),
      );
    return { blob: this.mirror.blobs.put(bytes), sha256: given, size: bytes.length };
  }
}
