import path from 'node:path';
import { loadCertificateAuthority } from './certificates.ts';
import { findControlGroups } from './cgroups.ts';
import { EgressServer } from './egress.ts';
import { Environment, type EnvironmentTools } from './environment.ts';
import { Fleet, type Starter } from './fleet.ts';
import { prepareHostFolders } from './host-folders.ts';
import { findPythons } from './interpreters.ts';
import { findNpm } from './language.ts';
import { extractCode } from './packages.ts';
import { RuntimeApiServer } from './runtime-api.ts';
import { startSandbox } from './sandbox.ts';
import type { Capabilities, EnvironmentSpec, FunctionRuntime, RuntimeConfig } from './types.ts';
import { startUnsandboxed } from './unsandboxed.ts';

const uncontained = { containment: false, network: false, python: false, npm: false };
/** Until a pooled sandbox is handed over. */
const POOL_MEMORY_BYTES = 1024 * 1024 * 1024;
/**
 * The function runtime. Probes bubblewrap by running a sandbox; with `sandbox: 'auto'` and no bubblewrap it falls back
 * to Node's permission model, which contains much less (see `capabilities`).
 */
export async function createRuntime(config: RuntimeConfig): Promise<FunctionRuntime> {
  const root = path.resolve(config.dataDir, 'runtime');
  const authority = await loadCertificateAuthority(path.join(root, 'authority'));
  const folders = await prepareHostFolders(root, authority.certificate);
  const groups = findControlGroups();
  const log = config.log ?? (() => {});
  const tools: EnvironmentTools = {
    folders,
    egress: new EgressServer(authority),
    api: new RuntimeApiServer(),
    initLimitMs: config.initLimitMs ?? 10_000,
    freezer: groups.freezer,
    memoryGroups: groups.memory,
  };
  const start = async (bubblewrap: boolean) => {
    // Only bubblewrap contains a Python.
    const pythons = bubblewrap ? (config.pythons ?? findPythons()) : [];
    const capabilities: Capabilities = bubblewrap
      ? { containment: true, network: true, python: pythons.length > 0, npm: findNpm() !== undefined }
      : { ...uncontained, because: 'bubblewrap does not work on this machine' };
    const starter: Starter = async (interpreter, tmpMB, ahead) => {
      const limitProcesses = !groups.processes;
      const options = { interpreter, tmpMB, memoryBytes: POOL_MEMORY_BYTES, ahead, limitProcesses };
      const sandbox = bubblewrap
        ? await startSandbox(folders, groups, options)
        : await startUnsandboxed(folders, options, config.awsEndpointUrl);
      return new Environment(sandbox, tools);
    };
    const clientsOf = async (spec: EnvironmentSpec) => (await extractCode(folders.extracted, spec)).clients;
    const runtime = new Fleet({ ...config, pythons }, capabilities, starter, clientsOf);
    try {
      await runtime.probe();
      return runtime;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  };
  if (config.sandbox !== 'none') {
    try {
      return await start(true);
    } catch (error) {
      if (config.sandbox === 'bubblewrap') throw error;
      const why = error instanceof Error ? error.message : String(error);
      log(
        'warn',
        `bubblewrap does not work here (${why}); functions run with Node's permission model only: they are not contained`,
      );
    }
  }
  tools.freezer = true; // nothing to freeze: the permission model allows no process but the one
  tools.memoryGroups = false;
  return start(false);
}
