import { signalTree, treeMemory } from './process-tree.ts';
import type { Sandbox } from './sandbox.ts';

const MEMORY_CHECK_MS = 50;

/** Which control groups do the work; without one, the process tree is walked. */
export interface VitalsTools {
  freezer: boolean;
  memoryGroups: boolean;
}

/** The memory of one environment, and whether it is frozen. */
export class Vitals {
  readonly #sandbox: Sandbox;
  readonly #tools: VitalsTools;
  #timer: NodeJS.Timeout | undefined;
  #frozen = false;
  #ended = false;
  /** The most anonymous memory seen, in bytes, over the environment's life. */
  maxBytes = 0;
  /** The kernel or the watcher has ended it for memory. */
  outOfMemory = false;

  constructor(sandbox: Sandbox, tools: VitalsTools) {
    this.#sandbox = sandbox;
    this.#tools = tools;
  }

  /** Looks at the memory every 50 ms and calls `exceeded` once when it is over the limit. */
  watch(limitBytes: number, exceeded: () => void): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.sample();
      if (this.maxBytes <= limitBytes || this.outOfMemory) return;
      this.outOfMemory = true;
      exceeded();
    }, MEMORY_CHECK_MS);
    this.#timer.unref();
  }

  unwatch(): void {
    clearInterval(this.#timer);
  }

  sample(): void {
    if (this.#ended) return;
    const { group, process: child } = this.#sandbox;
    const bytes = this.#tools.memoryGroups ? group.anonymousBytes() : treeMemory(child.pid ?? 0);
    if (bytes !== undefined && bytes > this.maxBytes) this.maxBytes = bytes;
  }

  freeze(): void {
    if (this.#frozen || this.#ended) return;
    this.#frozen = true;
    if (this.#tools.freezer) this.#sandbox.group.freeze();
    else signalTree(this.#sandbox.process.pid ?? 0, 'SIGSTOP');
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    if (this.#tools.freezer) this.#sandbox.group.thaw();
    else signalTree(this.#sandbox.process.pid ?? 0, 'SIGCONT');
  }

  /** Thaws for good: a frozen process does not die. */
  end(): void {
    this.thaw();
    this.unwatch();
    this.#ended = true;
    if (this.#sandbox.group.outOfMemoryKills() > 0) this.outOfMemory = true;
  }
}
