import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { alphanumeric, databaseUser, hex, sql, type World } from '../../server/kit.ts';
import { cluster, fill, schema, shelfOf } from './shop.ts';

/** The shop's database, filled, and the secrets of its two users. */
export async function makeDatabase(world: World) {
  const { admin } = world.account();
  const ec2 = admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
  const SubnetIds: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const made = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc!.VpcId!,
        CidrBlock: `10.20.${i}.0/24`,
        AvailabilityZone: `${world.region}${zone}`,
      }),
    );
    SubnetIds.push(made.Subnet!.SubnetId!);
  }
  const rds = admin.client(RDSClient);
  await rds.send(
    new CreateDBSubnetGroupCommand({ DBSubnetGroupName: 'shop', DBSubnetGroupDescription: 'private', SubnetIds }),
  );
  const password = alphanumeric(world.random, 24);
  const created = await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: cluster,
      Engine: 'aurora-postgresql',
      EngineMode: 'provisioned',
      DatabaseName: 'shop',
      MasterUsername: 'shop_app',
      MasterUserPassword: password,
      DBSubnetGroupName: 'shop',
      EnableHttpEndpoint: true,
    }),
  );
  await sql(world, cluster, schema);
  await fill(world, shelfOf(hex(world.random, 16)));
  const reader = { name: 'shop_reader', password: alphanumeric(world.random, 24) };
  databaseUser(world, cluster, { ...reader, rights: 'read' });
  const secrets = admin.client(SecretsManagerClient);
  const app = await secrets.send(
    new CreateSecretCommand({
      Name: 'shop/db-app',
      SecretString: JSON.stringify({ username: 'shop_app', password }),
    }),
  );
  const read = await secrets.send(
    new CreateSecretCommand({
      Name: 'shop/db-reader',
      SecretString: JSON.stringify({ username: reader.name, password: reader.password }),
    }),
  );
  return {
    clusterArn: created.DBCluster!.DBClusterArn!,
    secretArn: app.ARN!,
    readerSecretArn: read.ARN!,
  };
}
