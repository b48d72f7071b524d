import * as sdk from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, root, rootKeys } from '../../test-cloud.ts';
import { logsAllowed, putRole, zip } from './kit.ts';

let cloud: Cloud;
let lambda: sdk.LambdaClient;
let Role: string;
const arn = (rest: string) => `arn:aws:lambda:${REGION}:${OWN}:${rest}`;

beforeEach(async () => {
  ({ cloud } = createTestCloud());
  lambda = client(sdk.LambdaClient, cloud);
  Role = putRole(cloud, 'worker', [logsAllowed, { Effect: 'Allow', Action: ['sqs:*', 'sns:*'], Resource: '*' }]);
});

const create = (FunctionName: string, members: Partial<sdk.CreateFunctionCommandInput> = {}) =>
  lambda.send(
    new sdk.CreateFunctionCommand({
      FunctionName,
      Role,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: zip('export const handler = async () => 1;') },
      ...members,
    }),
  );

/** The error's name, status and message, as a client sees them. */
async function failure(promise: Promise<unknown>): Promise<[string, number, string]> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as sdk.LambdaServiceException;
    return [name, $metadata.httpStatusCode ?? 0, message];
  }
  throw new Error('the call succeeded');
}

describe('functions', () => {
  it('are created, read, listed, changed and deleted', async () => {
    const made = await create('payroll', {
      Description: 'pays',
      Tags: { team: 'hr' },
      Environment: { Variables: { TABLE: 'x' } },
    });
    expect(made).toMatchObject({
      FunctionArn: arn('function:payroll'),
      State: 'Active',
      LastUpdateStatus: 'Successful',
      Version: '$LATEST',
      MemorySize: 128,
      Timeout: 3,
    });
    const got = await lambda.send(new sdk.GetFunctionCommand({ FunctionName: 'payroll' }));
    expect(got.Tags).toEqual({ team: 'hr' });
    expect(got.Configuration?.Environment?.Variables).toEqual({ TABLE: 'x' });
    expect(got.Code?.RepositoryType).toBe('S3');
    await create('another');
    const first = await lambda.send(new sdk.ListFunctionsCommand({ MaxItems: 1 }));
    const second = await lambda.send(new sdk.ListFunctionsCommand({ MaxItems: 1, Marker: first.NextMarker }));
    expect([first, second].map((page) => page.Functions?.[0]?.FunctionName)).toEqual(['another', 'payroll']);
    const updated = await lambda.send(
      new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'payroll', Timeout: 30, RevisionId: made.RevisionId }),
    );
    expect(updated.Timeout).toBe(30);
    expect(
      await failure(
        lambda.send(
          new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'payroll', RevisionId: made.RevisionId }),
        ),
      ),
    ).toEqual(['PreconditionFailedException', 412, expect.any(String)]);
    const dry = await lambda.send(
      new sdk.UpdateFunctionCodeCommand({
        FunctionName: 'payroll',
        DryRun: true,
        ZipFile: zip('export const handler = () => 2;'),
      }),
    );
    const configuration = await lambda.send(
      new sdk.GetFunctionConfigurationCommand({ FunctionName: arn('function:payroll') }),
    );
    expect(configuration.CodeSha256).toBe(made.CodeSha256);
    expect(dry.CodeSha256).not.toBe(made.CodeSha256);
    expect(await failure(create('payroll'))).toEqual([
      'ResourceConflictException',
      409,
      'Function already exist: payroll',
    ]);
    const deleted = await lambda.send(new sdk.DeleteFunctionCommand({ FunctionName: 'payroll' }));
    expect(deleted.$metadata.httpStatusCode).toBe(204);
    expect(await failure(lambda.send(new sdk.GetFunctionCommand({ FunctionName: 'payroll' })))).toEqual([
      'ResourceNotFoundException',
      404,
      `Function not found: ${arn('function:payroll')}`,
    ]);
  });

  it('refuse what AWS refuses', async () => {
    expect(await failure(create('a b'))).toEqual(['ValidationException', 400, expect.any(String)]);
    expect(await failure(create('f', { Runtime: 'nodejs14.x' }))).toEqual([
      'InvalidParameterValueException',
      400,
      'The runtime parameter of nodejs14.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
    ]);
    expect((await failure(create('f', { Runtime: 'nodejs26.x' })))[2]).toContain(
      "at 'runtime' failed to satisfy constraint",
    );
    expect(await failure(create('f', { Timeout: 901 }))).toEqual(['ValidationException', 400, expect.any(String)]);
    expect((await failure(create('f', { Environment: { Variables: { AWS_REGION: 'x' } } })))[2]).toContain(
      'Reserved keys used in this request: AWS_REGION',
    );
    expect((await failure(create('f', { Environment: { Variables: { BIG: 'x'.repeat(4096) } } })))[2]).toContain(
      'exceeded the 4KB limit',
    );
    expect(await failure(create('f', { Code: { ZipFile: Buffer.from('no zip') } }))).toEqual([
      'InvalidParameterValueException',
      400,
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ]);
    const other = putRole(cloud, 'machine', [], { service: 'ec2.amazonaws.com' });
    expect(await failure(create('f', { Role: other }))).toEqual([
      'InvalidParameterValueException',
      400,
      'The role defined for the function cannot be assumed by Lambda.',
    ]);
    const foreign = putRole(cloud, 'theirs', [], { account: PARTNER });
    expect(await failure(create('f', { Role: foreign }))).toEqual([
      'AccessDeniedException',
      403,
      'Cross-account pass role is not allowed.',
    ]);
    const mute = putRole(cloud, 'mute', []);
    expect(
      await failure(create('f', { Role: mute, DeadLetterConfig: { TargetArn: `arn:aws:sqs:${REGION}:${OWN}:dead` } })),
    ).toEqual([
      'InvalidParameterValueException',
      400,
      'The provided execution role does not have permissions to call SendMessage on SQS',
    ]);
    expect(
      (await create('dead-ok', { DeadLetterConfig: { TargetArn: `arn:aws:sqs:${REGION}:${OWN}:dead` } }))
        .DeadLetterConfig,
    ).toBeDefined();
  });

  it('can be updated on a runtime that can no longer be created with', async () => {
    await create('old');
    const changed = await lambda.send(
      new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'old', Runtime: 'nodejs14.x' }),
    );
    expect(changed.Runtime).toBe('nodejs14.x');
  });

  it('carry tags', async () => {
    const { FunctionArn: Resource } = await create('tagged');
    await lambda.send(new sdk.TagResourceCommand({ Resource, Tags: { a: '1', b: '2' } }));
    await lambda.send(new sdk.UntagResourceCommand({ Resource, TagKeys: ['a'] }));
    expect((await lambda.send(new sdk.ListTagsCommand({ Resource }))).Tags).toEqual({ b: '2' });
  });

  it('have reserved and provisioned concurrency', async () => {
    await create('app', { Publish: true });
    await lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'app', ReservedConcurrentExecutions: 5 }));
    expect(
      (await lambda.send(new sdk.GetFunctionConcurrencyCommand({ FunctionName: 'app' }))).ReservedConcurrentExecutions,
    ).toBe(5);
    expect(
      await failure(
        lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'app', ReservedConcurrentExecutions: 901 })),
      ),
    ).toEqual(['InvalidParameterValueException', 400, expect.any(String)]);
    await lambda.send(new sdk.DeleteFunctionConcurrencyCommand({ FunctionName: 'app' }));
    expect(
      (await lambda.send(new sdk.GetFunctionConcurrencyCommand({ FunctionName: 'app' }))).ReservedConcurrentExecutions,
    ).toBeUndefined();
    const version = { FunctionName: 'app', Qualifier: '1' };
    expect(await failure(lambda.send(new sdk.GetProvisionedConcurrencyConfigCommand(version)))).toEqual([
      'ProvisionedConcurrencyConfigNotFoundException',
      404,
      expect.any(String),
    ]);
    await lambda.send(
      new sdk.PutProvisionedConcurrencyConfigCommand({ ...version, ProvisionedConcurrentExecutions: 2 }),
    );
    expect((await lambda.send(new sdk.GetProvisionedConcurrencyConfigCommand(version))).Status).toBe('READY');
    expect(
      (await lambda.send(new sdk.ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'app' })))
        .ProvisionedConcurrencyConfigs,
    ).toHaveLength(1);
    await lambda.send(new sdk.DeleteProvisionedConcurrencyConfigCommand(version));
    expect(
      (await lambda.send(new sdk.ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'app' })))
        .ProvisionedConcurrencyConfigs,
    ).toEqual([]);
  });

  it('have settings of their own', async () => {
    await create('app');
    const FunctionName = 'app';
    await lambda.send(new sdk.PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: 'Allow' }));
    expect((await lambda.send(new sdk.GetFunctionRecursionConfigCommand({ FunctionName }))).RecursiveLoop).toBe(
      'Allow',
    );
    await lambda.send(new sdk.PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: 'FunctionUpdate' }));
    expect((await lambda.send(new sdk.GetRuntimeManagementConfigCommand({ FunctionName }))).UpdateRuntimeOn).toBe(
      'FunctionUpdate',
    );
    expect((await lambda.send(new sdk.GetAccountSettingsCommand({}))).AccountUsage?.FunctionCount).toBe(1);
    const signing = await lambda.send(
      new sdk.CreateCodeSigningConfigCommand({
        AllowedPublishers: {
          SigningProfileVersionArns: ['arn:aws:signer:us-east-1:111122223333:/signing-profiles/p/1234567890'],
        },
      }),
    );
    const CodeSigningConfigArn = signing.CodeSigningConfig!.CodeSigningConfigArn;
    expect(signing.CodeSigningConfig?.CodeSigningPolicies?.UntrustedArtifactOnDeployment).toBe('Warn');
    await lambda.send(
      new sdk.UpdateCodeSigningConfigCommand({
        CodeSigningConfigArn,
        CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' },
      }),
    );
    expect(
      (await lambda.send(new sdk.GetCodeSigningConfigCommand({ CodeSigningConfigArn }))).CodeSigningConfig
        ?.CodeSigningPolicies?.UntrustedArtifactOnDeployment,
    ).toBe('Enforce');
    expect((await lambda.send(new sdk.ListCodeSigningConfigsCommand({}))).CodeSigningConfigs).toHaveLength(1);
    await lambda.send(new sdk.PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
    expect(
      (await lambda.send(new sdk.GetFunctionCodeSigningConfigCommand({ FunctionName }))).CodeSigningConfigArn,
    ).toBe(CodeSigningConfigArn);
    expect(
      (await lambda.send(new sdk.ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn }))).FunctionArns,
    ).toEqual([arn('function:app')]);
    expect(await failure(lambda.send(new sdk.DeleteCodeSigningConfigCommand({ CodeSigningConfigArn })))).toEqual([
      'ResourceConflictException',
      409,
      expect.any(String),
    ]);
    await lambda.send(new sdk.DeleteFunctionCodeSigningConfigCommand({ FunctionName }));
    await lambda.send(new sdk.DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
  });
});

