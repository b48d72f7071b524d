import { AwsError, NotEmulated } from '../../cloud/errors.ts';
import { createActor } from '../../grading/actor.ts';
import { cliCommand } from '../../grading/cli-command.ts';
import type { Training } from '../../training/training.ts';

/** Names of the SDK's packages where they differ from the service's. */
const packages: Record<string, string> = {
  logs: 'cloudwatch-logs',
  secretsmanager: 'secrets-manager',
  apigateway: 'api-gateway',
  dynamodbstreams: 'dynamodb-streams',
  events: 'eventbridge',
};

/** A call as an AWS CLI command. */
export function commandFor(service: string, operation: string, input: object): string {
  const secure = 'Type' in input && input.Type === 'SecureString';
  const shown = Object.entries(input)
    .filter(([name]) => name !== 'ClientRequestToken')
    .map(([name, value]) => [
      name,
      secretMembers.has(name) || (secure && name === 'Value') ? 'file://secret.txt' : value,
    ]);
  return cliCommand(packages[service] ?? service, operation, Object.fromEntries(shown));
}

/** Members whose values stand on no page and in no history of a shell. */
const secretMembers = new Set(['SecretString', 'MasterUserPassword']);

/** The learner's own hands: AWS operations in their account, through the gateway's steps, each recorded as a command. */
export class Aws {
  /** Commands of the calls that change something, in order. */
  readonly changes: string[] = [];
  readonly account: string;
  readonly region: string;
  private readonly options: { training: Training; learner: string; attempt: string };

  constructor(options: { training: Training; learner: string; attempt: string }) {
    this.options = options;
    const cloud = options.training.cloud(options.learner, options.attempt);
    this.account = cloud?.account().id ?? '';
    this.region = cloud?.region ?? '';
  }

  /** One call. @throws AwsError, NotEmulated */
  // biome-ignore lint/suspicious/noExplicitAny: answers have the SDK's shapes, which each kind knows
  async call<O = any>(service: string, operation: string, input: object = {}): Promise<O> {
    const { training, learner, attempt } = this.options;
    const given = withoutUndefined(input);
    if (!reading.test(operation)) this.changes.push(commandFor(service, operation, given));
    return training.call<O>(learner, attempt, service, operation, given);
  }

  /** A call whose "there is none" is an answer: undefined for errors of these codes. @throws any other */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async find<O = any>(service: string, operation: string, input: object, ...absent: string[]): Promise<O | undefined> {
    try {
      return await this.call<O>(service, operation, input);
    } catch (error) {
      if (error instanceof AwsError && absent.includes(error.code)) return undefined;
      throw error;
    }
  }

  /** All pages of a list, up to ten. `member` holds the items, `token` is how pages are asked for and answered. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async all<T = any>(
    service: string,
    operation: string,
    input: object,
    member: string,
    token: [ask: string, answer: string] = ['NextToken', 'NextToken'],
  ): Promise<T[]> {
    const items: T[] = [];
    let next: unknown;
    for (let page = 0; page < 10; page++) {
      const answer = await this.call<Record<string, unknown>>(service, operation, {
        ...input,
        ...(next ? { [token[0]]: next } : {}),
      });
      items.push(...((answer[member] as T[] | undefined) ?? []));
      next = answer[token[1]];
      if (!next) break;
    }
    return items;
  }

  /**
   * One call with the official client, signed, through the whole gateway: for input of any form, which the SDK and the
   * gateway check. @throws AwsError as the client heard it, NotEmulated
   */
  async signed(service: string, operation: string, input: object): Promise<unknown> {
    const { training, learner, attempt } = this.options;
    const module = (await import(`@aws-sdk/client-${packages[service] ?? service}`)) as Record<string, unknown>;
    const Command = Object.hasOwn(module, `${operation}Command`) ? module[`${operation}Command`] : undefined;
    const Client = Object.entries(module).find(([name]) => name.endsWith('Client') && name !== '__Client')?.[1];
    const cloud = training.cloud(learner, attempt);
    if (typeof Command !== 'function' || typeof Client !== 'function' || !cloud)
      throw new NotEmulated(`${service}:${operation.slice(0, 60)}`);
    const source = { ip: '127.0.0.1', userAgent: 'lambda-range-page', secure: true };
    const credentials = training.credentials(learner, attempt);
    const actor = createActor({ name: 'learner', cloud, region: this.region, credentials, source });
    const client = actor.client(
      Client as new (
        config: unknown,
      ) => { send(command: unknown): Promise<Record<string, unknown>> },
    );
    if (!reading.test(operation)) this.changes.push(commandFor(service, operation, input));
    try {
      const output = await client.send(new (Command as new (given: object) => object)(input));
      for (const [name, value] of Object.entries(output))
        if (typeof value === 'object' && value !== null && 'transformToByteArray' in value)
          output[name] = await (value as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray();
      return output;
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
      throw new AwsError(name, message, $metadata?.httpStatusCode ?? 400);
    }
  }

  /** The bytes behind GetFunction's link. */
  code(location: string): Uint8Array | undefined {
    const cloud = this.options.training.cloud(this.options.learner, this.options.attempt);
    const blob = new URL(location).pathname.split('/').at(-1) ?? '';
    return cloud?.blobs.get(blob);
  }
}

const reading = /^(?:Get|List|Describe|Head|Lookup|Simulate|Filter)/;

function withoutUndefined(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
