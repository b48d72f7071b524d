/** Who reaches whom in a VPC: what the rest of the cloud may use of it. */

export { awsPrefixLists, UNKNOWN_HOST } from './aws-addresses.ts';
export { formatAddress, isPrivate, parseAddress } from './cidr.ts';
export { awsTarget } from './names.ts';
export { namesResolve, reach } from './reach.ts';
export type * from './types.ts';
