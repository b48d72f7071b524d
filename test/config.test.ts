import { describe, expect, test } from 'vitest';
import { readConfig } from '../server/config.ts';

const container = {
  BIND: '0.0.0.0',
  CONTAINER_PORTS: 'loopback',
  PUBLIC_URL: 'http://127.0.0.1:8080',
  AWS_PUBLIC_URL: 'http://127.0.0.1:4566',
};
const inside = (): boolean => true;
const outside = (): boolean => false;

describe('without accounts', () => {
  test('only loopback is listened on', () => {
    expect(readConfig({}, outside).host).toBe('127.0.0.1');
    expect(() => readConfig({ BIND: '0.0.0.0' }, outside)).toThrow('BIND=0.0.0.0 lets others in');
  });

  test('a container alone changes nothing: BIND=0.0.0.0 is refused there too', () => {
    const { CONTAINER_PORTS: _, ...silent } = container;
    expect(() => readConfig(silent, inside)).toThrow('BIND=0.0.0.0 lets others in');
  });
});

describe('CONTAINER_PORTS=loopback', () => {
  test('lets one learner listen on every address of a container', () => {
    const config = readConfig(container, inside);
    expect(config).toMatchObject({ host: '0.0.0.0', accounts: false, publicUrl: 'http://127.0.0.1:8080' });
  });

  test('is refused outside a container, whatever BIND is', () => {
    expect(() => readConfig(container, outside)).toThrow('is for containers, and this is none');
    expect(() => readConfig({ CONTAINER_PORTS: 'loopback' }, outside)).toThrow('is for containers');
  });

  test.each(['PUBLIC_URL', 'AWS_PUBLIC_URL'] as const)('needs %s, on loopback', (name) => {
    expect(() => readConfig({ ...container, [name]: '' }, inside)).toThrow(`needs ${name}`);
    expect(() => readConfig({ ...container, [name]: 'http://192.0.2.7:8080' }, inside)).toThrow(
      `${name}=http://192.0.2.7:8080 lets others in`,
    );
  });

  test('with accounts, other addresses are as good as without a container', () => {
    const settings = { ...container, ACCOUNTS: 'on', PUBLIC_URL: 'https://range.example.org' };
    expect(readConfig(settings, inside)).toMatchObject({ accounts: true, publicUrl: 'https://range.example.org' });
  });

  test('takes no other word', () => {
    expect(() => readConfig({ ...container, CONTAINER_PORTS: 'all' }, inside)).toThrow('CONTAINER_PORTS');
  });
});
