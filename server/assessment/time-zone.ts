const day = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Is this the name of a time zone (`Europe/Berlin`, `UTC`)? Bare offsets are none: they know no summer time. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/** `2026-12-01T09:00` as it is written in a form. Undefined for what is no date or time of day. */
export function parseLocal(text: string): number | undefined {
  const match = /^(20\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year, month, date, hour, minute] = match.slice(1).map(Number) as [number, number, number, number, number];
  const at = Date.UTC(year, month - 1, date, hour, minute);
  return new Date(at).toISOString().slice(0, 16) === text ? at : undefined;
}

/**
 * The moment when clocks in a zone show this date and time. Where clocks are put back and show it twice, the first time;
 * where they are put forward and never show it, as much later as they were put forward. So does iCalendar (RFC 5545, 3.3.5).
 * @throws RangeError for an unknown zone or no local time
 */
export function instantOf(local: string, zone: string): number {
  const wanted = parseLocal(local);
  if (wanted === undefined) throw new RangeError(`"${local}" is no local time`);
  const before = offsetAt(wanted - day, zone);
  const after = offsetAt(wanted + day, zone);
  const matching = [wanted - before, wanted - after].filter((at) => at + offsetAt(at, zone) === wanted);
  return matching.length ? Math.min(...matching) : wanted - before;
}

/** The date and time that clocks in a zone show: `2026-12-01T09:00`. */
export function localAt(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16);
}

function offsetAt(at: number, zone: string): number {
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  const shown = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return shown - Math.floor(at / 1000) * 1000;
}

function formatter(zone: string): Intl.DateTimeFormat {
  let known = formatters.get(zone);
  if (!known) {
    known = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, known);
  }
  return known;
}
