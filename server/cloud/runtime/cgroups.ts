import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ControlFile } from './control-file.ts';

/** The limits of one environment. Memory is a hard bound on everything, `/tmp` (a tmpfs) included. */
export interface Limits {
  memoryBytes: number;
  processes: number;
}

/** One environment's control group; every method is a no-op where the controller is missing. */
export interface ControlGroup {
  /** Files that a process writes `0` to in order to join, before it starts anything else. */
  readonly joinFiles: string[];
  setLimits(limits: Limits): void;
  freeze(): void;
  thaw(): void;
  /** Anonymous memory in bytes (what the function holds; not the page cache, not `/tmp`); undefined when unknown. */
  anonymousBytes(): number | undefined;
  /** How many processes the kernel has killed here for memory. */
  outOfMemoryKills(): number;
  /** Kills whatever is still in the group. */
  killAll(): void;
  /** Removes the group; false while a process is still in it. */
  remove(): boolean;
}

export interface ControlGroups {
  readonly memory: boolean;
  readonly processes: boolean;
  readonly freezer: boolean;
  create(name: string): ControlGroup;
}

const PREFIX = 'lambda-range-';

/** Finds the writable control groups of this machine: v1 controllers, or v2 where subtree control can be had. */
export function findControlGroups(): ControlGroups {
  const own = ownGroups();
  const v1 = {
    memory: writableParent('memory', own.get('memory')),
    pids: writableParent('pids', own.get('pids')),
    freezer: writableParent('freezer', own.get('freezer')),
    cpu: writableParent('cpu', own.get('cpu')) ?? writableParent('cpu,cpuacct', own.get('cpu')),
  };
  const v2 = v1.memory === undefined ? unifiedParent(own.get('')) : undefined;
  for (const parent of new Set([...Object.values(v1), v2])) if (parent !== undefined) sweep(parent);
  return {
    memory: v1.memory !== undefined || v2 !== undefined,
    processes: v1.pids !== undefined || v2 !== undefined,
    freezer: v1.freezer !== undefined || v2 !== undefined,
    create(name) {
      const folder = `${PREFIX}${process.pid}-${name}`;
      if (v2 !== undefined) return unifiedGroup(path.join(v2, folder));
      return legacyGroup(v1, folder);
    },
  };
}

/** A group that limits nothing. */
export function noControlGroup(): ControlGroup {
  return {
    joinFiles: [],
    setLimits() {},
    freeze() {},
    thaw() {},
    anonymousBytes: () => undefined,
    outOfMemoryKills: () => 0,
    killAll() {},
    remove: () => true,
  };
}

function ownGroups(): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of read('/proc/self/cgroup').split('\n')) {
    const [, controllers, where] = line.split(':');
    if (where !== undefined) for (const controller of controllers!.split(',')) groups.set(controller, where);
  }
  return groups;
}

function writableParent(controller: string, own: string | undefined): string | undefined {
  if (own === undefined) return undefined;
  for (const parent of [path.join('/sys/fs/cgroup', controller, own), path.join('/sys/fs/cgroup', controller)]) {
    if (canCreateIn(parent)) return parent;
  }
  return undefined;
}

function unifiedParent(own: string | undefined): string | undefined {
  if (own === undefined) return undefined;
  for (const parent of [path.join('/sys/fs/cgroup', own), '/sys/fs/cgroup']) {
    if (!existsSync(path.join(parent, 'cgroup.controllers')) || !canCreateIn(parent)) continue;
    // A group that holds processes cannot give controllers to its children (EBUSY): then the RSS watcher takes over.
    write(path.join(parent, 'cgroup.subtree_control'), '+memory +pids');
    if (read(path.join(parent, 'cgroup.subtree_control')).includes('memory')) return parent;
  }
  return undefined;
}

