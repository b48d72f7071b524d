import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

const sts = new STSClient({});
const tenants = process.env.TENANTS.split(',');

// Called by sign-in once it knows whose program is at the door: { "tenant": "polder" }.
export const handler = async ({ tenant }) => {
  if (!tenants.includes(tenant)) throw new Error('there is no such tenant');
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: process.env.TENANT_ROLE,
      RoleSessionName: tenant,
      Tags: [{ Key: 'tenant', Value: tenant }],
      DurationSeconds: 3600,
    }),
  );
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
};
