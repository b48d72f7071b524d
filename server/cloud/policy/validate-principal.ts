import type { JsonNode } from './json-source.ts';
import type { Report } from './validate-report.ts';
import { STAGE } from './validate-report.ts';

/**
 * The Principal element. Whether the named user or role exists is for the operation that stores the policy to say.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

const AWS_PRINCIPAL =
  /^(?:\*|\d{12}|A(?:IDA|ROA)[A-Z0-9]{8,124}|arn:aws[a-z-]{0,16}:(?:iam|sts)::(?:\d{12}|cloudfront):(?:root|(?:user|role|assumed-role|federated-user)\/[^*?]{1,600}))$/;
const SERVICE_PRINCIPAL = /^[a-z0-9-]{1,64}(?:\.[a-z0-9-]{1,64}){1,6}$/;

/** Checks Principal or NotPrincipal. */
export function validatePrincipal(node: JsonNode, path: string, report: Report): void {
  if (node.kind === 'string') {
    if (node.value !== '*') invalid(node, path, `"${node.value}"`, report, 'a principal is "*" or an object');
    return;
  }
  if (node.kind !== 'object' || node.members.length === 0) {
    report.add(STAGE.syntax, node, path, 'Invalid principal in policy', 'a principal is "*" or an object');
    return;
  }
  for (const { key, at, value } of node.members) {
    const inner = `${path}.${key}`;
    const list = value.kind === 'array' ? value.items : [value];
    if (list.length === 0) invalid(value, inner, `"${key}":[]`, report, 'the list is empty');
    for (const one of list) {
      if (one.kind !== 'string') {
        report.add(STAGE.syntax, one, inner, 'Invalid principal in policy', 'a principal is a text');
      } else if (!valid(key, one.value)) {
        const detail = KINDS.has(key) ? explain(key, one.value) : `unknown kind of principal "${key}"`;
        invalid(KINDS.has(key) ? one : { at }, inner, `"${key}":"${one.value}"`, report, detail);
      }
    }
  }
}

const KINDS = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

function valid(kind: string, name: string): boolean {
  if (kind === 'AWS') return AWS_PRINCIPAL.test(name);
  if (kind === 'Service') return SERVICE_PRINCIPAL.test(name);
  if (kind === 'Federated') return name.length > 0 && name.length <= 2048;
  return kind === 'CanonicalUser' && /^[0-9a-f]{64}$/.test(name);
}

function explain(kind: string, name: string): string {
  if (kind !== 'AWS') return `"${name}" is no ${kind} principal`;
  const wildcard = name.includes('*') || name.includes('?');
  return wildcard ? 'a wildcard cannot match part of a principal name or ARN' : `"${name}" is no account, user or role`;
}

function invalid(node: { at: number }, path: string, shown: string, report: Report, detail: string): void {
  const message = report.kind === 'resource' ? 'Invalid principal in policy' : `Invalid principal in policy: ${shown}`;
  report.add(STAGE.format, node, path, message, detail);
}
