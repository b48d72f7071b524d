/** The only module that a lab may import, besides the SDK's clients. */
export {
  type AttackMap,
  type CheckDefinition,
  defineAttempts,
  defineLab,
  type LabDefinition,
  type LabFacts,
  type Outcome,
  type Submission,
  type SubmissionContext,
  type World,
} from './catalogue/definition.ts';
export type { SimulatedHost } from './cloud/hosts.ts';
export { alphanumeric, digits, hex, lowerAlphanumeric, type Random } from './cloud/random.ts';
export type { Actor } from './grading/actor.ts';
export { type CheckContext, fail, pass } from './grading/check-context.ts';
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
export { recall, remember } from './grading/host-memory.ts';
export { probeService } from './grading/service-probe.ts';
