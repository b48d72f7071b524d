import {
  type CheckContext,
  callableBy,
  codePowers,
  type FoundFunction,
  fail,
  functionsOf,
  type Outcome,
  pass,
  rolesRefuseOutsiders,
} from '../../../server/kit.ts';
import { type FunctionName, functionNames, jobs } from '../shop.ts';
import { forbidden } from './questions.ts';

const baseName = ({ arn }: FoundFunction): string => arn.split(':')[6]!;

/** Code of this function, and of whatever functions it may call, has what the job needs and nothing else. */
export async function doesOnlyItsJob(ctx: CheckContext, name: FunctionName): Promise<Outcome> {
  const all = await functionsOf(ctx, { allVersions: true });
  const mine = all.filter((found) => baseName(found) === name);
  const others = all.filter((found) => !functionNames.some((known) => known === baseName(found)));
  return codePowers(ctx, [...mine, ...(await callableBy(ctx, mine, others))], forbidden(ctx, jobs[name]));
}

/** Functions have a role each, nobody outside takes one of them, and a function that was added has no more than one job. */
export async function aRoleEach(ctx: CheckContext): Promise<Outcome> {
  const all = await functionsOf(ctx, { allVersions: true });
  const users = new Map<string, FoundFunction>();
  for (const found of all) {
    const other = users.get(found.roleArn);
    if (other && baseName(other) !== baseName(found))
      return fail(`${found.name} and ${other.name} share the role ${found.roleArn.split('/').at(-1)}`);
    users.set(found.roleArn, found);
  }
  const outsiders = rolesRefuseOutsiders(ctx, all);
  if (!outsiders.passed) return outsiders;
  for (const found of all.filter((each) => !functionNames.some((name) => name === baseName(each)))) {
    const outcomes: Outcome[] = [];
    for (const job of Object.values(jobs)) outcomes.push(await codePowers(ctx, [found], forbidden(ctx, job)));
    if (!outcomes.some(({ passed }) => passed))
      return fail(`${found.name} has more than any one of the three jobs needs: ${outcomes[0]!.because}`);
  }
  return pass(`each of ${new Set(all.map(baseName)).size} functions has a role of its own`);
}
