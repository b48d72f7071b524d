import type { CallContext } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import { lambdaInterfaces } from '../ec2/make-interface.ts';
import { functions, type VersionRecord, versions } from './records.ts';

/** Makes and removes Lambda's network interfaces after a function came, changed or went. */
export function alignInterfaces(ctx: CallContext, scope: Scope): void {
  const all: VersionRecord[] = [
    ...ctx.state.list(functions, scope).map(({ value }) => value.latest),
    ...ctx.state.list(versions, scope).map(({ value }) => value),
  ];
  const places = all.flatMap(({ functionName, vpc }) =>
    vpc ? [{ functionName, subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds }] : [],
  );
  lambdaInterfaces({ ...ctx, account: scope.account, region: scope.region }, places);
}
