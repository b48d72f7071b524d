import { CreateVpcCommand, DeleteVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, DeleteRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateFunctionCommand, DeleteFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { strToU8, zipSync } from 'fflate';
import type { ClientClass } from '../clients.ts';
import { isUnavailable, UpstreamUnavailable } from './source.ts';
import { waitUntilActive } from './wait-active.ts';

type Clients = <C>(Client: ClientClass<C>) => C;

/** What an endpoint is and can do, found out by calls that make something and remove it again. */
export interface BackendReport {
  name: string;
  endpoint: string;
  /** As it says itself; undefined where it does not. */
  version: string | undefined;
  /** Service → whether its resources can live there, and why not. */
  services: Record<string, { served: boolean; because?: string }>;
  /**
   * Who runs functions: `ours` (its executor plugin hands them to our sandbox), `its own` (a process or container of the
   * endpoint's, which we do not contain), `nobody`.
   */
  functions: 'ours' | 'its own' | 'nobody';
}

/** In this account nothing but the probe ever is. */
export const probeAccount = '100000000001';

const name = 'lambda-range-probe';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const roleArn = `arn:aws:iam::${probeAccount}:role/${name}`;

const probes: Record<string, (client: Clients) => Promise<unknown>> = {
  async iam(client) {
    const iam = client(IAMClient);
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust })).catch(whereThere);
    await iam.send(new GetRoleCommand({ RoleName: name }));
  },
  async ec2(client) {
    const { Vpc } = await client(EC2Client).send(new CreateVpcCommand({ CidrBlock: '10.254.0.0/24' }));
    await client(EC2Client).send(new DeleteVpcCommand({ VpcId: Vpc!.VpcId! }));
  },
  async s3(client) {
    const Bucket = `${name}-${probeAccount}`;
    await client(S3Client).send(new CreateBucketCommand({ Bucket })).catch(whereThere);
    await client(S3Client).send(new DeleteBucketCommand({ Bucket }));
  },
  async sqs(client) {
    const { QueueUrl } = await client(SQSClient).send(new CreateQueueCommand({ QueueName: name }));
    await client(SQSClient).send(new DeleteQueueCommand({ QueueUrl: QueueUrl! }));
  },
  async sns(client) {
    const { TopicArn } = await client(SNSClient).send(new CreateTopicCommand({ Name: name }));
    await client(SNSClient).send(new DeleteTopicCommand({ TopicArn: TopicArn! }));
  },
  async secretsmanager(client) {
    const secrets = client(SecretsManagerClient);
    await secrets.send(new CreateSecretCommand({ Name: name, SecretString: 'probe' })).catch(whereThere);
    await secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
  },
  async ssm(client) {
    const put = new PutParameterCommand({ Name: name, Value: 'probe', Type: 'String', Overwrite: true });
    await client(SSMClient).send(put);
    await client(SSMClient).send(new DeleteParameterCommand({ Name: name }));
  },
  async kms(client) {
    // A key cannot be deleted at once; AWS's own is there without being made.
    await client(KMSClient)
      .send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
      .catch((error: Error) => {
        if (error.name !== 'NotFoundException') throw error;
      });
  },
};

/**
 * @param executed whether our executor was asked to run a function of the probe's account
 * @throws UpstreamUnavailable with the remedy, where there is one
 */
export async function probeEndpoint(
  backend: { name: string; endpoint: string; clientsOf(account: string, region: string): Clients },
  executed: () => boolean,
): Promise<BackendReport> {
  const client = backend.clientsOf(probeAccount, 'us-east-1');
  const version = await versionOf(backend.endpoint);
  await demandAccounts(client);
  const services: BackendReport['services'] = {};
  for (const [service, probe] of Object.entries(probes)) services[service] = await tried(() => probe(client));
  let functions: BackendReport['functions'] = 'nobody';
  services.lambda = await tried(async () => {
    functions = await whoRuns(client, executed);
    if (functions === 'nobody') throw new Error('functions do not become active there');
  });
  await client(IAMClient)
    .send(new DeleteRoleCommand({ RoleName: name }))
    .catch(() => {});
  return { name: backend.name, endpoint: backend.endpoint, version, services, functions };
}

async function tried(probe: () => Promise<unknown>): Promise<{ served: boolean; because?: string }> {
  try {
    await probe();
    return { served: true };
  } catch (error) {
    if (isUnavailable(error)) throw new UpstreamUnavailable(`it stopped answering: ${(error as Error).message}`);
    return { served: false, because: `${(error as Error).name}: ${(error as Error).message}`.slice(0, 300) };
  }
}

/** A 12-digit access key must stand for an account of its own: attempts are kept apart by that. */
async function demandAccounts(client: Clients): Promise<void> {
  try {
    const { Account } = await client(STSClient).send(new GetCallerIdentityCommand({}));
    if (Account === probeAccount) return;
    throw new UpstreamUnavailable(`it does not keep accounts apart: asked as ${probeAccount} it answers as ${Account}`);
  } catch (error) {
    if (error instanceof UpstreamUnavailable) throw error;
    const { message } = error as Error;
    if (/licen[cs]e|auth.?token/i.test(message))
      throw new UpstreamUnavailable(
        `it asks for a token: set LOCALSTACK_AUTH_TOKEN, or use LocalStack 4.14.0 (${message})`,
      );
    throw new UpstreamUnavailable(
      `it does not answer as AWS does (${message}). LocalStack after 4.14.0 ends without LOCALSTACK_AUTH_TOKEN`,
      { cause: error },
    );
  }
}

async function whoRuns(client: Clients, executed: () => boolean): Promise<BackendReport['functions']> {
  const lambda = client(LambdaClient);
  const remove = () => lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
  await remove().catch(() => {});
  const made = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: roleArn,
      Code: { ZipFile: zipSync({ 'index.js': strToU8('exports.handler = async () => "probed";') }) },
    }),
  );
  try {
    const { State } = (await waitUntilActive(client, 'CreateFunction', made)) as { State?: string };
    if (State === 'Failed') return 'nobody';
    const answer = await lambda.send(new InvokeCommand({ FunctionName: name }));
    if (executed()) return 'ours';
    return answer.FunctionError === undefined ? 'its own' : 'nobody';
  } finally {
    await remove();
  }
}

/** Both emulators say it at a path of their own; any other endpoint need not. */
async function versionOf(endpoint: string): Promise<string | undefined> {
  for (const path of ['/_localstack/health', '/_ministack/health', '/health'])
    try {
      const answer = await fetch(`${endpoint}${path}`, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
      const { version } = (await answer.json()) as { version?: unknown };
      if (typeof version === 'string') return version.slice(0, 40);
    } catch {
      // The calls that follow say what is wrong, if something is.
    }
  return undefined;
}

/** Left by a probe that was cut off. */
function whereThere(error: Error): void {
  if (!/AlreadyExists|AlreadyOwned|ResourceExists/.test(error.name)) throw error;
}
