import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
} from '../../server/kit.ts';
import { readPayroll } from './attack.ts';
import { stockIsCounted, titlesBecomeSlugs } from './checks/function.ts';
import { noRightsOnEc2, standsInNoVpc } from './checks/vpc.ts';
import { buildNetwork } from './network.ts';
import { counter, intranet, intranetHost, port, slugger } from './publisher.ts';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const network = await buildNetwork(world);
    const arn = (name: string): string => `arn:aws:lambda:${world.region}:${account}:function:${name}`;
    const SecurityGroupIds = [network.functions];
    for (const [name, SubnetIds, variables] of [
      [slugger, network.subnets.slice(0, 1), {}],
      [counter, network.subnets, { INTRANET: `${intranet}:${port}` }],
    ] as const) {
      const role = await createExecutionRole(admin, `${name}-role`, 'AWSLambdaVPCAccessExecutionRole');
      const VpcConfig = { SubnetIds, SecurityGroupIds };
      await createFunction(admin, name, role, world.zip(`function/${name}`), variables, { VpcConfig });
    }
    await createUser(
      admin,
      'author-portal',
      'slugs',
      allow('lambda:InvokeFunction', [arn(slugger), `${arn(slugger)}:*`]),
    );
    await createUser(admin, 'shop', 'stock', allow('lambda:InvokeFunction', arn(counter)));
    await createUser(
      admin,
      'deployer',
      'deploy',
      allow(['lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionConfiguration'], arn('*')),
      allow(['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs'], '*'),
    );
    const address = `10.60.20.${50 + (world.random.bytes(1)[0]! % 100)}`;
    world.secret('account', account);
    world.secret('vpc', network.vpc);
    world.secret('office', network.office);
    world.secret('group of the intranet', network.intranet);
    world.secret('address of the intranet', address);
    world.secret('payroll', `payroll ${alphanumeric(world.random, 24)}`);
    world.output('functions', `${slugger}, ${counter}`);
    world.output('role of slugify', `${slugger}-role`);
    world.output('role of stock', `${counter}-role`);
    world.output('intranet', `http://${intranet}:${port}`);
    world.output('VPC', network.vpc);
    world.output('security group of the functions', network.functions);
  },

  hosts: (facts, _state, region) => [intranetHost(facts, region)],

  exploit: readPayroll,

  checks: {
    'titles-become-slugs': {
      kind: 'function',
      title: 'Titles become slugs',
      points: 0,
      run: titlesBecomeSlugs,
    },

    'stock-is-counted': {
      kind: 'function',
      title: 'The shop learns what is in stock',
      points: 0,
      run: stockIsCounted,
    },

    'slugs-tell-nothing': {
      kind: 'exploit',
      title: 'No slug tells what the intranet says',
      points: 40,
      run: attackFails(readPayroll),
    },

    'stands-in-no-vpc': {
      kind: 'policy',
      title: 'slugify stands in no VPC, in any version',
      points: 30,
      run: standsInNoVpc,
    },

    'no-rights-on-ec2': {
      kind: 'policy',
      title: 'The role of slugify has no rights on EC2',
      points: 30,
      run: noRightsOnEc2,
    },
  },

  map: {
    nodes: [
      { id: 'author', label: 'An author with a title', kind: 'entry' },
      { id: 'library', label: 'A tampered release of transliterate', kind: 'entry' },
      { id: 'function', label: slugger, kind: 'principal' },
      { id: 'intranet', label: 'Payroll on the intranet', kind: 'impact' },
      { id: 'interfaces', label: 'Network interfaces of the VPC', kind: 'impact' },
    ],
    edges: [
      { from: 'author', to: 'function', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'library', to: 'function', call: 'import', cutBy: [] },
      {
        from: 'function',
        to: 'intranet',
        call: 'GET /payroll from app-a',
        cutBy: ['slugs-tell-nothing', 'stands-in-no-vpc'],
      },
      { from: 'function', to: 'interfaces', call: 'ec2:DeleteNetworkInterface', cutBy: ['no-rights-on-ec2'] },
    ],
  },
});
