/** The only module that a lab may import, besides the SDK's clients. */
export {
  attachServicePolicy,
  createExecutionRole,
  createFunction,
  createUser,
  putRolePolicy,
  putUserPolicy,
} from './catalogue/building.ts';
export {
  type AttackMap,
  attackFails,
  type CheckDefinition,
  defineAttempts,
  defineLab,
  type Indifferent,
  type LabDefinition,
  type LabFacts,
  type Outcome,
  type Submission,
  type SubmissionContext,
  type World,
} from './catalogue/definition.ts';
export type { LabOrganization, OrganizationLevel } from './catalogue/organization.ts';
export { allow, policy, type Statement, trust } from './catalogue/policies.ts';
export type { SimulatedHost } from './cloud/hosts.ts';
export { alphanumeric, digits, hex, lowerAlphanumeric, type Random } from './cloud/random.ts';
export { type RecordedCall, recordCalls } from './cloud/services/cloudtrail/recorded.ts';
export type { Actor } from './grading/actor.ts';
export { type CheckContext, fail, pass } from './grading/check-context.ts';
export { databaseAccepts, lastLogin, putRows, rdsDatabase, rowOf } from './grading/database.ts';
export { clusterPlaces, databaseExposure, publicFunctionReaching, publicInterfaces } from './grading/databases.ts';
export {
  type FoundFunction,
  functionsOf,
  invokeTargets,
  type Probe,
  probeActor,
  probeAll,
  queuesFeeding,
  rolesRefuseOutsiders,
  topicTargets,
} from './grading/follow.ts';
export { jsonAnswer, readJson } from './grading/host-json.ts';
export { recall, remember, remembered } from './grading/host-memory.ts';
export { accessOf, byResource, decideNamed, type NamedCaller, namedCallers } from './grading/named-callers.ts';
export {
  answerWithin,
  type FunctionNetwork,
  inEverySubnet,
  networkOf,
  type PlacedSubnet,
  publicRouteOf,
  reachFrom,
  reachFromEverySubnet,
} from './grading/network.ts';
export { type ObjectEventRoute, objectEventRoutes } from './grading/object-events.ts';
export { type PublicDoor, publicDoors } from './grading/public-doors.ts';
export { readableTexts } from './grading/readable-texts.ts';
export { type S3Effect, type S3Question, s3Powers, s3Questions } from './grading/s3-powers.ts';
export {
  parameterOf,
  type SecretRead,
  type StoredValue,
  secretReads,
  storedValue,
  storeValue,
} from './grading/secret-reads.ts';
export { probeService } from './grading/service-probe.ts';
export { heldInPieces, holds } from './grading/spellings.ts';
export { databaseUser, sql } from './grading/sql.ts';
export { putTableRows, type Row, tableRow, tableRows } from './grading/table-items.ts';
export { endpointPath, internetPath, serviceStop } from './grading/ways-out.ts';
