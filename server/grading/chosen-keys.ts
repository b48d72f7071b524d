import type { ConditionContext } from '../cloud/context.ts';
import type { PolicyDocument } from '../cloud/policy/types.ts';

/** Condition keys whose value the caller puts into the request, or which time brings: no policy keeps anybody out by them. */
const chosen =
  /^(?:aws:(?:useragent|referer)|s3:(?:x-amz-[a-z0-9-]+|max-keys|delimiter|requestobjecttag\/.+)|dynamodb:(?:select|attributes|returnvalues|returnconsumedcapacity|enclosingoperation))$/;
const time = /^aws:(?:currenttime|epochtime)$/;
const mostVariants = 24;

/** Keys of single requests to Lambda that its caller fills in: tags, layers, and whom a permission is for. */
export const chosenForLambda =
  /^(?:aws:requesttag\/.+|aws:tagkeys|lambda:(?:layer|principal|functionurlauthtype|vpcids|subnetids|securitygroupids|codesigningconfigarn))$/;

/**
 * What a caller can put into a request to please (or to escape) the conditions of these policies, one set of keys for
 * each condition block; the first set is empty. A time is a moment after one that a policy waits for.
 * @param more keys of the service in question that its caller chooses besides
 */
export function choices(documents: PolicyDocument[], now: number, more?: RegExp): ConditionContext[] {
  const found = new Map<string, ConditionContext>([['{}', {}]]);
  for (const { Statement } of documents)
    for (const { Condition } of [Statement].flat()) {
      const choice: ConditionContext = {};
      for (const [operator, block] of Object.entries(Condition ?? {}))
        for (const [key, values] of Object.entries(block)) {
          const value = String([values].flat()[0] ?? '').slice(0, 256);
          const name = key.toLowerCase();
          if (chosen.test(name) || more?.test(name)) choice[name] = value.replaceAll('*', '').replaceAll('?', 'x');
          if (!time.test(name) || !/greater|equals$/i.test(operator)) continue;
          const moment = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);
          if (!(moment > now && moment < 4e12)) continue;
          choice['aws:CurrentTime'] = new Date(moment + 1000).toISOString();
          choice['aws:EpochTime'] = String(Math.floor(moment / 1000) + 1);
        }
      found.set(JSON.stringify(choice), choice);
    }
  return [...found.values()].slice(0, mostVariants);
}
