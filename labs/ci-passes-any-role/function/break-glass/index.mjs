import { AttachUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';

const iam = new IAMClient({});

// For nights when single sign-on is down: makes a user an administrator. { user, reason }
export const handler = async ({ user, reason }) => {
  await iam.send(new AttachUserPolicyCommand({ UserName: user, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
  console.log(JSON.stringify({ promoted: user, reason }));
  return { promoted: user };
};
