import { createHash } from 'node:crypto';
import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Settings } from './configure.ts';
import { denied, invalidParameter, validation } from './errors.ts';
import type { VersionRecord } from './records.ts';

/** Names that Lambda keeps for itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const reserved = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_METADATA_API',
  'AWS_LAMBDA_METADATA_TOKEN',
]);

function checkVariables(variables: Record<string, string>): void {
  const names = Object.keys(variables);
  const bad = names.find((name) => !/^[a-zA-Z][a-zA-Z0-9_]{0,4095}$/.test(name));
  if (bad !== undefined)
    throw validation(
      `{${bad}=…}`,
      'environment.variables',
      'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]',
    );
  const used = names.filter((name) => reserved.has(name));
  if (used.length)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${used.join(', ')}`,
    );
  // AWS measures the JSON text of the map.
  if (Buffer.byteLength(JSON.stringify(variables)) > 4096)
    throw invalidParameter(
      'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.',
    );
}

interface Sent {
  Environment?: { Variables?: Record<string, string> | undefined } | undefined;
  KMSKeyArn?: string | undefined;
}

const contextOf = (functionArn: string): Record<string, string> => ({ 'aws:lambda:FunctionArn': functionArn });

/**
 * Sets the variables and the key that protects them. With a customer key the caller must be allowed to encrypt and to
 * grant; what is encrypted is a digest of the variables, and whoever wants to see them must be able to decrypt it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
export async function sealEnvironment(
  ctx: CallContext,
  functionArn: string,
  old: Settings,
  next: Settings,
  input: Sent,
): Promise<Settings> {
  if (input.Environment === undefined && input.KMSKeyArn === undefined) return next;
  const out: Settings = { ...next };
  if (input.KMSKeyArn !== undefined) {
    if (input.KMSKeyArn === '') delete out.kmsKeyArn;
    else out.kmsKeyArn = checkKey(input.KMSKeyArn);
  }
  const variables = input.Environment ? (input.Environment.Variables ?? {}) : (old.environment?.variables ?? {});
  checkVariables(variables);
  if (Object.keys(variables).length === 0) {
    delete out.environment;
    return out;
  }
  if (!out.kmsKeyArn) return { ...out, environment: { variables } };
  return {
    ...out,
    environment: { variables, proof: await encryptProof(ctx, functionArn, out.role, out.kmsKeyArn, variables) },
  };
}

function checkKey(arn: string): string {
  if (!/^arn:aws:kms:[a-z0-9-]{1,30}:\d{12}:(?:key|alias)\/[a-zA-Z0-9/_-]{1,256}$/.test(arn))
    throw validation(
      arn,
      'kMSKeyArn',
      'Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()',
    );
  return arn;
}

async function encryptProof(
  ctx: CallContext,
  functionArn: string,
  roleArn: string,
  KeyId: string,
  variables: Record<string, string>,
): Promise<string> {
  const EncryptionContext = contextOf(functionArn);
  const Plaintext = createHash('sha256').update(JSON.stringify(variables)).digest();
  try {
    await ctx.call('kms', 'CreateGrant', {
      KeyId,
      GranteePrincipal: roleArn,
      Operations: ['Decrypt'],
      Constraints: { EncryptionContextEquals: EncryptionContext },
    });
    const { CiphertextBlob } = await ctx.call<{ CiphertextBlob: Uint8Array }>('kms', 'Encrypt', {
      KeyId,
      Plaintext,
      EncryptionContext,
    });
    return Buffer.from(CiphertextBlob).toString('base64');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const detail = `KMS Exception: ${error.code} KMS Message: ${error.message}`;
    if (error.code.startsWith('AccessDenied'))
      throw denied(
        `Lambda was unable to configure access to your environment variables because the KMS access was denied. Please check your KMS permissions. ${detail}`,
      );
    throw invalidParameter(
      `Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. ${detail}`,
    );
  }
}

/** The member `Environment` of a configuration, as far as the caller may see it. */
export async function showEnvironment(
  ctx: CallContext,
  functionArn: string,
  version: VersionRecord,
): Promise<{ Variables?: Record<string, string>; Error?: { ErrorCode: string; Message: string } } | undefined> {
  const { environment } = version;
  if (!environment) return undefined;
  if (!environment.proof) return { Variables: { ...environment.variables } };
  try {
    await ctx.call('kms', 'Decrypt', {
      CiphertextBlob: Buffer.from(environment.proof, 'base64'),
      EncryptionContext: contextOf(functionArn),
    });
    return { Variables: { ...environment.variables } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = error.code.startsWith('AccessDenied') ? 'AccessDeniedException' : error.code;
    return {
      Error: {
        ErrorCode: code,
        Message: `Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your KMS permissions. KMS Exception: ${code} KMS Message: ${error.message}`,
      },
    };
  }
}
