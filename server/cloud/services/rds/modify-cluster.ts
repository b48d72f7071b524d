import type {
  DisableHttpEndpointCommandInput,
  DisableHttpEndpointCommandOutput,
  EnableHttpEndpointCommandInput,
  EnableHttpEndpointCommandOutput,
  ModifyDBClusterCommandInput,
  ModifyDBClusterCommandOutput,
} from '@aws-sdk/client-rds';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { rdsAccess } from './access.ts';
import { clusterView } from './cluster-view.ts';
import { checkedGroups, checkPort, getCluster, setGroups, tagsOf } from './clusters.ts';
import { invalidCombination, readIdentifier } from './errors.ts';
import { createMasterSecret, deleteMasterSecret, rotateMasterSecret } from './master-secret.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { getSubnetGroup } from './subnet-groups.ts';
import { type ClusterRecord, clusters, findCluster, instances, rdsArn } from './tables.ts';

export const ModifyDBCluster = operation<ModifyDBClusterCommandInput, ModifyDBClusterCommandOutput>({
  access(ctx, input) {
    const manage = input.ManageMasterUserPassword;
    const context: ConditionContext = manage === undefined ? {} : { 'rds:ManageMasterUserPassword': String(manage) };
    return rdsAccess(
      ctx,
      'ModifyDBCluster',
      'cluster',
      input.DBClusterIdentifier,
      { has: tagsOf(ctx, input.DBClusterIdentifier) },
      context,
    );
  },
  async run(ctx, input) {
    const old = getCluster(ctx, input.DBClusterIdentifier!);
    if (input.Port !== undefined) checkPort(input.Port);
    const changed: ClusterRecord = {
      ...(await withPassword(ctx, old, input)),
      securityGroupIds: input.VpcSecurityGroupIds
        ? checkedGroups(ctx, getSubnetGroup(ctx, old.subnetGroup).vpcId, input.VpcSecurityGroupIds)
        : old.securityGroupIds,
      port: input.Port ?? old.port,
      httpEndpoint: input.EnableHttpEndpoint ?? old.httpEndpoint,
      deletionProtection: input.DeletionProtection ?? old.deletionProtection,
      iamAuthentication: input.EnableIAMDatabaseAuthentication ?? old.iamAuthentication,
      backupRetentionDays: input.BackupRetentionPeriod ?? old.backupRetentionDays,
      engineVersion: input.EngineVersion ?? old.engineVersion,
      ...(input.ServerlessV2ScalingConfiguration
        ? { serverlessV2: { ...old.serverlessV2, ...compact(input.ServerlessV2ScalingConfiguration) } }
        : {}),
    };
    // differs from AWS: every change holds at once, as with ApplyImmediately
    const renamed = input.NewDBClusterIdentifier ? rename(ctx, changed, input.NewDBClusterIdentifier) : changed;
    ctx.state.put(clusters, ctx, renamed.id, renamed);
    setGroups(ctx, renamed);
    return { DBCluster: clusterView(ctx, renamed) };
  },
});

function compact(scaling: { MinCapacity?: number | undefined; MaxCapacity?: number | undefined }): {
  MinCapacity?: number;
  MaxCapacity?: number;
} {
  return {
    ...(scaling.MinCapacity === undefined ? {} : { MinCapacity: scaling.MinCapacity }),
    ...(scaling.MaxCapacity === undefined ? {} : { MaxCapacity: scaling.MaxCapacity }),
  };
}

/** Sets, takes over, gives up or rotates the master password. */
async function withPassword(
  ctx: CallContext,
  old: ClusterRecord,
  input: ModifyDBClusterCommandInput,
): Promise<ClusterRecord> {
  const { ManageMasterUserPassword: manage, MasterUserPassword: given, RotateMasterUserPassword: rotate } = input;
  const { masterSecretArn, masterSecretKmsKeyId, ...plain } = old;
  if (given !== undefined) {
    if (manage || (masterSecretArn && manage !== false))
      throw invalidCombination(
        "You can't specify MasterUserPassword for a DB cluster with ManageMasterUserPassword enabled.",
      );
    checkPassword(given, old.engine);
    if (masterSecretArn) await deleteMasterSecret(ctx, masterSecretArn);
    return { ...plain, password: hashPassword(ctx.cloud.random, given) };
  }
  if (manage === false && masterSecretArn)
    throw invalidCombination('You must specify MasterUserPassword when you disable ManageMasterUserPassword.');
  if (manage && !masterSecretArn) {
    const { arn, password } = await createMasterSecret(ctx, old.masterUsername, input.MasterUserSecretKmsKeyId);
    const key = input.MasterUserSecretKmsKeyId ? { masterSecretKmsKeyId: input.MasterUserSecretKmsKeyId } : {};
    return { ...plain, password: hashPassword(ctx.cloud.random, password), masterSecretArn: arn, ...key };
  }
  if (rotate) {
    if (!masterSecretArn)
      throw invalidCombination(
        'You can only rotate the master user password of a DB cluster with ManageMasterUserPassword enabled.',
      );
    const password = await rotateMasterSecret(ctx, masterSecretArn, old.masterUsername);
    return { ...old, password: hashPassword(ctx.cloud.random, password) };
  }
  return old;
}

/** A new identifier, and with it new DNS names. */
function rename(ctx: CallContext, cluster: ClusterRecord, to: string): ClusterRecord {
  const id = readIdentifier(to, 'NewDBClusterIdentifier');
  if (findCluster(ctx.state, ctx, id)) throw new AwsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
  ctx.state.delete(clusters, ctx, cluster.id);
  for (const { id: name, value } of ctx.state.list(instances, ctx))
    if (value.clusterId === cluster.id) ctx.state.put(instances, ctx, name, { ...value, clusterId: id });
  return { ...cluster, id };
}

function setHttpEndpoint(
  ctx: CallContext,
  arn: string,
  on: boolean,
): { ResourceArn: string; HttpEndpointEnabled: boolean } {
  const cluster = findCluster(ctx.state, ctx, arn);
  if (!cluster) throw new AwsError('ResourceNotFoundFault', `The specified resource ${arn} was not found.`, 404);
  ctx.state.put(clusters, ctx, cluster.id, { ...cluster, httpEndpoint: on });
  return { ResourceArn: rdsArn(ctx, 'cluster', cluster.id), HttpEndpointEnabled: on };
}

export const EnableHttpEndpoint = operation<EnableHttpEndpointCommandInput, EnableHttpEndpointCommandOutput>({
  access: (ctx, input) =>
    rdsAccess(ctx, 'EnableHttpEndpoint', 'cluster', input.ResourceArn, { has: tagsOf(ctx, input.ResourceArn) }),
  run: (ctx, input) => setHttpEndpoint(ctx, input.ResourceArn!, true),
});

export const DisableHttpEndpoint = operation<DisableHttpEndpointCommandInput, DisableHttpEndpointCommandOutput>({
  access: (ctx, input) =>
    rdsAccess(ctx, 'DisableHttpEndpoint', 'cluster', input.ResourceArn, { has: tagsOf(ctx, input.ResourceArn) }),
  run: (ctx, input) => setHttpEndpoint(ctx, input.ResourceArn!, false),
});

export const modifyClusterOperations = { ModifyDBCluster, EnableHttpEndpoint, DisableHttpEndpoint };
