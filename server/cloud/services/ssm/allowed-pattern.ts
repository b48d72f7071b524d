import { AwsError } from '../../errors.ts';
import { compilePattern, PatternError } from './pattern.ts';

/** @throws AwsError InvalidAllowedPatternException for what is no pattern, ParameterPatternMismatchException for a value against it */
export function checkAllowedPattern(pattern: string, value: string): void {
  let matches: (text: string) => boolean;
  try {
    matches = compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AwsError(
      'InvalidAllowedPatternException',
      `The request doesn't meet the regular expression requirement: ${error.message}`,
    );
  }
  if (!matches(value))
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
}
