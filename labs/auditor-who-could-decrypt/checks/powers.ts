import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  byWhat,
  type CheckContext,
  fail,
  functionNames,
  functionWrites,
  type Guise,
  grantingPower,
  notePower,
  type Outcome,
  type Power,
  powerOver,
} from '../../../server/kit.ts';

/**
 * Who reads changes nothing by which they would learn more: no function and no right of anybody, and they rule over no key.
 * Undefined: so it is.
 */
export async function mayChange(ctx: CheckContext, guises: Guise[]): Promise<Outcome | undefined> {
  const power =
    powerOver(ctx, guises, functionNames(ctx), await functionWrites()) ??
    grantingPower(ctx, guises) ??
    (await powerOverKeys(ctx, guises));
  if (!power) return undefined;
  notePower(ctx, power);
  return fail(`${power.who} may call ${power.action} on ${power.resource}, allowed${byWhat(power.decision)}`);
}

async function powerOverKeys(ctx: CheckContext, guises: Guise[]): Promise<Power | undefined> {
  const { Keys = [] } = await ctx.admin().client(KMSClient).send(new ListKeysCommand({}));
  for (const { who, caller } of guises)
    for (const { KeyArn: KeyId } of Keys)
      for (const [operation, input] of [
        ['PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: '{}' }],
        ['CreateGrant', { KeyId, GranteePrincipal: caller.principal.arn, Operations: ['Decrypt'] }],
      ] as const) {
        const decision = ctx.cloud.probe(caller, 'kms', operation, input);
        if (decision.decision !== 'allowed') continue;
        return { who, action: decision.access.action, resource: decision.access.resource, decision, choice: {} };
      }
  return undefined;
}