describe('versions and aliases', () => {
  it('publish what changed, once', async () => {
    await create('app');
    const FunctionName = 'app';
    const one = await lambda.send(new sdk.PublishVersionCommand({ FunctionName, Description: 'first' }));
    expect([one.Version, one.FunctionArn]).toEqual(['1', arn('function:app:1')]);
    expect((await lambda.send(new sdk.PublishVersionCommand({ FunctionName }))).Version).toBe('1');
    const two = await lambda.send(
      new sdk.UpdateFunctionCodeCommand({
        FunctionName,
        ZipFile: zip('export const handler = async () => 2;'),
        Publish: true,
      }),
    );
    expect(two.Version).toBe('2');
    expect(
      await failure(lambda.send(new sdk.PublishVersionCommand({ FunctionName, CodeSha256: one.CodeSha256 }))),
    ).toEqual(['InvalidParameterValueException', 400, expect.any(String)]);
    const { Versions } = await lambda.send(new sdk.ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
    const all = await lambda.send(new sdk.ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(all.Functions).toHaveLength(3);
    await lambda.send(
      new sdk.CreateAliasCommand({
        FunctionName,
        Name: 'live',
        FunctionVersion: '1',
        RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
      }),
    );
    expect(
      (await lambda.send(new sdk.GetAliasCommand({ FunctionName, Name: 'live' }))).RoutingConfig
        ?.AdditionalVersionWeights,
    ).toEqual({ '2': 0.25 });
    expect(
      (await lambda.send(new sdk.GetFunctionCommand({ FunctionName, Qualifier: 'live' }))).Configuration,
    ).toMatchObject({ Version: '1', FunctionArn: arn('function:app:live') });
    expect(await failure(lambda.send(new sdk.DeleteFunctionCommand({ FunctionName, Qualifier: '2' })))).toEqual([
      'ResourceConflictException',
      409,
      expect.any(String),
    ]);
    await lambda.send(
      new sdk.UpdateAliasCommand({
        FunctionName,
        Name: 'live',
        FunctionVersion: '2',
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
    expect(
      (await lambda.send(new sdk.ListAliasesCommand({ FunctionName, FunctionVersion: '2' }))).Aliases,
    ).toHaveLength(1);
    await lambda.send(new sdk.DeleteFunctionCommand({ FunctionName, Qualifier: '1' }));
    await lambda.send(new sdk.DeleteAliasCommand({ FunctionName, Name: 'live' }));
    expect(await failure(lambda.send(new sdk.GetAliasCommand({ FunctionName, Name: 'live' })))).toEqual([
      'ResourceNotFoundException',
      404,
      `Cannot find alias arn: ${arn('function:app:live')}`,
    ]);
  });
});

describe('permissions', () => {
  const FunctionName = 'payroll';

  it('are written as AWS writes them', async () => {
    await create(FunctionName);
    const add = async (members: Partial<sdk.AddPermissionCommandInput>) => {
      const { Statement } = await lambda.send(
        new sdk.AddPermissionCommand({
          FunctionName,
          StatementId: `s${Math.floor(serial++)}`,
          Action: 'lambda:InvokeFunction',
          Principal: 's3.amazonaws.com',
          ...members,
        }),
      );
      const { Sid: _sid, ...rest } = JSON.parse(Statement!) as { Sid: string };
      return rest;
    };
    let serial = 0;
    const base = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn('function:payroll') };
    expect(await add({ SourceArn: 'arn:aws:s3:::in', SourceAccount: OWN })).toEqual({
      ...base,
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceAccount': OWN }, ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::in' } },
    });
    expect(await add({ Principal: PARTNER })).toEqual({ ...base, Principal: { AWS: `arn:aws:iam::${PARTNER}:root` } });
    expect(await add({ Principal: '*', PrincipalOrgID: 'o-abcdefghij' })).toEqual({
      ...base,
      Principal: '*',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } },
    });
    expect(
      await add({ Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    ).toMatchObject({ Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } });
    expect(await add({ Principal: '*', InvokedViaFunctionUrl: true })).toMatchObject({
      Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    });
    const policy = await lambda.send(new sdk.GetPolicyCommand({ FunctionName }));
    expect(JSON.parse(policy.Policy!)).toMatchObject({ Version: '2012-10-17', Id: 'default' });
    expect(
      await failure(
        lambda.send(new sdk.AddPermissionCommand({ FunctionName, StatementId: 's0', Action: '*', Principal: '*' })),
      ),
    ).toEqual(['ResourceConflictException', 409, expect.any(String)]);
    expect(await failure(add({ Principal: `arn:aws:iam::${OWN}:role/gone` }))).toEqual([
      'InvalidParameterValueException',
      400,
      expect.any(String),
    ]);
    expect(await failure(add({ RevisionId: 'old' }))).toEqual(['PreconditionFailedException', 412, expect.any(String)]);
  });

  it('belong to one qualifier and end with their removal', async () => {
    await create(FunctionName, { Publish: true });
    await lambda.send(
      new sdk.AddPermissionCommand({
        FunctionName,
        Qualifier: '1',
        StatementId: 'x',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
      }),
    );
    expect(await failure(lambda.send(new sdk.GetPolicyCommand({ FunctionName })))).toEqual([
      'ResourceNotFoundException',
      404,
      'The resource you requested does not exist.',
    ]);
    const { Policy } = await lambda.send(new sdk.GetPolicyCommand({ FunctionName, Qualifier: '1' }));
    expect(JSON.parse(Policy!).Statement[0].Resource).toBe(arn('function:payroll:1'));
    await lambda.send(new sdk.RemovePermissionCommand({ FunctionName, Qualifier: '1', StatementId: 'x' }));
    expect(
      await failure(lambda.send(new sdk.RemovePermissionCommand({ FunctionName, Qualifier: '1', StatementId: 'x' }))),
    ).toEqual(['ResourceNotFoundException', 404, expect.any(String)]);
    expect(
      await failure(
        lambda.send(
          new sdk.AddPermissionCommand({
            FunctionName,
            Qualifier: '$LATEST',
            StatementId: 'x',
            Action: '*',
            Principal: '*',
          }),
        ),
      ),
    ).toEqual(['InvalidParameterValueException', 400, expect.any(String)]);
  });

  it('may be a free-form policy', async () => {
    const { FunctionArn: ResourceArn } = await create(FunctionName);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'all', Effect: 'Deny', Principal: '*', Action: 'lambda:InvokeFunction', Resource: ResourceArn },
      ],
    });
    await lambda.send(new sdk.PutResourcePolicyCommand({ ResourceArn, Policy }));
    expect(JSON.parse((await lambda.send(new sdk.GetResourcePolicyCommand({ ResourceArn }))).Policy!)).toEqual(
      JSON.parse(Policy),
    );
    await lambda.send(new sdk.DeleteResourcePolicyCommand({ ResourceArn }));
    expect(await failure(lambda.send(new sdk.GetResourcePolicyCommand({ ResourceArn })))).toEqual([
      'ResourceNotFoundException',
      404,
      expect.any(String),
    ]);
  });

  it('have a limit of 20 KB', async () => {
    await create(FunctionName);
    const add = (StatementId: string) =>
      lambda.send(
        new sdk.AddPermissionCommand({
          FunctionName,
          StatementId,
          Action: 'lambda:InvokeFunction',
          Principal: 's3.amazonaws.com',
          SourceArn: `arn:aws:s3:::${'x'.repeat(900)}`,
        }),
      );
    let outcome: [string, number, string] | undefined;
    for (let i = 0; i < 30 && !outcome; i++)
      outcome = await add(`s${i}`).then(
        () => undefined,
        (error) => [error.name, error.$metadata.httpStatusCode, error.message],
      );
    expect(outcome).toEqual(['PolicyLengthExceededException', 400, expect.any(String)]);
  });
});

