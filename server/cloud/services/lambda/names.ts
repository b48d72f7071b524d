import type { Scope } from '../../state/table.ts';
import { invalidParameter, notFound, validation } from './errors.ts';

/** A function as a request names it: by name, partial ARN or ARN, with or without a version or alias. */
export interface Target extends Scope {
  name: string;
  /** A version number, `$LATEST` or an alias; undefined where the request names none. */
  qualifier: string | undefined;
  /** `arn:aws:lambda:us-east-1:111122223333:function:payroll` */
  functionArn: string;
  /** The ARN that policies are asked about: with the qualifier where the request names one. */
  arn: string;
}

const rule =
  'Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';
// Anchored, with no repetition inside another one: linear. Source of the form: the API model's FunctionName.
const form =
  /^(?:arn:aws:lambda:)?(?:([a-z]{2}(?:-gov)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9_-]{1,140})(?::(\$LATEST|[a-zA-Z0-9_-]{1,128}))?$/;

/**
 * Reads FunctionName and Qualifier. Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 * @throws AwsError ValidationException, InvalidParameterValueException, ResourceNotFoundException for another region
 */
export function functionTarget(caller: Scope, functionName: string, qualifier?: string): Target {
  const match = functionName.length <= 170 ? form.exec(functionName) : null;
  if (!match) throw validation(functionName, 'functionName', rule);
  const [, region = caller.region, account = caller.account, name = '', inName] = match;
  if (name.length > 64) throw validation(name, 'functionName', 'Member must have length less than or equal to 64');
  if (region !== caller.region)
    throw notFound(`Functions from '${region}' are not reachable in this region ('${caller.region}')`);
  if (qualifier !== undefined && !/^(?:\$LATEST|[a-zA-Z0-9_-]{1,128})$/.test(qualifier))
    throw validation(qualifier, 'qualifier', 'Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)');
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier)
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  const used = inName ?? qualifier;
  const functionArn = arnOf({ account, region }, name);
  return { account, region, name, qualifier: used, functionArn, arn: used ? `${functionArn}:${used}` : functionArn };
}

export function arnOf(scope: Scope, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${scope.region}:${scope.account}:function:${name}`;
  return qualifier ? `${arn}:${qualifier}` : arn;
}

/** `my-function` of a FunctionName in any form, for messages that only know the text. */
export const isVersion = (qualifier: string): boolean => qualifier === '$LATEST' || /^[0-9]+$/.test(qualifier);
