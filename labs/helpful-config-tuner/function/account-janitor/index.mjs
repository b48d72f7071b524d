import { DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand, ListUsersCommand } from '@aws-sdk/client-iam';

const iam = new IAMClient({});

// Every night: deletes access keys that somebody has switched off.
export const handler = async () => {
  let deleted = 0;
  for (const { UserName } of (await iam.send(new ListUsersCommand({}))).Users ?? [])
    for (const { AccessKeyId, Status } of (await iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata ?? []) {
      if (Status !== 'Inactive') continue;
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      deleted++;
    }
  return { deleted };
};
