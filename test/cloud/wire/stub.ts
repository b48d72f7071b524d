import { createRequire } from 'node:module';
import { clientsFor } from '../../../server/cloud/clients.ts';
import { inProcessHandler } from '../../../server/cloud/gateway/in-process.ts';
import type { WireService } from '../../../server/cloud/wire/services.ts';
import { createTestCloud, REGION, root } from '../test-cloud.ts';

const require = createRequire(import.meta.url);
type Command = new (input: object) => object;
interface Client {
  send(command: object): Promise<Record<string, unknown>>;
}

/** A service behind the whole gateway, whose operations do nothing: what came in is kept, what goes out was told before. */
export class Stub {
  /** What the last call was decoded to. */
  seen: { operation: string; input: Record<string, unknown> } | undefined;
  /** What the next call is answered with; may throw. */
  answer: () => unknown = () => ({});
  /** Faults of ours that the gateway logged. */
  readonly faults: string[] = [];
  private readonly sdk: Record<string, unknown>;
  private readonly client: Client;

  constructor({ sdk, id }: WireService) {
    const { cloud } = createTestCloud({
      log: (message, details) => this.faults.push(`${message} ${JSON.stringify(details)}`),
    });
    cloud.call = async (_caller, _service, operation, input) => {
      this.seen = { operation, input: input as Record<string, unknown> };
      return this.answer() as never;
    };
    this.sdk = require(sdk) as Record<string, unknown>;
    const Client = this.sdk[Object.keys(this.sdk).find((name) => /^[A-Z].*Client$/.test(name))!] as new (
      config: object,
    ) => Client;
    // What S3's and SQS's clients add on their own (checksums) is not the schemas' business.
    class Plain extends Client {
      constructor(config: object) {
        super({
          ...config,
          logger: { debug() {}, info() {}, warn() {}, error() {} },
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
          ...(id === 'sqs' ? { md5: false } : {}),
        });
      }
    }
    const handler = inProcessHandler(cloud, { ip: '203.0.113.10' }, root());
    this.client = clientsFor({ region: REGION, handler, known: true })(Plain as never) as Client;
  }

  /** Sends a command with the official client; bodies that come as streams are read. */
  async send(operation: string, input: object): Promise<Record<string, unknown>> {
    this.seen = undefined;
    const { $metadata: _metadata, ...output } = await this.client.send(
      new (this.sdk[`${operation}Command`] as Command)(input),
    );
    for (const [name, value] of Object.entries(output)) {
      const stream = value as { transformToByteArray?: () => Promise<Uint8Array> } | undefined;
      if (stream?.transformToByteArray) output[name] = await stream.transformToByteArray();
    }
    return output;
  }
}
