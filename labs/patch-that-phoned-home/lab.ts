import {
  allow,
  attackFails,
  createBuild,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  filesOf,
  hex,
  nodeModules,
  publish,
  zipFiles,
} from '../../server/kit.ts';
import { publishAndWait } from './attack.ts';
import { thePhoningVersionIsGone, theSamePackageAgain } from './checks/build.ts';
import { functionName, receiptsArePrinted } from './checks/receipts.ts';
import { hosts } from './hosts.ts';
import { half, phoning, published, registry } from './packages.ts';

export default defineLab({
  needs: ['containment', 'network', 'npm'],

  async deploy(world) {
    const { admin } = world.account();
    const drop = `${hex(world.random, 8)}.package-metrics.example`;
    publish(world.cloud, registry, { versions: published(drop) });
    const bucket = world.name('larkspur-builds');
    const source = world.zip('source');
    await createBuild(admin, { bucket, source });
    // As the last build left it, which took the newest version that its range lets in.
    const files = await filesOf(source);
    const role = await createExecutionRole(admin, 'receipts-role');
    const receipts = await createFunction(
      admin,
      functionName,
      role,
      zipFiles({
        'index.mjs': files.get('index.mjs')!,
        'package.json': files.get('package.json')!,
        ...nodeModules([phoning(drop), half]),
      }),
      {},
    );
    await createUser(admin, 'tills', 'print-receipts', allow('lambda:InvokeFunction', receipts));
    world.secret('drop', drop);
    world.output('bucket', bucket);
    world.output('source', `s3://${bucket}/source.zip`);
    world.output('build', 'build');
    world.output('function', functionName);
    world.output('registry', `https://${registry}/`);
  },

  hosts: ({ secrets }) => hosts(secrets.drop!),

  exploit: publishAndWait,

  checks: {
    'receipts-are-printed': {
      kind: 'function',
      title: 'Tills get their receipts',
      points: 0,
      run: receiptsArePrinted,
    },

    'nothing-new-gets-in': {
      kind: 'exploit',
      title: 'Nothing that attackers publish runs in the build, or gets into its package',
      points: 45,
      run: attackFails(publishAndWait),
    },

    'the-same-package-again': {
      kind: 'policy',
      title: 'A rebuild makes what runs now, and runs no script of a package',
      points: 35,
      run: theSamePackageAgain,
    },

    'the-phoning-version-is-gone': {
      kind: 'hygiene',
      title: 'penny-format 1.4.3 is gone',
      points: 20,
      run: thePhoningVersionIsGone,
    },
  },

  map: {
    nodes: [
      { id: 'attacker', label: "Whoever took over an author's account", kind: 'entry' },
      { id: 'registry', label: 'The registry', kind: 'resource' },
      { id: 'build', label: 'build', kind: 'principal' },
      { id: 'keys', label: "The build's keys: source and releases", kind: 'impact' },
      { id: 'receipts', label: 'receipts, at every till', kind: 'impact' },
    ],
    edges: [
      { from: 'attacker', to: 'registry', call: 'npm publish', cutBy: [] },
      {
        from: 'registry',
        to: 'build',
        call: 'npm install: a newer version, or other bytes under an old number',
        cutBy: ['nothing-new-gets-in', 'the-same-package-again'],
      },
      { from: 'build', to: 'keys', call: 'preinstall sends the variables away', cutBy: ['nothing-new-gets-in'] },
      {
        from: 'build',
        to: 'receipts',
        call: 'lambda:UpdateFunctionCode with what the build made',
        cutBy: ['nothing-new-gets-in', 'the-same-package-again', 'the-phoning-version-is-gone'],
      },
    ],
  },
});
