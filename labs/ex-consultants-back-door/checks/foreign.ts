import {
  byResource,
  type CheckContext,
  type ForeignQuestion,
  fail,
  foreignPower,
  functionQuestions,
  layerQuestions,
  type Outcome,
  pass,
  trustQuestions,
} from '../../../server/kit.ts';
import { functionName, layerName, partnerRole } from '../freight.ts';

/** Functions with their versions and aliases: the partner may have prices. */
export const functionsStayHere = async (ctx: CheckContext): Promise<Outcome> =>
  onlyThePartner(ctx, await functionQuestions(ctx), ({ action, resource }) => {
    const [, , , , , , name] = resource.split(':');
    return action === 'lambda:InvokeFunction' && name === functionName;
  });

/** Layers with all their versions: the partner builds with one of them. */
export const layersStayHere = async (ctx: CheckContext): Promise<Outcome> =>
  onlyThePartner(
    ctx,
    await layerQuestions(ctx),
    ({ action, resource }) => action === 'lambda:GetLayerVersion' && resource.split(':')[6] === layerName,
  );

/** Roles: the partner takes on one of them. */
export const rolesStayHere = async (ctx: CheckContext): Promise<Outcome> =>
  onlyThePartner(ctx, trustQuestions(ctx), ({ resource }) => resource.endsWith(`:role/${partnerRole}`));

function onlyThePartner(
  ctx: CheckContext,
  questions: ForeignQuestion[],
  partners: (access: ForeignQuestion['access']) => boolean,
): Outcome {
  const partner = ctx.account('partner').id;
  const consultants = ctx.account('attacker').id;
  const found = foreignPower(ctx, questions, (account, access) => account === partner && partners(access));
  const asked = new Set(questions.map(({ what }) => what)).size;
  if (!found) {
    ctx.note(`${questions.length} calls on ${asked} resources, by other accounts`, 'denied');
    return pass(`none of ${asked} policies lets in an account that has no business here`);
  }
  const { what, access, decision } = found;
  const who =
    found.account === consultants
      ? `the consultants' account ${consultants}`
      : found.account === partner
        ? `the partner's account ${partner}`
        : found.who;
  ctx.note(`${who}: ${access.action} on ${access.resource}`, 'succeeded', decision.because);
  return fail(`${what} lets ${who} call ${access.action}${byResource(decision)}`);
}
