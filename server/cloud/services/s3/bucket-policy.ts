import type {
  DeleteBucketPolicyCommandInput,
  DeleteBucketPolicyCommandOutput,
  DeletePublicAccessBlockCommandInput,
  DeletePublicAccessBlockCommandOutput,
  GetBucketPolicyCommandInput,
  GetBucketPolicyCommandOutput,
  GetBucketPolicyStatusCommandInput,
  GetBucketPolicyStatusCommandOutput,
  GetPublicAccessBlockCommandInput,
  GetPublicAccessBlockCommandOutput,
  PutBucketPolicyCommandInput,
  PutBucketPolicyCommandOutput,
  PutPublicAccessBlockCommandInput,
  PutPublicAccessBlockCommandOutput,
} from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import { type BucketInput, bucketAccess, bucketPolicy, getBucket } from './access.ts';
import { accessDenied, methodNotAllowed } from './errors.ts';
import { principalsExist } from './policy-principals.ts';
import { isPublicPolicy } from './public-policy.ts';
import { type BucketRecord, bucketArn, saveBucket } from './tables.ts';

const MOST_BYTES = 20_480;

/**
 * Asks for an action on the bucket's policy. The owner's root user may always mend it, whatever it says; other accounts
 * never, whatever it says.
 */
function policyAccess(ctx: CallContext, input: BucketInput, action: string): Access {
  const access = bucketAccess(ctx, input, action);
  const { type, account } = ctx.caller.principal;
  return type === 'root' && account === access.resourceAccount ? { ...access, resourcePolicy: [] } : access;
}

function ownBucket(ctx: CallContext, input: BucketInput, method: string): BucketRecord {
  const bucket = getBucket(ctx, input);
  const { type, account } = ctx.caller.principal;
  if (type === 'anonymous') throw accessDenied();
  if (account !== bucket.account) throw methodNotAllowed(method, 'BUCKETPOLICY');
  return bucket;
}

