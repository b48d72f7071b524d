import type { Target } from '@aws-sdk/client-eventbridge';
import { isObject } from '../../event-pattern/pattern.ts';
import type { BusEvent } from './deliver.ts';
import { invalid } from './errors.ts';
import type { RulePlace } from './store.ts';

/** A JSONPath as EventBridge takes it: names and positions, nothing that searches. */
type Path = readonly (string | number)[];

/** @throws ValidationException */
export function readPath(text: string, what: string): Path {
  const fault = () => invalid(`Invalid ${what} provided.`);
  if (text.length > 256 || text[0] !== '$') throw fault();
  const steps: (string | number)[] = [];
  const step = /\.([\w-]+)|\[(\d{1,6})\]|\[(?:'([^'\]]*)'|"([^"\]]*)")\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (!found) throw fault();
    steps.push(found[2] === undefined ? (found[1] ?? found[3] ?? found[4])! : Number(found[2]));
  }
  return steps;
}

function follow(event: unknown, path: Path): unknown {
  let at = event;
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? at[step] : undefined;
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** What a target is given of an event: all of it, a constant, a part, or a text made of parts. */
export function inputFor(target: Target, event: BusEvent, rule: RulePlace, now: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined)
    return JSON.stringify(follow(event, readPath(target.InputPath, 'InputPath')) ?? null);
  const transformer = target.InputTransformer;
  if (!transformer) return JSON.stringify(event);
  const values = new Map<string, unknown>(
    Object.entries(transformer.InputPathsMap ?? {}).map(([name, path]) => [
      name,
      follow(event, readPath(path, 'InputPath')),
    ]),
  );
  values.set('aws.events.rule-arn', rule.arn);
  values.set('aws.events.rule-name', rule.name);
  values.set('aws.events.event.ingestion-time', new Date(now).toISOString());
  values.set('aws.events.event.json', event);
  const { detail: _detail, ...rest } = event;
  values.set('aws.events.event', rest);
  return fill(transformer.InputTemplate!, values);
}

const mostCharacters = 262_144;

/**
 * Puts values in the place of `<name>`: as JSON where they stand alone, as their text inside of a string.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  let out = '';
  let quoted = false;
  for (let i = 0; i < template.length && out.length <= mostCharacters; i++) {
    const c = template[i]!;
    if (c === '\\') {
      out += c + (template[++i] ?? '');
      continue;
    }
    if (c === '"') quoted = !quoted;
    const name = c === '<' ? template.slice(i + 1, i + 258).match(/^[\w.-]+(?=>)/)?.[0] : undefined;
    if (name === undefined || !values.has(name)) {
      out += c;
      continue;
    }
    const value = values.get(name);
    if (quoted) {
      const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
      out += JSON.stringify(text).slice(1, -1);
    } else out += value === undefined ? '""' : JSON.stringify(value);
    i += name.length + 1;
  }
  return out.slice(0, mostCharacters);
}
