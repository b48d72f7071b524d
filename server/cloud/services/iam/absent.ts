import type {
  GetAccountPasswordPolicyCommandInput,
  GetAccountPasswordPolicyCommandOutput,
  GetLoginProfileCommandInput,
  GetLoginProfileCommandOutput,
  ListMFADevicesCommandInput,
  ListMFADevicesCommandOutput,
  ListOrganizationsFeaturesCommandInput,
  ListOrganizationsFeaturesCommandOutput,
  ListSAMLProvidersCommandInput,
  ListSAMLProvidersCommandOutput,
  ListSAMLProviderTagsCommandInput,
  ListSAMLProviderTagsCommandOutput,
  ListServerCertificatesCommandInput,
  ListServerCertificatesCommandOutput,
  ListServerCertificateTagsCommandInput,
  ListServerCertificateTagsCommandOutput,
  ListServiceSpecificCredentialsCommandInput,
  ListServiceSpecificCredentialsCommandOutput,
  ListVirtualMFADevicesCommandInput,
  ListVirtualMFADevicesCommandOutput,
} from '@aws-sdk/client-iam';
import { accounts, cloudScope } from '../../accounts.ts';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { noSuchEntity } from './checks.ts';
import { getIdentity, identityAccess, listIdentities } from './identities.ts';
import { iamArn } from './texts.ts';
import { ownName } from './users.ts';

/*
 * What an account has none of, as none can be made here: passwords of users, MFA devices, certificates. Auditors read
 * them all. Making one is not emulated, and says so.
 */

const everything = (action: string) => () => ({ action: `iam:${action}`, resource: '*' });

function userAccess(ctx: CallContext, userName: string | undefined, action: string): Access {
  const name = userName ?? ownName(ctx);
  if (name === undefined) return { action: `iam:${action}`, resource: ctx.caller.principal.arn };
  return identityAccess(ctx, 'user', name, action);
}

/** @throws AwsError NoSuchEntity for a user who is not there */
function demandUser(ctx: CallContext, userName: string | undefined): string | undefined {
  const name = userName ?? ownName(ctx);
  return name === undefined ? undefined : getIdentity(ctx, 'user', name).userName;
}

export const GetLoginProfile = operation<GetLoginProfileCommandInput, GetLoginProfileCommandOutput>({
  access: (ctx, input) => userAccess(ctx, input.UserName, 'GetLoginProfile'),
  run(ctx, input) {
    throw noSuchEntity(`Login Profile for User ${demandUser(ctx, input.UserName) ?? 'root'} cannot be found.`);
  },
});

export const ListMFADevices = operation<ListMFADevicesCommandInput, ListMFADevicesCommandOutput>({
  access: (ctx, input) => userAccess(ctx, input.UserName, 'ListMFADevices'),
  run(ctx, input) {
    demandUser(ctx, input.UserName);
    return { MFADevices: [], IsTruncated: false };
  },
});

export const ListVirtualMFADevices = operation<ListVirtualMFADevicesCommandInput, ListVirtualMFADevicesCommandOutput>({
  access: everything('ListVirtualMFADevices'),
  run: () => ({ VirtualMFADevices: [], IsTruncated: false }),
});

export const ListServiceSpecificCredentials = operation<
  ListServiceSpecificCredentialsCommandInput,
  ListServiceSpecificCredentialsCommandOutput
>({
  access: (ctx, input) => userAccess(ctx, input.UserName, 'ListServiceSpecificCredentials'),
  run(ctx, input) {
    demandUser(ctx, input.UserName);
    return { ServiceSpecificCredentials: [], IsTruncated: false };
  },
});

export const ListServerCertificates = operation<
  ListServerCertificatesCommandInput,
  ListServerCertificatesCommandOutput
>({
  access: everything('ListServerCertificates'),
  run: () => ({ ServerCertificateMetadataList: [], IsTruncated: false }),
});

export const GetAccountPasswordPolicy = operation<
  GetAccountPasswordPolicyCommandInput,
  GetAccountPasswordPolicyCommandOutput
>({
  access: everything('GetAccountPasswordPolicy'),
  run(ctx) {
    throw noSuchEntity(`The Password Policy with domain name ${ctx.account} cannot be found.`);
  },
});

export const ListServerCertificateTags = operation<
  ListServerCertificateTagsCommandInput,
  ListServerCertificateTagsCommandOutput
>({
  access: (ctx, { ServerCertificateName }) => ({
    action: 'iam:ListServerCertificateTags',
    resource: iamArn(ctx.account, 'server-certificate', '/', ServerCertificateName!),
  }),
  run(_ctx, { ServerCertificateName }) {
    throw noSuchEntity(`The Server Certificate with name ${ServerCertificateName} cannot be found.`);
  },
});

/** Root access of member accounts is not managed centrally: no organisation has switched it on. */
export const ListOrganizationsFeatures = operation<
  ListOrganizationsFeaturesCommandInput,
  ListOrganizationsFeaturesCommandOutput
>({
  access: everything('ListOrganizationsFeatures'),
  run(ctx) {
    const organization = ctx.state.get(accounts, cloudScope, ctx.account)?.organization;
    if (!organization)
      throw new AwsError('OrganizationNotFoundException', 'No organization is associated with your account.', 400);
    if (!organization.management)
      throw new AwsError(
        'AccountNotManagementOrDelegatedAdministratorException',
        'The account is not the management account or delegated administrator account for centralized root access.',
        400,
      );
    throw new AwsError(
      'ServiceAccessNotEnabledException',
      'Trusted access is not enabled for IAM in Organizations.',
      400,
    );
  },
});

/** The providers that IAM Identity Center made are those that its reserved roles trust: ARN, and when it was made. */
function samlProviders(ctx: CallContext): Map<string, number> {
  const providers = new Map<string, number>();
  for (const role of listIdentities(ctx, 'role')) {
    if (!role.path.startsWith('/aws-reserved/sso.amazonaws.com/')) continue;
    const [statement] = JSON.parse(role.assumeRolePolicyDocument).Statement as { Principal: { Federated?: string } }[];
    if (statement?.Principal.Federated) providers.set(statement.Principal.Federated, role.createDate);
  }
  return providers;
}

export const ListSAMLProviders = operation<ListSAMLProvidersCommandInput, ListSAMLProvidersCommandOutput>({
  access: everything('ListSAMLProviders'),
  run: (ctx) => ({
    SAMLProviderList: [...samlProviders(ctx)].map(([Arn, created]) => ({
      Arn,
      CreateDate: new Date(created),
      ValidUntil: new Date(created + 100 * 365 * 86_400_000),
    })),
  }),
});

/** Those of Identity Center have no tags. */
export const ListSAMLProviderTags = operation<ListSAMLProviderTagsCommandInput, ListSAMLProviderTagsCommandOutput>({
  access: (_ctx, { SAMLProviderArn }) => ({ action: 'iam:ListSAMLProviderTags', resource: SAMLProviderArn! }),
  run(ctx, { SAMLProviderArn }) {
    if (!samlProviders(ctx).has(SAMLProviderArn!))
      throw noSuchEntity(`SAML Provider with ARN ${SAMLProviderArn} not found.`);
    return { Tags: [], IsTruncated: false };
  },
});
