import type { PolicyKind } from '../../cloud/policy/types.ts';
import { pretty } from '../format.ts';
import type { Aws } from './aws.ts';
import type { Action, Field, Form } from './types.ts';
import type { Values } from './values.ts';

/** Short words for the forms that many kinds have. */

export const field = (name: string, label: string, more: Partial<Field> = {}): Field => ({
  name,
  label,
  type: 'text',
  ...more,
});

export const hidden = (name: string, value: string): Field => ({ name, label: name, type: 'hidden', value });

export const choose = (
  name: string,
  label: string,
  values: (string | { value: string; label: string })[],
  more: Partial<Field> = {},
): Field => ({
  name,
  label,
  type: 'select',
  options: values.map((value) => (typeof value === 'string' ? { value, label: value || '(none)' } : value)),
  ...more,
});

export const tick = (name: string, label: string, on: boolean): Field => ({
  name,
  label,
  type: 'checkbox',
  value: on ? 'on' : '',
});

/** Boxes to tick, of which any number may be. What is chosen and not on offer is on offer too. */
export const several = (
  name: string,
  label: string,
  options: { value: string; label: string }[],
  chosen: string[],
): Field => ({
  name,
  label,
  type: 'many',
  options: [
    ...options,
    ...chosen.filter((id) => !options.some(({ value }) => value === id)).map((id) => ({ value: id, label: id })),
  ],
  value: chosen.join('\n'),
});

/** A button that removes. */
export const remove = (action: string, submit: string, fields: Field[] = [], confirm?: string): Form => ({
  action,
  submit,
  fields,
  danger: true,
  ...(confirm ? { confirm } : {}),
});

/** An editor for a JSON document. */
export function documentForm(options: {
  action: string;
  label: string;
  text: string | object | undefined;
  policy?: PolicyKind;
  fields?: Field[];
  command?: string;
  submit?: string;
  help?: string;
}): Form {
  return {
    action: options.action,
    submit: options.submit ?? 'Apply',
    fields: [
      ...(options.fields ?? []),
      {
        name: 'document',
        label: options.label,
        type: 'json',
        value: options.text === undefined ? '' : pretty(options.text),
        ...(options.policy ? { policy: options.policy } : {}),
        ...(options.help ? { help: options.help } : {}),
      },
    ],
    ...(options.command ? { command: options.command } : {}),
  };
}

/** IAM answers documents URL-encoded. */
export const decodeDocument = (text: string | undefined): string => {
  try {
    return pretty(decodeURIComponent(text ?? ''));
  } catch {
    return text ?? '';
  }
};

export const emptyPolicy = JSON.stringify(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [], Resource: [] }] },
  null,
  2,
);

/** An action that is one call. */
export const act =
  (service: string, operation: string, input: (id: string, values: Values, aws: Aws) => object): Action =>
  async (aws, id, values) => {
    await aws.call(service, operation, input(id, values, aws));
    return undefined;
  };

/** An action that is one call, after which the resource is gone. */
export const removal =
  (service: string, operation: string, input: (id: string) => object): Action =>
  async (aws, id) => {
    await aws.call(service, operation, input(id));
    return { gone: true };
  };

/** A date of the SDK, or milliseconds, as ISO 8601; '' for none. */
export const dateText = (value: Date | number | string | undefined): string =>
  value === undefined ? '' : new Date(value).toISOString();

/** `Key=value` tags' `Name`. */
export const nameTag = (tags: { Key?: string; Value?: string }[] | undefined): string =>
  tags?.find(({ Key }) => Key === 'Name')?.Value ?? '';
