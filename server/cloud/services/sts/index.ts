import type { Service } from '../../context.ts';
import { AssumeRole } from './assume-role.ts';
import { GetAccessKeyInfo, GetCallerIdentity } from './caller-identity.ts';
import { GetFederationToken, GetSessionToken } from './tokens.ts';

export const sts: Service = {
  id: 'sts',
  operations: { AssumeRole, GetAccessKeyInfo, GetCallerIdentity, GetFederationToken, GetSessionToken },
};
