import type { CapturedService } from '../types.ts';

/** In the order in which removal goes: what uses others comes first. */
export const captured: readonly CapturedService[] = [];
