import { expect, test } from 'vitest';
import { readBackend } from '../server/backend-setting.ts';

const usual = 'http://127.0.0.1:4510';

test('names where attempts live', () => {
  expect(readBackend('embedded', usual, 4566)).toBeUndefined();
  expect(readBackend('localstack', usual, 4566)).toEqual({ name: 'localstack', endpoint: usual });
  expect(readBackend('localstack', 'http://localstack:4566', 4566)).toMatchObject({
    endpoint: 'http://localstack:4566',
  });
  expect(readBackend('ministack=http://127.0.0.1:4600/', usual, 4566)).toEqual({
    name: 'ministack',
    endpoint: 'http://127.0.0.1:4600',
  });
});

test.each([
  ['moto', 'none of embedded'],
  ['embedded=http://127.0.0.1:1', 'none of embedded'],
  ['Mini Stack=http://127.0.0.1:1', 'none of embedded'],
  ['a=ftp://127.0.0.1', 'more than scheme'],
  ['a=http://127.0.0.1:1/path', 'more than scheme'],
  ['a=http://me@127.0.0.1:1', 'more than scheme'],
  ['a=nonsense', 'no URL'],
  // Nothing is ever sent to AWS, nor anywhere that others can reach.
  ['aws=https://sts.us-east-1.amazonaws.com', 'neither this machine'],
  ['a=https://emulator.example.org', 'neither this machine'],
  ['a=http://8.8.8.8:4566', 'neither this machine'],
  ['a=http://172.32.0.1:4566', 'neither this machine'],
  ['a=http://[2001:db8::1]:4566', 'neither this machine'],
  ['a=http://localhost:4566', "this server's own"],
  ['a=http://127.0.0.1:4566', "this server's own"],
])('refuses %s', (text, because) => {
  expect(() => readBackend(text, usual, 4566)).toThrow(because);
});
