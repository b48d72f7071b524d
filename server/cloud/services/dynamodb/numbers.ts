import { validation } from './errors.ts';

/**
 * Numbers of DynamoDB: up to 38 significant digits, from 1E-130 to 9.9…E+125, exactly.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-data-types-number
 * The value is 0.digits × 10^exponent; zero has no digits.
 */
export interface Decimal {
  negative: boolean;
  /** Without zeros in front and behind. */
  digits: string;
  exponent: number;
}

const mostDigits = 38;
const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** @throws AwsError ValidationException for what is no number, or none that DynamoDB can hold */
export function parseNumber(text: string): Decimal {
  const trimmed = text.trim();
  const match = form.exec(trimmed);
  if (!match || `${match[2]}${match[3] ?? ''}` === '')
    throw validation(
      trimmed === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text.slice(0, 200)}`,
    );
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  return made(sign === '-', `${whole}${fraction}`, whole.length + Number(power));
}

function made(negative: boolean, all: string, exponent: number): Decimal {
  let start = 0;
  while (all[start] === '0') start++;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end--;
  const digits = all.slice(start, end);
  if (digits === '') return { negative: false, digits: '', exponent: 0 };
  if (digits.length > mostDigits) throw validation('Attempting to store more than 38 significant digits in a Number');
  const at = exponent - start;
  if (at > 126)
    throw validation('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (at < -129)
    throw validation('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  return { negative, digits, exponent: at };
}

/** The form in which DynamoDB answers numbers: plain digits, without an exponent. */
export function formatNumber({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

export const normaliseNumber = (text: string): string => formatNumber(parseNumber(text));

/** Negative, zero or positive, as `a` is below, equal to or above `b`. Both are in DynamoDB's own form. */
export function compareNumbers(a: string, b: string): number {
  const one = orderedNumber(a);
  const other = orderedNumber(b);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Exact sum (or difference) of two numbers in DynamoDB's own form. */
export function addNumbers(a: string, b: string, subtract = false): string {
  const one = parseNumber(a);
  const other = parseNumber(b);
  const scale = Math.min(one.exponent - one.digits.length, other.exponent - other.digits.length);
  const scaled = ({ negative, digits, exponent }: Decimal): bigint => {
    const value = BigInt(digits || '0') * 10n ** BigInt(exponent - digits.length - scale);
    return negative ? -value : value;
  };
  const sum = subtract ? scaled(one) - scaled(other) : scaled(one) + scaled(other);
  const text = (sum < 0n ? -sum : sum).toString();
  return formatNumber(made(sum < 0n, text, text.length + scale));
}

/** A text whose order is the order of the numbers: sort keys are kept under it. */
export function orderedNumber(text: string): string {
  const { negative, digits, exponent } = parseNumber(text);
  if (digits === '') return '5';
  const power = exponent + 200;
  if (!negative) return `6${String(power).padStart(3, '0')}${digits}`;
  const turned = [...digits].map((digit) => 9 - Number(digit)).join('');
  return `4${String(999 - power).padStart(3, '0')}${turned}g`;
}
