import type { Target } from './types.ts';

/** AWS host names, read as targets. Names arrive in lower case, without a final dot. */

const TAIL = '.amazonaws.com';

/**
 * The target that an AWS service's host name stands for: `sqs.us-east-1.amazonaws.com`, `bucket.s3.us-east-1.amazonaws.com`,
 * `vpce-0abc-x1y2.sqs.us-east-1.vpce.amazonaws.com`. Undefined for every other name, and for those of resources that
 * have hosts of their own (function URLs, which are on the internet; databases).
 * @param ownRegion for global names such as `s3.amazonaws.com`
 */
export function awsTarget(
  host: string,
  port: number,
  ownRegion: string,
): Extract<Target, { kind: 'aws-service' }> | undefined {
  if (!host.endsWith(TAIL) || host.length > 255) return undefined;
  const labels = host.slice(0, -TAIL.length).split('.');
  if (labels.at(-1) === 'vpce') {
    const [region, service, endpoint] = [labels.at(-2), labels.at(-3), labels.at(-4)];
    if (!region || !service || !endpoint?.startsWith('vpce-')) return undefined;
    // `vpce-<id>-<random>`, with the zone behind it for zonal names.
    return { kind: 'aws-service', service, port, region, endpointId: endpoint.split('-').slice(0, 2).join('-') };
  }
  const last = labels.at(-1)!;
  // A database: `orders.cluster-….us-east-1.rds.amazonaws.com`.
  if (last === 'rds' && labels.length > 1) return undefined;
  if (isRegion(last)) {
    const service = labels.at(-2) === 'dynamodb' && labels[0] === 'streams' ? 'dynamodb-streams' : labels.at(-2);
    return service ? { kind: 'aws-service', service: aliases.get(service) ?? service, port, region: last } : undefined;
  }
  return {
    kind: 'aws-service',
    service: aliases.get(last) ?? last,
    port,
    region: globals.has(last) ? 'us-east-1' : ownRegion,
  };
}

const aliases = new Map([['queue', 'sqs']]);

/** Services with one endpoint for the world, which answers from us-east-1. */
const globals = new Set(['iam', 'sts', 's3']);

function isRegion(label: string): boolean {
  const [area, direction, number] = label.split('-');
  return (
    area !== undefined && area.length === 2 && direction !== undefined && number !== undefined && /^\d$/.test(number)
  );
}
