import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, type GivenSession, givenSession, type ItemOwner, type Row } from '../../server/kit.ts';

/** The tenants, what they booked, and how their programs get credentials. */

export const tenants = ['harbour', 'harbour-cold', 'polder'] as const;
export type Tenant = (typeof tenants)[number];

/** Also drives for others: bookings of other tenants name it as carrier. */
export const carrier: Tenant = 'polder';

export const broker = 'session-broker';
export const byDay = 'by-day';
export const byCarrier = 'by-carrier';

const carriers: Record<Tenant, string> = { harbour: carrier, 'harbour-cold': carrier, polder: 'northline' };

/** One booking of a tenant, the one that others would like to see. */
export function bookingOf(tenant: Tenant, gradeId: string) {
  return {
    tenant,
    booking: `b-${gradeId.slice(0, 6)}-1`,
    day: '2026-12-02',
    carrier: carriers[tenant],
    goods: 'pallets',
    price: 480,
    note: noteOf(tenant, gradeId),
  };
}

/** What no other tenant may see: of the grade, the same wherever it is looked for. */
export const noteOf = (tenant: Tenant, gradeId: string): string => `note-${gradeId.slice(6)}-for-${tenant}-only`;

export function bookings(gradeId: string): Row[] {
  return tenants.flatMap((tenant) => [
    bookingOf(tenant, gradeId),
    {
      ...bookingOf(tenant, gradeId),
      booking: `b-${gradeId.slice(0, 6)}-2`,
      day: '2026-12-03',
      goods: 'barrels',
      price: 95,
    },
  ]);
}

export const tableOf = (ctx: CheckContext): string => ctx.outputs.table!;

export const ownerOf = (ctx: CheckContext, tenant: Tenant): ItemOwner => ({
  table: tableOf(ctx),
  own: [tenant],
  foreign: tenants.filter((each) => each !== tenant),
  foreignIndexes: [byCarrier],
});

/** Credentials as sign-in gets them for a tenant's program; else what went wrong, as the end of a sentence. */
export async function sessionOf(ctx: CheckContext, tenant: Tenant): Promise<GivenSession | string> {
  const asked = await ctx.attempt(() =>
    ctx
      .user('sign-in')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: broker, Payload: Buffer.from(JSON.stringify({ tenant })) })),
  );
  if (!asked.ok) return `sign-in cannot call ${broker}: ${asked.code}`;
  const said = Buffer.from(asked.value.Payload ?? []).toString();
  if (asked.value.FunctionError) return `${broker} fails for ${tenant}: ${said.slice(0, 200)}`;
  return sessionIn(ctx, `the session of ${tenant}`, said) ?? `${broker} answers no credentials for ${tenant}`;
}

/** The session in an answer; undefined where there is none. */
export function sessionIn(ctx: CheckContext, who: string, answer: string): GivenSession | undefined {
  let given: unknown;
  try {
    given = JSON.parse(answer);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken } = given as Record<string, unknown>;
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') return undefined;
  return givenSession(ctx, who, {
    accessKeyId,
    secretAccessKey,
    ...(typeof sessionToken === 'string' ? { sessionToken } : {}),
  });
}
