import { type CheckContext, codePowers, functionsOf, type Outcome, rolesRefuseOutsiders } from '../../../server/kit.ts';
import { ofBilling, ofOthers } from './questions.ts';

/** Code of the function, and of whatever functions there are, reaches nothing that billing does not use, and nobody else is it. */
export async function onlyItsResources(ctx: CheckContext): Promise<Outcome> {
  const functions = await functionsOf(ctx, { allVersions: true });
  const outsiders = rolesRefuseOutsiders(ctx, functions);
  return outsiders.passed ? codePowers(ctx, functions, ofOthers(ctx)) : outsiders;
}

/** On what billing uses, it makes the calls that billing makes, and where billing makes them. */
export const onlyItsCalls = async (ctx: CheckContext): Promise<Outcome> =>
  codePowers(ctx, await functionsOf(ctx, { allVersions: true }), ofBilling(ctx));
