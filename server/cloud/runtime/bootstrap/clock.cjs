'use strict';
const RealDate = Date;
const realNow = Date.now;
const realHrtime = process.hrtime;
const realBigint = process.hrtime.bigint;
const realPerformanceNow = performance.now.bind(performance);
const realOrigin = performance.timeOrigin;

let offset = 0;
let first = 0;
let patched = false;

/**
 * Moves this process's clock to real time + `milliseconds`. Wall clock and monotonic clocks jump together, so a cache
 * that counts with `performance.now()` ages like one that counts with `Date.now()`. Nothing is patched until a clock is
 * really moved.
 */
function setOffset(milliseconds, atStart) {
  if (atStart) first = milliseconds;
  offset = milliseconds;
  if (offset !== 0 && !patched) patch();
}

// differs from AWS: timers that are pending while the clock is moved fire by real time; child processes see real time.
function patch() {
  patched = true;
  function MovedDate(...parts) {
    if (!new.target) return new RealDate(realNow() + offset).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [realNow() + offset] : parts, new.target);
  }
  Object.defineProperty(MovedDate, 'name', { value: 'Date' });
  Object.defineProperty(MovedDate, 'length', { value: 7 });
  MovedDate.prototype = RealDate.prototype;
  MovedDate.prototype.constructor = MovedDate;
  MovedDate.now = function now() {
    return realNow() + offset;
  };
  MovedDate.parse = RealDate.parse;
  MovedDate.UTC = RealDate.UTC;
  globalThis.Date = MovedDate;
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format').get;
  Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
    configurable: true,
    get() {
      const bound = format.call(this);
      return (date) => bound(date === undefined ? realNow() + offset : date);
    },
  });
  performance.now = () => realPerformanceNow() + offset - first;
  Object.defineProperty(performance, 'timeOrigin', { configurable: true, get: () => realOrigin + first });
  process.hrtime = function hrtime(since) {
    const nanoseconds = realBigint() + BigInt(Math.round((offset - first) * 1e6));
    const pair = [Number(nanoseconds / 1000000000n), Number(nanoseconds % 1000000000n)];
    if (since === undefined) return pair;
    realHrtime(since); // the original's argument checks
    const seconds = pair[0] - since[0];
    const rest = pair[1] - since[1];
    return rest < 0 ? [seconds - 1, rest + 1e9] : [seconds, rest];
  };
  process.hrtime.bigint = () => realBigint() + BigInt(Math.round((offset - first) * 1e6));
}

module.exports = { setOffset };