export const PutBucketPolicy = operation<PutBucketPolicyCommandInput, PutBucketPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input, 'PutBucketPolicy'),
  run(ctx, input) {
    const bucket = ownBucket(ctx, input, 'PUT');
    const document = readPolicy(ctx, bucket, input.Policy!);
    if (bucket.publicAccessBlock?.blockPublicPolicy && isPublicPolicy(document))
      throw accessDenied(
        `User: ${ctx.caller.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.name)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
      );
    saveBucket(ctx.state, { ...bucket, policy: JSON.stringify(document) });
    return {};
  },
});

export const GetBucketPolicy = operation<GetBucketPolicyCommandInput, GetBucketPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input, 'GetBucketPolicy'),
  run: (ctx, input) => ({ Policy: getPolicy(ownBucket(ctx, input, 'GET')) }),
});

export const DeleteBucketPolicy = operation<DeleteBucketPolicyCommandInput, DeleteBucketPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input, 'DeleteBucketPolicy'),
  run(ctx, input) {
    const { policy: _gone, ...bucket } = ownBucket(ctx, input, 'DELETE');
    saveBucket(ctx.state, bucket);
    return {};
  },
});

export const GetBucketPolicyStatus = operation<GetBucketPolicyStatusCommandInput, GetBucketPolicyStatusCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketPolicyStatus'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    getPolicy(bucket);
    return { PolicyStatus: { IsPublic: bucketPolicy(bucket)!.isPublic } };
  },
});

export const PutPublicAccessBlock = operation<PutPublicAccessBlockCommandInput, PutPublicAccessBlockCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketPublicAccessBlock'),
  run(ctx, input) {
    const wanted = input.PublicAccessBlockConfiguration ?? {};
    const publicAccessBlock = {
      blockPublicAcls: wanted.BlockPublicAcls ?? false,
      ignorePublicAcls: wanted.IgnorePublicAcls ?? false,
      blockPublicPolicy: wanted.BlockPublicPolicy ?? false,
      restrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
    };
    saveBucket(ctx.state, { ...getBucket(ctx, input), publicAccessBlock });
    return {};
  },
});

export const GetPublicAccessBlock = operation<GetPublicAccessBlockCommandInput, GetPublicAccessBlockCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketPublicAccessBlock'),
  run(ctx, input) {
    const { name, publicAccessBlock: block } = getBucket(ctx, input);
    if (!block)
      throw new AwsError(
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
        404,
        { BucketName: name },
      );
    return {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: block.blockPublicAcls,
        IgnorePublicAcls: block.ignorePublicAcls,
        BlockPublicPolicy: block.blockPublicPolicy,
        RestrictPublicBuckets: block.restrictPublicBuckets,
      },
    };
  },
});

export const DeletePublicAccessBlock = operation<
  DeletePublicAccessBlockCommandInput,
  DeletePublicAccessBlockCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketPublicAccessBlock'),
  run(ctx, input) {
    const { publicAccessBlock: _gone, ...bucket } = getBucket(ctx, input);
    saveBucket(ctx.state, bucket);
    return {};
  },
});

function getPolicy(bucket: BucketRecord): string {
  if (bucket.policy === undefined)
    throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket.name });
  return bucket.policy;
}

/** @throws AwsError MalformedPolicy, in S3's words */
function readPolicy(ctx: CallContext, bucket: BucketRecord, text: string): PolicyDocument {
  const malformed = (message: string, detail?: string): AwsError =>
    new AwsError('MalformedPolicy', message, 400, detail === undefined ? {} : { Detail: detail });
  const { document, problems } = parsePolicy(text, 'resource');
  if (!document) throw malformed(problems[0]!.message, problems[0]!.detail);
  if (Buffer.byteLength(JSON.stringify(document)) > MOST_BYTES)
    throw malformed('The policy size exceeds the allowed maximum size of 20480 bytes');
  const own = bucketArn(bucket.name);
  for (const statement of [document.Statement].flat()) {
    const actions = [statement.Action ?? statement.NotAction ?? []].flat();
    const strange = actions.find((action) => action !== '*' && !/^s3:/i.test(action));
    if (strange !== undefined) throw malformed('Policy has invalid action', strange);
    const resources = [statement.Resource ?? statement.NotResource ?? []].flat();
    const foreign = resources.find(
      (resource) => resource !== own && !resource.startsWith(`${own}/`) && !ownByPattern(resource, own),
    );
    if (foreign !== undefined) throw malformed('Policy has invalid resource', foreign);
    const misplaced =
      statement.Action !== undefined && statement.Resource !== undefined ? misfit(actions, resources) : false;
    if (misplaced) throw malformed('Action does not apply to any resource(s) in statement');
    if (!principalsExist(ctx.state, statement)) throw malformed('Invalid principal in policy');
  }
  return document;
}

/** `arn:aws:s3:::my-bucket*` names the bucket, too: the text before the first wildcard must be of it. */
function ownByPattern(resource: string, own: string): boolean {
  const at = resource.search(/[*?]/);
  if (at < 0) return false;
  return resource.slice(0, at) === own;
}

const bucketActions =
  /^s3:(listbucket|listbucketversions|listbucketmultipartuploads|createbucket|deletebucket|deletebucketpolicy|(get|put)(bucket.*|lifecycleconfiguration|encryptionconfiguration|accelerateconfiguration|replicationconfiguration|inventoryconfiguration|metricsconfiguration|analyticsconfiguration))$/i;
const objectActions =
  /^s3:(getobject(version)?(acl|tagging|attributes|torrent)?|putobject(version)?(acl|tagging)?|deleteobject(version)?(tagging)?|abortmultipartupload|listmultipartuploadparts|restoreobject|(get|put)object(legalhold|retention))$/i;

/** Whether some action without a wildcard can never meet any of the resources: a bucket action on objects only, or the reverse. */
function misfit(actions: string[], resources: string[]): boolean {
  const onObjects = resources.some((resource) => resource.includes('/') || resource.includes('*'));
  const onBuckets = resources.some((resource) => !resource.includes('/') || /[*?]/.test(resource.split('/')[0]!));
  return actions.some(
    (action) => (bucketActions.test(action) && !onBuckets) || (objectActions.test(action) && !onObjects),
  );
}
