import { AwsError } from '../../errors.ts';
import { invalid } from './store.ts';

const RULES =
  'can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/**
 * @throws AwsError for a name that PutParameter does not take
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_./-]+$/.test(name)) throw invalid(`Parameter name: ${RULES}`);
  if (name.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  const first = (name.startsWith('/') ? name.slice(1) : name).toLowerCase();
  if (first === 'aws' || first.startsWith(name.startsWith('/') ? 'aws/' : 'aws'))
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (first.startsWith('ssm') || name.endsWith('/') || name.includes('//')) throw invalid(`Parameter name: ${RULES}`);
  const levels = name.split('/').length - (name.startsWith('/') ? 1 : 0);
  if (levels > 15)
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `Hierarchies can have a maximum of 15 levels. Parameter name ${name} has ${levels}.`,
    );
  if (name.length > 1011) throw invalid('The parameter name is too long.');
}

const PATH_RULES =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

/** @throws AwsError for what is no path */
export function checkPath(path: string): void {
  if (!/^\/[a-zA-Z0-9_./-]*$/.test(path) || path.includes('//')) throw invalid(PATH_RULES);
}
