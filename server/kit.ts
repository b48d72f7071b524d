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
export { createHttpApi } from './catalogue/http-api.ts';
export type { LabOrganization, OrganizationLevel } from './catalogue/organization.ts';
export { allow, policy, type Statement, trust } from './catalogue/policies.ts';
export { createTier, nameTag } from './catalogue/vpc.ts';
export { zipFiles } from './catalogue/zip.ts';
export type { SimulatedHost } from './cloud/hosts.ts';
export { alphanumeric, digits, hex, lowerAlphanumeric, type Random } from './cloud/random.ts';
export { logFiles } from './cloud/services/cloudtrail/log-files.ts';
export { type RecordedCall, recordCalls } from './cloud/services/cloudtrail/recorded.ts';
export type { Actor } from './grading/actor.ts';
export { objectText, openToAll } from './grading/buckets.ts';
export {
  type Advisory,
  type Build,
  codeDifference,
  createBuild,
  deployedFiles,
  endOnce,
  filesOf,
  findingsIn,
  installedPackages,
  lockFile,
  nodeModules,
  npmRegistry,
  type PackageFiles,
  type PublishedVersion,
  publish,
  publishedIn,
  rebuild,
  sourceFiles,
  tarballOf,
} from './grading/build/index.ts';
export { type CheckContext, fail, pass } from './grading/check-context.ts';
export { callableBy, codePowers, type PowerQuestion } from './grading/code-powers.ts';
export { databaseAccepts, lastLogin, lineServer, putRows, rdsDatabase, rowOf } from './grading/database.ts';
export { clusterPlaces, databaseExposure, publicFunctionReaching, publicInterfaces } from './grading/databases.ts';
export { type Empowered, empowered } from './grading/empowered.ts';
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
export {
  type ForeignPower,
  type ForeignQuestion,
  foreignPower,
  functionQuestions,
  layerQuestions,
  trustQuestions,
} from './grading/foreign-powers.ts';
export { type FunctionDoor, functionDoors } from './grading/function-doors.ts';
export { actionOf, outsiderAt, outsiderAtRoute, takeovers } from './grading/function-outsiders.ts';
export {
  byWhat,
  functionNames,
  functionWrites,
  notePower,
  type Power,
  powerOver,
  rolesOfFunction,
} from './grading/function-powers.ts';
export { furtherSessions, type GivenSession, givenSession } from './grading/given-sessions.ts';
export type { Guise } from './grading/guises.ts';
export { escalationOf } from './grading/guises.ts';
export { jsonAnswer, readJson } from './grading/host-json.ts';
export { recall, remember, remembered } from './grading/host-memory.ts';
export { type HttpDoor, httpDoors } from './grading/http-doors.ts';
export { doorsTo, insider, type ServiceDoor } from './grading/inside.ts';
export { type Insider, insiders } from './grading/insiders.ts';
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
export { inOneBatch } from './grading/one-batch.ts';
export { type PublicDoor, publicDoors } from './grading/public-doors.ts';
export { readableTexts } from './grading/readable-texts.ts';
export { grantingPower, type Reached, rolesWithin, userGuise } from './grading/role-reach.ts';
export { type RuntimePatch, runtimePatches } from './grading/runtime-patches.ts';
export { ageFunction, type ServedVersion, servedVersions, weightedVersions } from './grading/runtimes.ts';
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
export { signedHttp } from './grading/signed-http.ts';
export { heldInPieces, holds } from './grading/spellings.ts';
export { databaseUser, sql } from './grading/sql.ts';
export { putTableRows, type Row, tableRow, tableRows } from './grading/table-items.ts';
export { firstAllowed, type ItemOwner, type TableEffect, tableQuestions } from './grading/table-powers.ts';
export { neighbourPath, strangerReaching, strangersGroup } from './grading/vpc-neighbours.ts';
export { endpointAddresses, endpointPath, internetPath, serviceStop } from './grading/ways-out.ts';
