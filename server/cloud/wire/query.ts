import type { NormalizedSchema } from '@smithy/core/schema';
import { scalarFromText } from './scalars.ts';
import { membersOf } from './schemas.ts';
import { at, maxDepth, SerializationError } from './serialization-error.ts';

/** `a.b.1=x` as a tree: what the query protocols write. */
interface Node {
  text?: string;
  children: Map<string, Node>;
}

const maxParameters = 10_000;

/** Parses a form body (or query string) of the query protocols. */
export function parseForm(body: string): { action: string | undefined; version: string | undefined; root: Node } {
  const root: Node = { children: new Map() };
  let action: string | undefined;
  let version: string | undefined;
  let count = 0;
  for (const [key, value] of new URLSearchParams(body)) {
    if (++count > maxParameters) throw new SerializationError(`the request has more than ${maxParameters} parameters`);
    if (key === 'Action') action = value;
    else if (key === 'Version') version = value;
    else insert(root, key, value);
  }
  return { action, version, root };
}

function insert(root: Node, key: string, value: string): void {
  const parts = key.split('.');
  if (parts.length > maxDepth) throw new SerializationError(`${key.slice(0, 60)}: the parameter is nested too deeply`);
  let node = root;
  for (const part of parts) {
    let child = node.children.get(part);
    if (!child) node.children.set(part, (child = { children: new Map() }));
    node = child;
  }
  node.text = value;
}

/** Reads the form tree as a schema says. `ec2` writes lists flat and names with a capital. */
export function readQuery(schema: NormalizedSchema, node: Node, protocol: 'query' | 'ec2', path = ''): unknown {
  const isTree = schema.isStructSchema() || schema.isListSchema() || schema.isMapSchema();
  if (isTree ? node.text && node.children.size === 0 : node.text === undefined && node.children.size > 0)
    throw new SerializationError(`${path}: expected ${isTree ? 'a structure, a list or a map' : 'a text'}`);
  if (schema.isStructSchema()) {
    const out: Record<string, unknown> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      const name = nameOf(memberSchema, member, protocol);
      const child = node.children.get(name);
      if (!child) continue;
      const value = readQuery(memberSchema, child, protocol, at(path, name));
      if (value !== undefined) out[member] = value;
    }
    return out;
  }
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const flat = protocol === 'ec2' || schema.getMergedTraits().xmlFlattened;
    const itemName = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
    // An empty list is written as a bare `Name=`.
    const container = flat
      ? node
      : (node.children.get(itemName) ?? (node.children.size === 0 ? node : firstNumbered(node)));
    return numbered(container).map(([index, child]) => readQuery(item, child, protocol, at(path, index)));
  }
  if (schema.isMapSchema()) {
    const keyName = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
    const item = schema.getValueSchema();
    const valueName = (item.getMergedTraits().xmlName as string | undefined) ?? 'value';
    const container = schema.getMergedTraits().xmlFlattened ? node : (node.children.get('entry') ?? node);
    return Object.fromEntries(
      numbered(container).flatMap(([index, child]) => {
        const key = child.children.get(keyName)?.text;
        const value = child.children.get(valueName);
        return key === undefined || !value ? [] : [[key, readQuery(item, value, protocol, at(path, index))]];
      }),
    );
  }
  return node.text === undefined ? undefined : scalarFromText(schema, node.text, path, 'date-time');
}

/** What a member is called in a form. */
export function nameOf(schema: NormalizedSchema, member: string, protocol: 'query' | 'ec2'): string {
  const traits = schema.getMergedTraits();
  const xmlName = traits.xmlName as string | undefined;
  if (protocol === 'query') return xmlName ?? member;
  const ec2Name = traits.ec2QueryName as string | undefined;
  if (ec2Name) return ec2Name;
  const name = xmlName ?? member;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Some clients write the list's own item name differently; the numbered children count. */
function firstNumbered(node: Node): Node {
  for (const key of node.children.keys()) if (/^\d+$/.test(key)) return node;
  return node.children.values().next().value ?? node;
}

function numbered(node: Node): [string, Node][] {
  return [...node.children].filter(([key]) => /^\d{1,6}$/.test(key)).sort((a, b) => Number(a[0]) - Number(b[0]));
}
