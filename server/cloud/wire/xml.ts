import { parseXML } from '@aws-sdk/xml-builder';
import type { NormalizedSchema } from '@smithy/core/schema';
import { asDate } from './json.ts';
import { scalarFromText } from './scalars.ts';
import { formatTimestamp, membersOf, timestampFormat } from './schemas.ts';
import { at, malformedXml, maxDepth, SerializationError } from './serialization-error.ts';

/** Text for element content and attribute values. Characters that XML 1.0 cannot hold are written as references, as S3 does. */
export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\u0085\u2028]/g,
    (character) => named[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Writes the members of a structure as elements, without the element of the structure itself. */
export function writeXmlMembers(schema: NormalizedSchema, value: Record<string, unknown>): string {
  let out = '';
  for (const [member, memberSchema] of membersOf(schema)) {
    const traits = memberSchema.getMergedTraits();
    if (
      traits.xmlAttribute ||
      traits.httpHeader ||
      traits.httpPrefixHeaders ||
      traits.httpResponseCode ||
      traits.httpPayload
    )
      continue;
    out += writeXml(memberSchema, value[member], (traits.xmlName as string | undefined) ?? member);
  }
  return out;
}

/** Writes one value as an element `name` (several, for a flattened list). */
export function writeXml(schema: NormalizedSchema, value: unknown, name: string): string {
  if (value === null || value === undefined) return '';
  const traits = schema.getMergedTraits();
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const list = value as unknown[];
    if (traits.xmlFlattened) return list.map((element) => writeXml(item, element, name)).join('');
    const itemName = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
    return `<${name}>${list.map((element) => writeXml(item, element, itemName)).join('')}</${name}>`;
  }
  if (schema.isMapSchema()) {
    const keyName = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
    const item = schema.getValueSchema();
    const valueName = (item.getMergedTraits().xmlName as string | undefined) ?? 'value';
    const entries = Object.entries(value as object).map(
      ([key, element]) => `<${keyName}>${escapeXml(key)}</${keyName}>${writeXml(item, element, valueName)}`,
    );
    if (traits.xmlFlattened) return entries.map((entry) => `<${name}>${entry}</${name}>`).join('');
    return `<${name}>${entries.map((entry) => `<entry>${entry}</entry>`).join('')}</${name}>`;
  }
  if (schema.isStructSchema())
    return `<${name}${attributes(schema, value as Record<string, unknown>)}>${writeXmlMembers(schema, value as Record<string, unknown>)}</${name}>`;
  return `<${name}>${escapeXml(textOf(schema, value, 'date-time'))}</${name}>`;
}

/** A scalar as text. */
export function textOf(
  schema: NormalizedSchema,
  value: unknown,
  dates: 'date-time' | 'http-date' | 'epoch-seconds',
): string {
  if (schema.isTimestampSchema()) {
    const format = timestampFormat(schema, dates);
    const date = asDate(value);
    // S3 and the query services always write milliseconds.
    return format === 'date-time' ? date.toISOString() : String(formatTimestamp(date, format));
  }
  if (schema.isBlobSchema() && typeof value !== 'string') return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}

function attributes(schema: NormalizedSchema, value: Record<string, unknown>): string {
  let out = '';
  for (const [member, memberSchema] of membersOf(schema)) {
    const traits = memberSchema.getMergedTraits();
    if (!traits.xmlAttribute || value[member] === undefined) continue;
    const name = (traits.xmlName as string | undefined) ?? member;
    if (name.startsWith('xsi:')) out += ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    out += ` ${name}="${escapeXml(String(value[member]))}"`;
  }
  return out;
}

/** Reads an element as a schema says. */
export function readXml(schema: NormalizedSchema, element: XmlElement, path = '', depth = 0): unknown {
  if (depth > maxDepth) throw new SerializationError(`${path}: the document is nested too deeply`);
  if (schema.isStructSchema()) {
    const out: Record<string, unknown> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      const traits = memberSchema.getMergedTraits();
      const name = (traits.xmlName as string | undefined) ?? member;
      const children = childrenOf(element, name);
      if (children.length === 0) continue;
      if (traits.xmlFlattened && memberSchema.isListSchema())
        out[member] = children.map((child, i) =>
          readXml(memberSchema.getValueSchema(), child, at(path, `${name}.${i + 1}`), depth + 1),
        );
      else if (traits.xmlFlattened && memberSchema.isMapSchema())
        out[member] = readEntries(memberSchema, children, at(path, name), depth);
      else out[member] = readXml(memberSchema, children[0]!, at(path, name), depth + 1);
    }
    return out;
  }
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const itemName = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
    return childrenOf(element, itemName).map((child, i) => readXml(item, child, at(path, i + 1), depth + 1));
  }
  if (schema.isMapSchema()) return readEntries(schema, childrenOf(element, 'entry'), path, depth);
  const text = textIn(element);
  return scalarFromText(schema, schema.isStringSchema() ? text : text.trim(), path, 'date-time');
}

function readEntries(
  schema: NormalizedSchema,
  entries: XmlElement[],
  path: string,
  depth: number,
): Record<string, unknown> {
  const keyName = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
  const item = schema.getValueSchema();
  const valueName = (item.getMergedTraits().xmlName as string | undefined) ?? 'value';
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const key = childrenOf(entry, keyName)[0];
      const value = childrenOf(entry, valueName)[0];
      if (key === undefined || value === undefined) return [];
      return [[textIn(key), readXml(item, value, at(path, textIn(key)), depth + 1)]];
    }),
  );
}

/** What the SDK's parser makes of an element: text, or members (elements and attributes alike) with its own text in `#text`. */
export type XmlElement = string | { [name: string]: XmlElement | XmlElement[] };

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  if (typeof element === 'string' || !Object.hasOwn(element, name)) return [];
  const found = element[name]!;
  return Array.isArray(found) ? found : [found];
}

function textIn(element: XmlElement): string {
  if (typeof element === 'string') return element;
  const text = element['#text'];
  return typeof text === 'string' ? text : '';
}

/** Parses a document whose root element has one of these names, and returns it. External entities do not exist for this parser; depth is bounded before. */
export function parseXmlDocument(text: string, roots: readonly (string | undefined)[]): XmlElement {
  let depth = 0;
  for (let i = text.indexOf('<'); i >= 0; i = text.indexOf('<', i + 1)) {
    if (text[i + 1] === '/') depth--;
    else if (text[i + 1] !== '?' && text[i + 1] !== '!' && ++depth > maxDepth * 64) throw malformedXml();
  }
  try {
    const [root] = Object.entries(parseXML(text) as Record<string, XmlElement>);
    // A prefix names a namespace: `<s3:Tagging xmlns:s3="…">`.
    if (root && roots.includes(root[0].slice(root[0].indexOf(':') + 1))) return root[1];
  } catch {
    throw malformedXml();
  }
  throw malformedXml();
}
