import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { carrierToken, settings } from './values.mjs';

const carrier = process.env.CARRIER_URL;

// Books one parcel with the carrier, and answers what the packing table prints:
// {"order": "B-17", "name": "Ada", "city": "Porto", "format": "small"}
export const handler = async (event) => {
  const format = await readFile(join(import.meta.dirname, 'formats', event.format ?? 'small'), 'utf8');
  const { sender, 'signing/key': key } = await settings();
  const booked = await book(event, await carrierToken()) ?? await book(event, await carrierToken(true));
  if (!booked) throw new Error('the carrier does not take our token');
  const values = { ...event, sender, tracking: booked.tracking };
  return {
    tracking: booked.tracking,
    label: format.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? ''),
    signature: createHmac('sha256', key).update(booked.tracking).digest('hex'),
  };
};

async function book({ order, city }, token) {
  const answer = await fetch(`${carrier}/parcels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ order, city }),
  });
  return answer.ok ? answer.json() : undefined;
}
