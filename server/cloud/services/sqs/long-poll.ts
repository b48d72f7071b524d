import { MovableClock } from '../../clock.ts';
import type { Cloud } from '../../cloud.ts';
import { hasVisible, nextVisible } from './mailbox.ts';
import type { QueuePlace } from './store.ts';

interface Waiter {
  place: QueuePlace;
  /** On the cloud's clock, milliseconds. */
  deadline: number;
  wake: () => void;
}

/** A wait costs a pending request; beyond these the answer comes at once, empty. */
const mostWaiters = 64;
/** A cloud whose clock may be moved (a fork) is never held up longer than this, in milliseconds. */
const longestInFork = 1_000;

/** Waits until the queue may have a message, or `seconds` of the cloud's clock have passed. */
export async function waitForMessage(cloud: Cloud, place: QueuePlace, seconds: number): Promise<void> {
  const waiters = waitersOf(cloud);
  if (waiters.size >= mostWaiters) return;
  const wanted = seconds * 1000;
  const deadline = cloud.clock.now() + (cloud.clock instanceof MovableClock ? Math.min(wanted, longestInFork) : wanted);
  await new Promise<void>((resolve) => {
    // A cloud that is closed meanwhile wakes nobody.
    const timer = setTimeout(() => waiter.wake(), wanted + 100);
    timer.unref();
    const waiter: Waiter = {
      place,
      deadline,
      wake() {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve();
      },
    };
    waiters.add(waiter);
    cloud.kick();
  });
}

/** Wakes who waits for a queue that has a message, and who has waited long enough. Called after every commit. */
export function wakeWaiters(cloud: Cloud): void {
  const now = cloud.clock.now();
  for (const waiter of [...waitersOf(cloud)])
    if (waiter.deadline <= now || hasVisible(cloud.state, waiter.place, now)) waiter.wake();
}

/** When somebody is to be woken next, on the cloud's clock. */
export function nextWake(cloud: Cloud): number | undefined {
  let next: number | undefined;
  const now = cloud.clock.now();
  for (const { deadline, place } of waitersOf(cloud)) {
    const visible = nextVisible(cloud.state, place);
    const due = visible !== undefined && visible > now ? Math.min(deadline, visible) : deadline;
    if (next === undefined || due < next) next = due;
  }
  return next;
}

function waitersOf(cloud: Cloud): Set<Waiter> {
  let waiters = cloud.memory.get('sqs.waiters') as Set<Waiter> | undefined;
  if (!waiters) {
    waiters = new Set();
    cloud.memory.set('sqs.waiters', waiters);
  }
  return waiters;
}
