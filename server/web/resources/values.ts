import { LearnerError } from '../../training/errors.ts';

/** A form's fields, read with checks. Every complaint names the field. */
export class Values {
  private readonly fields: Record<string, string>;

  constructor(fields: Record<string, string>) {
    this.fields = fields;
  }

  /** @throws LearnerError 422 when it is empty */
  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new LearnerError(422, `${name} is empty.`);
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.raw(name).trim();
    return value === '' ? undefined : value;
  }

  /** As typed, spaces and newlines included. */
  raw(name: string): string {
    return (Object.hasOwn(this.fields, name) ? this.fields[name]! : '').replaceAll('\r\n', '\n');
  }

  number(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isFinite(number)) throw new LearnerError(422, `${name} is not a number.`);
    return number;
  }

  flag(name: string): boolean {
    return this.raw(name) === 'on';
  }

  /** One item a line; commas separate too. */
  lines(name: string): string[] {
    return this.raw(name)
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  /** `NAME=value` lines. */
  pairs(name: string): Record<string, string> {
    const out: Record<string, string> = {};
    for (const line of this.raw(name).split('\n')) {
      if (line.trim() === '') continue;
      const equals = line.indexOf('=');
      if (equals <= 0) throw new LearnerError(422, `${name}: "${line.slice(0, 60)}" is not of the form NAME=value.`);
      out[line.slice(0, equals).trim()] = line.slice(equals + 1);
    }
    return out;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a document that the learner wrote
  json(name: string): any {
    try {
      return JSON.parse(this.raw(name));
    } catch (error) {
      throw new LearnerError(422, `${name} is not JSON: ${(error as Error).message}`);
    }
  }
}
