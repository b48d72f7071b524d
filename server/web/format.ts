/** How values read on pages. */

/** `447100982310` → `4471 0098 2310` */
export function accountId(id: string): string {
  return id.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1 $2 $3');
}

/** ISO 8601, for `datetime` attributes and hover. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `14:03:22` in UTC. */
export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** `12 minutes`, `3 hours`, `just now`: the browser keeps it current. */
export function relative(ms: number, now = Date.now()): string {
  const seconds = Math.round((now - ms) / 1000);
  if (seconds < 45) return 'just now';
  const [amount, unit] =
    seconds < 2700
      ? [Math.max(1, Math.round(seconds / 60)), 'minute']
      : seconds < 79_200
        ? [Math.round(seconds / 3600) || 1, 'hour']
        : [Math.round(seconds / 86_400) || 1, 'day'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'} ago`;
}

/** `12:40` or `1:02:05` for a time that runs. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':');
}

/** `1 check`, `7 checks` */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** `arn:aws:sts::1:assumed-role/role/session` → `role/session`; other texts as they are. */
export function shortArn(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  if (!resource) return arn;
  return resource
    .replace(/^(?:assumed-role|role|user)\//, '')
    .replace(/^aws-reserved\/sso\.amazonaws\.com\//, '')
    .replace(/^AWSReservedSSO_([A-Za-z]+)_[0-9a-f]+/, '$1');
}

/** JSON with two spaces; text that is not JSON as it is. */
export function pretty(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? '';
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

/** Text as part of an element's id. */
export function slug(text: string): string {
  return (
    text
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase() || 'x'
  );
}

/** Bytes as people read them. */
export function bytes(size: number): string {
  return size < 1024
    ? `${size} B`
    : size < 1_048_576
      ? `${(size / 1024).toFixed(1)} KB`
      : `${(size / 1_048_576).toFixed(1)} MB`;
}

export const encode = encodeURIComponent;
