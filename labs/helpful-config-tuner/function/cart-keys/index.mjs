import { CreateAccessKeyCommand, DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';

const iam = new IAMClient({});
const UserName = process.env.USER_NAME;

// Every month: a new access key for the cart's user in the old warehouse system, and the old one goes.
export const handler = async () => {
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of AccessKeyMetadata ?? []) await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { created: AccessKey.AccessKeyId };
};
