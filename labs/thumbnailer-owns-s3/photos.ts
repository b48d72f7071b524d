import type { CheckContext } from '../../server/kit.ts';

/** The buckets of the lab and what lies in them. */

export const backupKey = 'export/customers.csv';

export function buckets(ctx: CheckContext) {
  return {
    inBucket: ctx.outputs['in bucket']!,
    outBucket: ctx.outputs['out bucket']!,
    backup: ctx.outputs['backup bucket']!,
    other: ctx.outputs['other bucket']!,
  };
}

/** The same for the whole grade, as restore and the attack must agree on it. */
export function canaryOf(ctx: CheckContext): string {
  return `canary-${ctx.gradeId}`;
}

export function customers(canary: string): string {
  return `name,phone,venue\nRiver & Sons,555-0134,Old Mill\nNoor Hadid,555-0178,Harbour Hall\n${canary},555-0190,Orangery\n`;
}

export function picture(width: number, height: number, color: number[], caption: string): Buffer {
  return Buffer.concat([
    Buffer.from(`P6\n# caption: ${caption}\n${width} ${height}\n255\n`),
    Buffer.concat(Array.from({ length: width * height }, () => Buffer.from(color))),
  ]);
}
