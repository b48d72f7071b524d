import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { writeJson } from './json.ts';
import { membersOf } from './schemas.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const text = (value: string) => ({ type: 'string' as const, value });

/** Whether a member is a stream of events: https://smithy.io/2.0/spec/streaming.html#event-streams */
export const isEventStream = (schema: NormalizedSchema): boolean =>
  schema.isStructSchema() && schema.getMergedTraits().streaming !== undefined;

/**
 * The body of an event stream, whole. Each event is an object with one member, the event's name.
 * Format: https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeEventStream(union: NormalizedSchema, events: readonly Record<string, unknown>[]): Buffer {
  const schemas = new Map([...membersOf(union)].map(([name, schema]) => [name, schema]));
  return Buffer.concat(
    events.flatMap((event) =>
      Object.entries(event).map(([name, value]) => {
        const schema = schemas.get(name)!;
        const payload = [...membersOf(schema)].find(([, member]) => member.getMergedTraits().eventPayload);
        const raw = payload && (value as Record<string, Uint8Array>)[payload[0]];
        const type = raw ? 'application/octet-stream' : 'application/json';
        return codec.encode({
          headers: { ':message-type': text('event'), ':event-type': text(name), ':content-type': text(type) },
          body: raw ?? Buffer.from(JSON.stringify(writeJson(schema, value, 'jsonName'))),
        });
      }),
    ),
  );
}