function canCreateIn(parent: string): boolean {
  const probe = path.join(parent, `${PREFIX}${process.pid}-probe`);
  try {
    mkdirSync(probe);
    const usable = existsSync(path.join(probe, 'cgroup.procs'));
    rmdirSync(probe);
    return usable;
  } catch {
    return false;
  }
}

function legacyGroup(
  v1: Record<'memory' | 'pids' | 'freezer' | 'cpu', string | undefined>,
  folder: string,
): ControlGroup {
  const at: Partial<Record<keyof typeof v1, string>> = {};
  for (const [controller, parent] of Object.entries(v1) as [keyof typeof v1, string | undefined][]) {
    if (parent === undefined) continue;
    at[controller] = path.join(parent, folder);
    mkdirSync(at[controller], { recursive: true });
  }
  // Below the server's own weight (1024): a function that spins must not slow the pages.
  if (at.cpu) write(path.join(at.cpu, 'cpu.shares'), '256');
  const freezer = at.freezer && new ControlFile(path.join(at.freezer, 'freezer.state'));
  const memory = at.memory && new ControlFile(path.join(at.memory, 'memory.stat'));
  return {
    joinFiles: Object.values(at).map((folder) => path.join(folder, 'cgroup.procs')),
    setLimits({ memoryBytes, processes }) {
      if (at.memory) {
        write(path.join(at.memory, 'memory.limit_in_bytes'), String(memoryBytes));
        write(path.join(at.memory, 'memory.memsw.limit_in_bytes'), String(memoryBytes));
      }
      if (at.pids) write(path.join(at.pids, 'pids.max'), String(processes));
    },
    freeze() {
      if (freezer) freezer.write('FROZEN');
    },
    thaw() {
      if (freezer) freezer.write('THAWED');
    },
    anonymousBytes: () => (memory ? statistic(memory.read(), 'total_rss') : undefined),
    outOfMemoryKills: () =>
      at.memory ? (statistic(read(path.join(at.memory, 'memory.oom_control')), 'oom_kill') ?? 0) : 0,
    killAll: () => Object.values(at).forEach(killAllIn),
    remove() {
      for (const file of [freezer, memory]) if (file) file.close();
      return Object.values(at).map(removed).every(Boolean);
    },
  };
}

function unifiedGroup(folder: string): ControlGroup {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  const freezer = new ControlFile(file('cgroup.freeze'));
  const memory = new ControlFile(file('memory.stat'));
  return {
    joinFiles: [file('cgroup.procs')],
    setLimits({ memoryBytes, processes }) {
      write(file('memory.max'), String(memoryBytes));
      write(file('memory.swap.max'), '0');
      write(file('pids.max'), String(processes));
    },
    freeze: () => freezer.write('1'),
    thaw: () => freezer.write('0'),
    anonymousBytes: () => statistic(memory.read(), 'anon'),
    outOfMemoryKills: () => statistic(read(file('memory.events')), 'oom_kill') ?? 0,
    killAll: () => killAllIn(folder),
    remove() {
      freezer.close();
      memory.close();
      return removed(folder);
    },
  };
}

/** What a server that was killed left behind: its frozen functions cannot even die before they are thawed. */
function sweep(parent: string): void {
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = name.slice(PREFIX.length).split('-')[0];
    if (existsSync(`/proc/${owner}`)) continue;
    const folder = path.join(parent, name);
    killAllIn(folder);
    removed(folder);
  }
}

function killAllIn(folder: string): void {
  if (existsSync(path.join(folder, 'freezer.state'))) write(path.join(folder, 'freezer.state'), 'THAWED');
  for (const pid of read(path.join(folder, 'cgroup.procs')).split('\n')) {
    if (pid === '' || pid === '0') continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

function statistic(text: string, name: string): number | undefined {
  for (const line of text.split('\n')) if (line.startsWith(`${name} `)) return Number(line.slice(name.length + 1));
  return undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function write(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // A controller that cannot be set is missing: the caller's watcher is the second line.
  }
}
