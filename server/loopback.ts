const loopback = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|::1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)$/;

/** Whether a host is this machine, as seen from itself alone. */
export const isLoopback = (host: string): boolean => loopback.test(host);