describe('layers', () => {
  it('are published, shared, used and deleted', async () => {
    const LayerName = 'shared';
    const partner = client(sdk.LambdaClient, cloud, rootKeys(cloud, PARTNER));
    const Content = { ZipFile: zip({ 'nodejs/node_modules/x/index.js': 'module.exports = 1;' }) };
    const one = await lambda.send(
      new sdk.PublishLayerVersionCommand({ LayerName, Content, CompatibleRuntimes: ['nodejs22.x'] }),
    );
    expect([one.Version, one.LayerVersionArn]).toEqual([1, arn('layer:shared:1')]);
    await lambda.send(new sdk.PublishLayerVersionCommand({ LayerName, Content }));
    expect(
      (await lambda.send(new sdk.ListLayerVersionsCommand({ LayerName }))).LayerVersions?.map(({ Version }) => Version),
    ).toEqual([2, 1]);
    expect((await lambda.send(new sdk.ListLayersCommand({}))).Layers?.[0]?.LatestMatchingVersion?.Version).toBe(2);
    expect(
      (await lambda.send(new sdk.GetLayerVersionCommand({ LayerName, VersionNumber: 1 }))).CompatibleRuntimes,
    ).toEqual(['nodejs22.x']);
    const Arn = one.LayerVersionArn!;
    expect(await failure(partner.send(new sdk.GetLayerVersionByArnCommand({ Arn })))).toEqual([
      'AccessDeniedException',
      403,
      expect.any(String),
    ]);
    const share = {
      LayerName,
      VersionNumber: 1,
      StatementId: 'p',
      Action: 'lambda:GetLayerVersion',
      Principal: PARTNER,
    };
    await lambda.send(new sdk.AddLayerVersionPermissionCommand(share));
    expect((await partner.send(new sdk.GetLayerVersionByArnCommand({ Arn }))).Version).toBe(1);
    expect(
      JSON.parse((await lambda.send(new sdk.GetLayerVersionPolicyCommand({ LayerName, VersionNumber: 1 }))).Policy!)
        .Statement,
    ).toHaveLength(1);
    await lambda.send(new sdk.RemoveLayerVersionPermissionCommand({ LayerName, VersionNumber: 1, StatementId: 'p' }));
    expect(await failure(partner.send(new sdk.GetLayerVersionByArnCommand({ Arn })))).toEqual([
      'AccessDeniedException',
      403,
      expect.any(String),
    ]);
    expect((await create('app', { Layers: [Arn] })).Layers?.[0]?.Arn).toBe(Arn);
    await lambda.send(new sdk.DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 }));
    expect(await failure(create('late', { Layers: [Arn] }))).toEqual([
      'InvalidParameterValueException',
      400,
      `Layer version ${Arn} does not exist.`,
    ]);
    expect(
      (await lambda.send(new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'app', Layers: [Arn] }))).Layers,
    ).toHaveLength(1);
  });

  it("take AWS's own extension without content, and no stranger's layer", async () => {
    const Layers = ['arn:aws:lambda:us-east-1:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24'];
    expect((await create('app', { Layers })).Layers?.[0]?.Arn).toBe(Layers[0]);
    expect(await failure(create('bad', { Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:unknown:1'] }))).toEqual(
      ['AccessDeniedException', 403, expect.any(String)],
    );
  });
});

describe('function URLs', () => {
  it('are made, shown, changed and deleted', async () => {
    await create('web');
    const FunctionName = 'web';
    const made = await lambda.send(new sdk.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM' }));
    expect(made.FunctionUrl).toMatch(/^http:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:4566\/$/);
    expect(
      await failure(lambda.send(new sdk.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))),
    ).toEqual(['ResourceConflictException', 409, expect.any(String)]);
    await lambda.send(
      new sdk.UpdateFunctionUrlConfigCommand({
        FunctionName,
        AuthType: 'NONE',
        Cors: { AllowOrigins: ['https://a.example'] },
      }),
    );
    expect(await lambda.send(new sdk.GetFunctionUrlConfigCommand({ FunctionName }))).toMatchObject({
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['https://a.example'] },
      FunctionUrl: made.FunctionUrl,
    });
    expect(
      (await lambda.send(new sdk.ListFunctionUrlConfigsCommand({ FunctionName }))).FunctionUrlConfigs,
    ).toHaveLength(1);
    await lambda.send(new sdk.DeleteFunctionUrlConfigCommand({ FunctionName }));
    expect(await failure(lambda.send(new sdk.GetFunctionUrlConfigCommand({ FunctionName })))).toEqual([
      'ResourceNotFoundException',
      404,
      expect.any(String),
    ]);
  });
});

