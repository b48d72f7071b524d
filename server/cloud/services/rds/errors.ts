import { AwsError } from '../../errors.ts';

/** RDS's refusals. Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html and each operation's. */
export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const invalidCombination = (message: string): AwsError => new AwsError('InvalidParameterCombination', message);
export const clusterNotFound = (id: string): AwsError =>
  new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
export const invalidClusterState = (message: string): AwsError => new AwsError('InvalidDBClusterStateFault', message);

/** Identifiers: a letter first, letters, digits and single hyphens, at most 63 characters. They are kept in lower case. */
export function readIdentifier(text: string, parameter: string): string {
  if (!/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/.test(text) || text.endsWith('-') || text.includes('--'))
    throw invalidValue(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  return text.toLowerCase();
}
