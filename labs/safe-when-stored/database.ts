import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { alphanumeric, sql, type World } from '../../server/kit.ts';
import { cluster, schema } from './race.ts';

/** The database of the race, and the secret of its user. */
export async function makeDatabase(world: World): Promise<{ clusterArn: string; secretArn: string }> {
  const { admin } = world.account();
  const ec2 = admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.40.0.0/16' }));
  const SubnetIds: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc!.VpcId!,
        CidrBlock: `10.40.${i}.0/24`,
        AvailabilityZone: `${world.region}${zone}`,
      }),
    );
    SubnetIds.push(Subnet!.SubnetId!);
  }
  const rds = admin.client(RDSClient);
  await rds.send(
    new CreateDBSubnetGroupCommand({ DBSubnetGroupName: 'race', DBSubnetGroupDescription: 'private', SubnetIds }),
  );
  const password = alphanumeric(world.random, 24);
  const { DBCluster } = await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: cluster,
      Engine: 'aurora-postgresql',
      DatabaseName: 'race',
      MasterUsername: 'race_app',
      MasterUserPassword: password,
      DBSubnetGroupName: 'race',
      EnableHttpEndpoint: true,
    }),
  );
  await sql(world, cluster, schema);
  const { ARN } = await admin
    .client(SecretsManagerClient)
    .send(
      new CreateSecretCommand({ Name: 'race/db', SecretString: JSON.stringify({ username: 'race_app', password }) }),
    );
  return { clusterArn: DBCluster!.DBClusterArn!, secretArn: ARN! };
}