describe('settings of asynchronous invocation', () => {
  it('are put, merged, listed and deleted', async () => {
    await create('app');
    const FunctionName = 'app';
    const Destination = `arn:aws:sqs:${REGION}:${OWN}:failures`;
    await lambda.send(
      new sdk.PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination } },
      }),
    );
    await lambda.send(new sdk.UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 60 }));
    const got = await lambda.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(got).toMatchObject({
      FunctionArn: arn('function:app:$LATEST'),
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination } },
    });
    expect(got.LastModified).toBeInstanceOf(Date);
    expect(
      (await lambda.send(new sdk.ListFunctionEventInvokeConfigsCommand({ FunctionName }))).FunctionEventInvokeConfigs,
    ).toHaveLength(1);
    await lambda.send(new sdk.DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(await failure(lambda.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName })))).toEqual([
      'ResourceNotFoundException',
      404,
      expect.any(String),
    ]);
    putRole(cloud, 'worker', []);
    expect(
      (
        await failure(
          lambda.send(
            new sdk.PutFunctionEventInvokeConfigCommand({
              FunctionName,
              DestinationConfig: { OnSuccess: { Destination } },
            }),
          ),
        )
      )[2],
    ).toContain('does not have permissions to call SendMessage on SQS');
  });
});

