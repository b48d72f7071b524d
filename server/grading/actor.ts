import { type ClientClass, type Credentials, createClient } from '../cloud/clients.ts';
import { anonymousCaller, type Cloud } from '../cloud/cloud.ts';
import type { Caller, CallSource } from '../cloud/context.ts';
import { callerFromSession, roleSession } from '../cloud/gateway/callers.ts';
import { inProcessHandler } from '../cloud/gateway/in-process.ts';
import type { Decision } from '../cloud/policy/types.ts';
import { openSession, type SessionCredentials } from '../cloud/session.ts';
import { cliCommand } from './cli-command.ts';
import { decidedBy } from './deciders.ts';
import type { EvidenceStep } from './types.ts';

export type { ClientClass, Credentials };

/** Somebody who acts in a check or an attack: makes calls with their own credentials, and each call becomes evidence. */
export interface Actor {
  /** Name for the transcript. */
  name: string;
  credentials: Credentials | undefined;
  client<C>(Client: ClientClass<C>): C;
  /** What the policies say to a call that is not made; becomes evidence too. `service` and `operation` are AWS's names. */
  probe(service: string, operation: string, input: object): Decision & { access: { action: string; resource: string } };
}

export interface ActorOptions {
  name: string;
  cloud: Cloud;
  region: string;
  credentials?: Credentials;
  caller?: Caller;
  source: CallSource;
  /** Calls as `caller` without a signature: for whom no policy and no question is about. */
  unsigned?: boolean;
  /** Where evidence goes; undefined for work that is not part of the question (deploy, restore). */
  evidence?: EvidenceStep[];
}

/** An actor with credentials; without any, one that sends unsigned requests. */
export function createActor(options: ActorOptions): Actor {
  const { cloud, evidence, name, source } = options;
  const handler = inProcessHandler(cloud, source, options.unsigned ? options.caller : undefined);
  const clients = new Map<unknown, unknown>();
  return {
    name,
    credentials: options.credentials,
    client<C>(Client: ClientClass<C>): C {
      const known = clients.get(Client);
      if (known) return known as C;
      const client = createClient(Client, {
        region: options.region,
        handler,
        ...(options.credentials ? { credentials: options.credentials } : {}),
        ...(options.unsigned ? { known: true } : {}),
      });
      if (evidence) record(client, name, evidence);
      clients.set(Client, client);
      return client;
    },
    probe(service, operation, input) {
      const caller = options.caller ?? anonymousCaller(source);
      const decision = cloud.probe(caller, service, operation, input);
      evidence?.push({
        title: `${operation} on ${decision.access.resource}`,
        as: name,
        command: `${decision.access.action} on ${decision.access.resource}`,
        outcome: decision.decision === 'allowed' ? 'succeeded' : 'denied',
        detail: decision.because,
        decidedBy: decidedBy(decision.by),
      });
      return decision;
    },
  };
}

/** A role's session: what code with that role, or whoever stole its credentials, can do. */
export function roleActor(
  options: Omit<ActorOptions, 'caller' | 'credentials'>,
  account: string,
  roleName: string,
  sessionName: string,
): Actor {
  const credentials = roleSession(options.cloud, account, roleName, sessionName);
  return createActor({ ...options, credentials, caller: callerOf(options.cloud, credentials, options.source) });
}

/** The root of an account: deploys labs, looks at the learner's configuration, restores fixtures. */
export function rootActor(options: Omit<ActorOptions, 'caller' | 'credentials'>, account: string): Actor {
  const credentials = options.cloud.issueSession({ account, sessionName: 'lambda-range', principalId: account });
  const caller = callerOf(options.cloud, credentials, options.source);
  return createActor({ ...options, credentials, caller, unsigned: true });
}

/** The caller behind a session's credentials. */
export function callerOf(cloud: Cloud, credentials: SessionCredentials, source: CallSource): Caller {
  const session = openSession(cloud.id, cloud.secret, credentials.sessionToken);
  if (!session) throw new Error('the session is not of this cloud');
  return callerFromSession(cloud, session, source);
}

interface MiddlewareStack {
  add(
    middleware: (
      next: (args: { input: object }) => Promise<{ output: unknown }>,
      context: { clientName?: string; commandName?: string },
    ) => (args: { input: object }) => Promise<{ output: unknown }>,
    options: object,
  ): void;
}

function record(client: unknown, as: string, evidence: EvidenceStep[]): void {
  const { middlewareStack } = client as { middlewareStack: MiddlewareStack };
  middlewareStack.add(
    (next, context) => async (args) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      const service = serviceOf(context.clientName ?? '');
      const step: EvidenceStep = {
        title: operation,
        as,
        command: cliCommand(service, operation, args.input),
        outcome: 'failed',
      };
      evidence.push(step);
      try {
        const result = await next(args);
        step.outcome = 'succeeded';
        return result;
      } catch (error) {
        const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
        step.outcome =
          $metadata?.httpStatusCode === 403 || /AccessDenied|Unauthorized|AuthorizationError/.test(name)
            ? 'denied'
            : 'failed';
        step.detail = `${name}: ${message}`;
        throw error;
      }
    },
    { step: 'initialize', name: 'evidence', override: true },
  );
}

/** `S3Client` → `s3`, `SecretsManagerClient` → `secrets-manager`. */
function serviceOf(clientName: string): string {
  const name = clientName.replace(/Client$/, '');
  const known: Record<string, string> = {
    CloudWatchLogs: 'cloudwatch-logs',
    SecretsManager: 'secrets-manager',
    ApiGatewayV2: 'apigatewayv2',
    RDSData: 'rds-data',
    DynamoDBStreams: 'dynamodb-streams',
    APIGateway: 'api-gateway',
  };
  return known[name] ?? name.toLowerCase();
}
