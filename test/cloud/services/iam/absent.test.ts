import {
  CreateUserCommand,
  GetAccountPasswordPolicyCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListOrganizationsFeaturesCommand,
  ListSAMLProvidersCommand,
  ListSAMLProviderTagsCommand,
  ListServerCertificatesCommand,
  ListServerCertificateTagsCommand,
  ListServiceSpecificCredentialsCommand,
  ListVirtualMFADevicesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import { learnerRole } from '../../../../server/catalogue/deploy.ts';
import { accounts, cloudScope, type OrganizationMembership } from '../../../../server/cloud/accounts.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roles } from '../../../../server/cloud/services/iam/tables.ts';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';

let cloud: Cloud;
let iam: IAMClient;
beforeEach(async () => {
  ({ cloud } = createTestCloud());
  iam = client(IAMClient, cloud);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
});

describe('what an account has none of', () => {
  it('is listed as empty', async () => {
    expect((await iam.send(new ListMFADevicesCommand({ UserName: 'alice' }))).MFADevices).toEqual([]);
    expect((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([]);
    expect((await iam.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList).toEqual([]);
    const credentials = await iam.send(new ListServiceSpecificCredentialsCommand({ UserName: 'alice' }));
    expect(credentials.ServiceSpecificCredentials).toEqual([]);
    expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toEqual([]);
  });

  it('is not found by name', async () => {
    await expect(iam.send(new GetLoginProfileCommand({ UserName: 'alice' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'Login Profile for User alice cannot be found.',
    });
    await expect(iam.send(new GetAccountPasswordPolicyCommand({}))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `The Password Policy with domain name ${OWN} cannot be found.`,
    });
  });

  it('has no tags', async () => {
    await expect(
      iam.send(new ListServerCertificateTagsCommand({ ServerCertificateName: 'web' })),
    ).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The Server Certificate with name web cannot be found.',
    });
    const SAMLProviderArn = `arn:aws:iam::${OWN}:saml-provider/none`;
    await expect(iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  it('root access is managed by no organisation', async () => {
    await expect(iam.send(new ListOrganizationsFeaturesCommand({}))).rejects.toMatchObject({
      name: 'OrganizationNotFoundException',
    });
    const place = { id: 'o-a1b2c3d4e5', path: 'o-a1b2c3d4e5/r-ab12/' };
    const putInto = (organization: OrganizationMembership) =>
      cloud.transact((state) =>
        state.put(accounts, cloudScope, OWN, { id: OWN, kind: 'own', name: 'own', organization }),
      );
    putInto(place);
    await expect(iam.send(new ListOrganizationsFeaturesCommand({}))).rejects.toMatchObject({
      name: 'AccountNotManagementOrDelegatedAdministratorException',
    });
    putInto({ ...place, management: true });
    await expect(iam.send(new ListOrganizationsFeaturesCommand({}))).rejects.toMatchObject({
      name: 'ServiceAccessNotEnabledException',
    });
  });

  it('is asked of users who exist', async () => {
    for (const command of [
      new ListMFADevicesCommand({ UserName: 'nobody' }),
      new ListServiceSpecificCredentialsCommand({ UserName: 'nobody' }),
      new GetLoginProfileCommand({ UserName: 'nobody' }),
    ])
      await expect(iam.send(command as ListMFADevicesCommand)).rejects.toMatchObject({
        message: 'The user with name nobody cannot be found.',
      });
  });
});

it('the provider that Identity Center signs in by is listed', async () => {
  const record = learnerRole.record(OWN, cloud.random, cloud.clock.now());
  cloud.transact((state) => state.put(roles, { account: OWN, region: '' }, learnerRole.name, record));
  expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toMatchObject([
    { Arn: `arn:aws:iam::${OWN}:saml-provider/AWSSSO_lambda-range` },
  ]);
  const SAMLProviderArn = `arn:aws:iam::${OWN}:saml-provider/AWSSSO_lambda-range`;
  expect((await iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn }))).Tags).toEqual([]);
});

it('an inline policy that is too long by itself exceeds the quota, and is not called malformed', async () => {
  const Resource = Array.from({ length: 200 }, (_, n) => `arn:aws:s3:::${'b'.repeat(50)}${n}`);
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] };
  const wanted = { UserName: 'alice', PolicyName: 'long', PolicyDocument: JSON.stringify(document) };
  await expect(iam.send(new PutUserPolicyCommand(wanted))).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Maximum policy size of 2048 bytes exceeded for user alice',
  });
});
