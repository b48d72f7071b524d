import { readFileSync } from 'node:fs';

/** All descendants of a process, itself included; for machines without writable control groups. */
export function processTree(root: number): number[] {
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined && found.length < 1_024; pid = queue.pop()) {
    found.push(pid);
    for (const child of read(`/proc/${pid}/task/${pid}/children`).split(' '))
      if (child !== '') queue.push(Number(child));
  }
  return found;
}

/** Anonymous memory of a process tree in bytes. */
export function treeMemory(root: number): number {
  let total = 0;
  for (const pid of processTree(root)) {
    const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
    if (kilobytes !== undefined) total += Number(kilobytes) * 1_024;
  }
  return total;
}

/** SIGSTOP or SIGCONT for everything below `root`, but not `root` itself: it must answer to SIGKILL's chain. */
export function signalTree(root: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of processTree(root)) {
    if (pid === root) continue;
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
