import type {
  DeleteResourcePolicyCommandInput,
  DeleteResourcePolicyCommandOutput,
  GetResourcePolicyCommandInput,
  GetResourcePolicyCommandOutput,
  PutResourcePolicyCommandInput,
  PutResourcePolicyCommandOutput,
  ValidateResourcePolicyCommandInput,
  ValidateResourcePolicyCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import { isPublicPolicy } from '../s3/public-policy.ts';
import { secretAccess } from './access.ts';
import { getLiveSecret, getSecret, putSecret } from './store.ts';

/** "The maximum length of a resource policy is 20,480 characters." */
const MOST_CHARACTERS = 20_480;

export const GetResourcePolicy = operation<GetResourcePolicyCommandInput, GetResourcePolicyCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'GetResourcePolicy', input.SecretId!),
  run(ctx, input) {
    const secret = getSecret(ctx, input.SecretId!);
    return { ARN: secret.arn, Name: secret.name, ...(secret.policy ? { ResourcePolicy: secret.policy.text } : {}) };
  },
});

export const PutResourcePolicy = operation<PutResourcePolicyCommandInput, PutResourcePolicyCommandOutput>({
  access: (ctx, input) =>
    secretAccess(ctx, 'PutResourcePolicy', input.SecretId!, {
      'secretsmanager:BlockPublicPolicy': String(input.BlockPublicPolicy ?? false),
    }),
  run(ctx, input) {
    const secret = getLiveSecret(ctx, input.SecretId!);
    const text = input.ResourcePolicy!;
    const { document, problems } = parsePolicy(text, 'resource');
    if (!document || text.length > MOST_CHARACTERS)
      throw new AwsError(
        'MalformedPolicyDocumentException',
        problems[0]?.message ?? 'This resource policy is too long.',
      );
    if (input.BlockPublicPolicy && isPublicPolicy(document))
      throw new AwsError(
        'PublicPolicyException',
        'The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.',
      );
    putSecret(ctx.state, { ...secret, policy: { text, document } });
    return { ARN: secret.arn, Name: secret.name };
  },
});

export const DeleteResourcePolicy = operation<DeleteResourcePolicyCommandInput, DeleteResourcePolicyCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'DeleteResourcePolicy', input.SecretId!),
  run(ctx, input) {
    const { policy: _, ...secret } = getLiveSecret(ctx, input.SecretId!);
    putSecret(ctx.state, secret);
    return { ARN: secret.arn, Name: secret.name };
  },
});

export const ValidateResourcePolicy = operation<
  ValidateResourcePolicyCommandInput,
  ValidateResourcePolicyCommandOutput
>({
  access: (ctx, input) =>
    input.SecretId === undefined
      ? { action: 'secretsmanager:ValidateResourcePolicy', resource: '*' }
      : secretAccess(ctx, 'ValidateResourcePolicy', input.SecretId),
  run(ctx, input) {
    if (input.SecretId !== undefined) getSecret(ctx, input.SecretId);
    const { document, problems } = parsePolicy(input.ResourcePolicy!, 'resource');
    const errors = problems.map(({ message }) => ({ CheckName: 'PolicySyntax', ErrorMessage: message }));
    if (document && isPublicPolicy(document))
      errors.push({
        CheckName: 'PublicPolicy',
        ErrorMessage: 'The resource policy grants broad access to the secret.',
      });
    return { PolicyValidationPassed: errors.length === 0, ValidationErrors: errors };
  },
});
