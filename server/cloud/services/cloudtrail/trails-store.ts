import type { EventSelector } from '@aws-sdk/client-cloudtrail';
import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { resourceTagContext, type Tags } from '../../tags.ts';

export interface TrailRecord {
  name: string;
  bucket: string;
  prefix?: string;
  topic?: string;
  globalServices: boolean;
  multiRegion: boolean;
  validation: boolean;
  logGroupArn?: string;
  logRoleArn?: string;
  kmsKeyId?: string;
  logging: boolean;
  started?: number;
  stopped?: number;
  /** Absent: all management events. */
  selectors?: EventSelector[];
  tags: Tags;
}

/** Id: the name. */
export const trails = defineTable<TrailRecord>('cloudtrail.trails');

export const trailArn = (scope: Scope, name: string): string =>
  `arn:aws:cloudtrail:${scope.region}:${scope.account}:trail/${name}`;

export interface TrailPlace extends Scope {
  name: string;
  arn: string;
}

/** A trail's name, or its ARN. @throws CloudTrailARNInvalidException, InvalidTrailNameException */
export function placeOfTrail(scope: Scope, nameOrArn: string | undefined): TrailPlace {
  const given = nameOrArn ?? '';
  if (given.startsWith('arn:')) {
    const found = /^arn:aws:cloudtrail:([a-z0-9-]+):(\d{12}):trail\/([\w.-]{3,128})$/.exec(given);
    if (!found) throw new AwsError('CloudTrailARNInvalidException', `Invalid trail ARN: ${given.slice(0, 256)}`);
    const place = { region: found[1]!, account: found[2]! };
    return { ...place, name: found[3]!, arn: trailArn(place, found[3]!) };
  }
  const fault = (message: string) => new AwsError('InvalidTrailNameException', message);
  const length = `Specified name length: ${given.length} characters.`;
  if (given.length < 3) throw fault(`Trail name too short. Minimum allowed length: 3 characters. ${length}`);
  if (given.length > 128) throw fault(`Trail name too long. Maximum allowed length: 128 characters. ${length}`);
  if (!/^[A-Za-z0-9]/.test(given)) throw fault('Trail name must starts with a letter or number.');
  if (!/[A-Za-z0-9]$/.test(given)) throw fault('Trail name must ends with a letter or number.');
  if (!/^[\w.-]+$/.test(given))
    throw fault(
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
    );
  return { account: scope.account, region: scope.region, name: given, arn: trailArn(scope, given) };
}

/** @throws TrailNotFoundException */
export function getTrail(state: StateReader, place: TrailPlace, account: string): TrailRecord {
  const found = place.account === account ? state.get(trails, place, place.name) : undefined;
  if (!found) throw new AwsError('TrailNotFoundException', `Unknown trail: ${place.arn} for the user: ${account}`);
  return found;
}

export function trailAccess(
  ctx: CallContext,
  action: string,
  place: TrailPlace,
  context: ConditionContext = {},
): Access {
  return {
    action: `cloudtrail:${action}`,
    resource: place.arn,
    context: { ...resourceTagContext(ctx.state.get(trails, place, place.name)?.tags), ...context },
  };
}
