import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { hopsOf, rememberInput, rememberOutput, traceFor } from '../../../server/cloud/upstream/hops.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';

let cloud: Cloud;
beforeEach(() => {
  ({ cloud } = createTestCloud());
});

const echo = `arn:aws:lambda:us-east-1:${OWN}:function:echo`;
const once = { [echo]: 1 };
const twice = { [echo]: 2 };

const found = (event: unknown, traceId?: string) => hopsOf(cloud, traceId, Buffer.from(JSON.stringify(event)));
const objectEvent = (key: string, bucket = 'inbox') => ({
  Records: [{ eventSource: 'aws:s3', s3: { bucket: { name: bucket }, object: { key } } }],
});
const topicEnvelope = (message: unknown, MessageId = 'another') => ({
  Type: 'Notification',
  MessageId,
  Message: typeof message === 'string' ? message : JSON.stringify(message),
});
const queueEvent = (body: unknown, more: object = {}) => ({
  Records: [{ messageId: 'a-message', body: typeof body === 'string' ? body : JSON.stringify(body), ...more }],
});

describe('hops through an endpoint', () => {
  it('are known again by the trace of the call', () => {
    const trace = traceFor(cloud, twice);
    expect(trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(found({}, trace)).toEqual(twice);
    expect(found({}, trace.replace('Sampled=0', 'Sampled=1;Lineage=1:2:3'))).toEqual(twice);
    expect(found({}, 'Root=1-00000000-000000000000000000000000;Parent=0000000000000000')).toBeUndefined();
  });

  it('are known again by the trace that a message carries', () => {
    expect(found(queueEvent('x', { attributes: { AWSTraceHeader: traceFor(cloud, once) } }))).toEqual(once);
  });

  it.each<[string, (event: object) => object]>([
    ['itself', (event) => event],
    ['in a queue’s message', (event) => queueEvent(event)],
    ['in a topic’s', (event) => ({ Records: [{ Sns: topicEnvelope(event) }] })],
    ['in a topic’s in a queue’s', (event) => queueEvent(topicEnvelope(event))],
  ])('are known again by the object of an event, %s', (_, wrap) => {
    rememberInput(cloud, { Bucket: 'inbox', Key: 'in/a b+ü.txt' }, once);
    expect(found(wrap(objectEvent('in/a+b%2B%C3%BC.txt')))).toEqual(once);
    expect(found(wrap(objectEvent('in/another.txt')))).toBeUndefined();
    expect(found(wrap(objectEvent('in/a+b%2B%C3%BC.txt', 'outbox')))).toBeUndefined();
  });

  it('are those of each object that one call deletes', () => {
    rememberInput(cloud, { Bucket: 'inbox', Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }] } }, once);
    expect([found(objectEvent('a')), found(objectEvent('b')), found(objectEvent('c'))]).toEqual([
      once,
      once,
      undefined,
    ]);
  });

  it('end with an object that somebody else writes', () => {
    rememberInput(cloud, { Bucket: 'inbox', Key: 'a' }, once);
    rememberInput(cloud, { Bucket: 'inbox', Key: 'a' }, undefined);
    expect(found(objectEvent('a'))).toBeUndefined();
  });

  it('are known again by the id of a topic’s message', () => {
    rememberOutput(cloud, { MessageId: 'one' }, once);
    rememberOutput(cloud, { Successful: [{ MessageId: 'two' }, { MessageId: 'three' }] }, twice);
    expect(found({ Records: [{ Sns: topicEnvelope('text', 'one') }] })).toEqual(once);
    expect(found(queueEvent(topicEnvelope('text', 'three')))).toEqual(twice);
  });

  it('are the most of all messages that come together', () => {
    rememberOutput(cloud, { MessageId: 'one' }, { ...twice, other: 1 });
    rememberOutput(cloud, { MessageId: 'two' }, { ...once, other: 3 });
    expect(found({ Records: [{ messageId: 'one' }, { messageId: 'two' }] })).toEqual({ ...twice, other: 3 });
  });

  it('are none for events of any other form', () => {
    rememberOutput(cloud, { MessageId: 'one' }, once);
    for (const event of [null, 1, 'one', [], { Records: 1 }, { Records: [null, 1, { s3: {} }] }, { body: '{' }])
      expect(found(event)).toBeUndefined();
    expect(found(objectEvent('%'))).toBeUndefined();
    expect(hopsOf(cloud, undefined, Buffer.from('{'))).toBeUndefined();
  });

  it('are bounded in number and in depth', () => {
    rememberOutput(cloud, { MessageId: 'first' }, once);
    for (let i = 0; i < 5000; i++) rememberOutput(cloud, { MessageId: `${i}` }, twice);
    expect([found({ messageId: 'first' }), found({ messageId: '0' })]).toEqual([undefined, twice]);
    let event: object = { messageId: '0' };
    for (let i = 0; i < 10; i++) event = topicEnvelope(event);
    expect(found(event)).toBeUndefined();
  });
});
