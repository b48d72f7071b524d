import type { TestEventPatternCommandInput, TestEventPatternCommandOutput } from '@aws-sdk/client-eventbridge';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { type CompiledPattern, compilePattern, isObject } from '../../event-pattern/pattern.ts';
import { PatternFault } from '../../event-pattern/rules.ts';
import { constraint, invalid } from './errors.ts';
import type { RuleRecord } from './store.ts';

const mostCharacters = 4_096;

/** @throws InvalidEventPatternException */
export function readPattern(text: string): CompiledPattern {
  if (text.length > mostCharacters)
    throw constraint('eventPattern', `${text.slice(0, 64)}…`, `have length less than or equal to ${mostCharacters}`);
  try {
    return compilePattern(JSON.parse(text), { largest: 5e9 });
  } catch (error) {
    if (error instanceof PatternFault) throw invalidPattern(error.message);
    if (error instanceof SyntaxError) throw invalidPattern('Invalid JSON');
    throw error;
  }
}

const invalidPattern = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

const compiled = new WeakMap<RuleRecord, CompiledPattern>();

/** Records never change, so that each is compiled once. A rule without a pattern matches nothing. */
export function matchesRule(rule: RuleRecord, event: Readonly<Record<string, unknown>>): boolean {
  if (rule.pattern === undefined) return false;
  let pattern = compiled.get(rule);
  if (!pattern) compiled.set(rule, (pattern = readPattern(rule.pattern)));
  return pattern.matches(event);
}

const mandatory = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
export const TestEventPattern = operation<TestEventPatternCommandInput, TestEventPatternCommandOutput>({
  access: () => ({ action: 'events:TestEventPattern', resource: '*' }),
  run(_ctx, input) {
    const pattern = readPattern(input.EventPattern ?? '');
    if (Buffer.byteLength(input.Event ?? '') > 262_144)
      throw invalid('Parameter Event is not valid. Reason: it is too large.');
    let event: unknown;
    try {
      event = JSON.parse(input.Event ?? '');
    } catch {
      throw invalid('Parameter Event is not valid.');
    }
    if (!isObject(event) || mandatory.some((member) => typeof (event as Record<string, unknown>)[member] !== 'string'))
      throw invalid('Parameter Event is not valid.');
    return { Result: pattern.matches(event) };
  },
});
