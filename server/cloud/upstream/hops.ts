import type { Cloud } from '../cloud.ts';
import type { Hops } from '../context.ts';
import { hex } from '../random.ts';
import { mergeHops } from '../services/lambda/recursion.ts';

/**
 * Follows chains of events through an endpoint that knows nothing of hops, so that loops end there too: what a call of a
 * function leaves in the endpoint is known again in the event that comes of it. By the trace's root, which LocalStack
 * passes through Lambda and SQS; by the object of a bucket; by a topic's message id.
 */
const kept = 5000;
/** Envelopes in envelopes: an object's event in a topic's message in a queue's. */
const deepest = 4;

type Known = Map<string, Hops>;

function knownOf(cloud: Cloud): Known {
  let known = cloud.memory.get('upstream.hops') as Known | undefined;
  if (!known) cloud.memory.set('upstream.hops', (known = new Map()));
  return known;
}

function keep(known: Known, key: string, hops: Hops): void {
  known.delete(key);
  known.set(key, hops);
  if (known.size > kept) known.delete(known.keys().next().value!);
}

/** The `X-Amzn-Trace-Id` for a call that functions led to. */
export function traceFor(cloud: Cloud, hops: Hops): string {
  const seconds = Math.floor(cloud.clock.now() / 1000);
  const root = `1-${seconds.toString(16).padStart(8, '0')}-${hex(cloud.random, 24)}`;
  keep(knownOf(cloud), root, hops);
  return `Root=${root};Parent=${hex(cloud.random, 16)};Sampled=0`;
}

interface Input {
  Bucket?: string;
  Key?: string;
  Delete?: { Objects?: readonly { Key?: string }[] };
}

interface Output {
  MessageId?: string;
  Successful?: readonly { MessageId?: string }[];
}

/**
 * Before a call is forwarded, as its event may come before its answer. Of calls without hops, too: an object that somebody
 * writes anew is no longer the function's.
 */
export function rememberInput(cloud: Cloud, input: object, hops: Hops | undefined): void {
  const { Bucket, Key, Delete } = input as Input;
  if (Bucket === undefined) return;
  const known = knownOf(cloud);
  for (const key of [Key, ...(Delete?.Objects ?? []).map((each) => each.Key)]) {
    if (key === undefined) continue;
    if (hops) keep(known, objectKey(Bucket, key), hops);
    else known.delete(objectKey(Bucket, key));
  }
}

/** When it was answered. */
export function rememberOutput(cloud: Cloud, output: object, hops: Hops): void {
  const { MessageId, Successful = [] } = output as Output;
  for (const id of [MessageId, ...Successful.map((each) => each.MessageId)])
    if (id !== undefined) keep(knownOf(cloud), id, hops);
}

const objectKey = (bucket: string, key: string): string => `${bucket}/${key}`;

/** The hops of what led to an event; undefined where no function did. */
export function hopsOf(cloud: Cloud, traceId: string | undefined, event: Buffer): Hops | undefined {
  const known = knownOf(cloud);
  if (known.size === 0) return undefined;
  const keys = new Set<string>();
  addRoot(keys, traceId);
  addKeys(keys, parsed(event.toString()), deepest);
  return mergeHops([...keys].map((key) => known.get(key)));
}

function addRoot(keys: Set<string>, traceId: unknown): void {
  const root = typeof traceId === 'string' ? /(?:^|;)Root=([^;]+)/.exec(traceId)?.[1] : undefined;
  if (root !== undefined) keys.add(root);
}

interface Envelope {
  Records?: unknown;
  /** SQS: in an event and in what it carries of a topic. */
  messageId?: unknown;
  attributes?: { AWSTraceHeader?: unknown };
  body?: unknown;
  /** SNS. */
  Sns?: unknown;
  MessageId?: unknown;
  Message?: unknown;
  s3?: { bucket?: { name?: unknown }; object?: { key?: unknown } };
}

function addKeys(keys: Set<string>, value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  const { Records, messageId, attributes, body, Sns, MessageId, Message, s3 } = value as Envelope;
  if (Array.isArray(Records)) for (const record of Records) addKeys(keys, record, depth);
  for (const id of [messageId, MessageId]) if (typeof id === 'string') keys.add(id);
  addRoot(keys, attributes?.AWSTraceHeader);
  addKeys(keys, Sns, depth);
  for (const inner of [body, Message]) if (typeof inner === 'string') addKeys(keys, parsed(inner), depth - 1);
  const { name } = s3?.bucket ?? {};
  const { key } = s3?.object ?? {};
  if (typeof name === 'string' && typeof key === 'string') keys.add(objectKey(name, decoded(key)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keys in events are written as in a form. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}