describe('event source mappings', () => {
  it('are created, read, listed, changed and deleted', async () => {
    await create('worker');
    await cloud.call(root(), 'sqs', 'CreateQueue', { QueueName: 'orders' });
    const EventSourceArn = `arn:aws:sqs:${REGION}:${OWN}:orders`;
    const FunctionName = 'worker';
    const made = await lambda.send(
      new sdk.CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn,
        FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
      }),
    );
    const { UUID } = made;
    expect(made).toMatchObject({
      BatchSize: 10,
      State: 'Enabled',
      FunctionArn: arn('function:worker'),
      EventSourceMappingArn: arn(`event-source-mapping:${UUID}`),
    });
    expect(made.LastModified).toBeInstanceOf(Date);
    expect(
      await failure(lambda.send(new sdk.CreateEventSourceMappingCommand({ FunctionName, EventSourceArn }))),
    ).toEqual(['ResourceConflictException', 409, expect.stringContaining(UUID!)]);
    expect(
      await failure(
        lambda.send(
          new sdk.UpdateEventSourceMappingCommand({ UUID, FilterCriteria: { Filters: [{ Pattern: '{"body":1}' }] } }),
        ),
      ),
    ).toEqual(['InvalidParameterValueException', 400, 'Invalid filter pattern definition.']);
    expect(
      (
        await lambda.send(
          new sdk.UpdateEventSourceMappingCommand({ UUID, Enabled: false, ScalingConfig: { MaximumConcurrency: 2 } }),
        )
      ).State,
    ).toBe('Disabled');
    expect((await lambda.send(new sdk.GetEventSourceMappingCommand({ UUID }))).ScalingConfig).toEqual({
      MaximumConcurrency: 2,
    });
    expect(
      (await lambda.send(new sdk.ListEventSourceMappingsCommand({ EventSourceArn }))).EventSourceMappings,
    ).toHaveLength(1);
    expect((await lambda.send(new sdk.DeleteEventSourceMappingCommand({ UUID }))).State).toBe('Deleting');
    expect(await failure(lambda.send(new sdk.GetEventSourceMappingCommand({ UUID })))).toEqual([
      'ResourceNotFoundException',
      404,
      expect.any(String),
    ]);
  });
});

it('says plainly that nothing runs without a runtime', async () => {
  await create('app');
  expect(await failure(lambda.send(new sdk.InvokeCommand({ FunctionName: 'app' })))).toEqual([
    'ServiceException',
    500,
    'Functions cannot run here: this cloud was started without a function runtime.',
  ]);
  expect((await lambda.send(new sdk.InvokeCommand({ FunctionName: 'app', InvocationType: 'DryRun' }))).StatusCode).toBe(
    204,
  );
});

it('answers every operation of the SDK by the name that the SDK has for it', () => {
  const commands = new Set(
    Object.keys(sdk)
      .filter((name) => name.endsWith('Command'))
      .map((name) => name.slice(0, -'Command'.length)),
  );
  const strange = Object.keys(services.lambda!.operations).filter((name) => !commands.has(name));
  expect(strange).toEqual(['InvokeFunctionUrl']);
});
