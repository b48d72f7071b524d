import type {
  PutPermissionCommandInput,
  PutPermissionCommandOutput,
  RemovePermissionCommandInput,
  RemovePermissionCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { policyDocument } from '../iam/documents.ts';
import { constraint, invalid, notFound } from './errors.ts';
import { type BusPlace, type BusRecord, buses, getBus, placeOfBus } from './store.ts';

const mostCharacters = 10_240;

const missing = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

function readPolicy(text: string): PolicyDocument {
  const { document, problems } = parsePolicy(text, 'resource');
  if (!document) throw invalid(`Parameter Policy is not valid. Reason: ${problems[0]?.message ?? 'malformed'}`);
  const statements = [document.Statement].flat();
  if (statements.some(({ Action, NotAction }) => [Action ?? NotAction ?? []].flat().some((a) => !/^events:/i.test(a))))
    throw invalid('Parameter Policy is not valid. Reason: Policy statement action is out of service scope.');
  return document;
}

/** A bus of the caller's: nobody writes the policy of another account's. */
function ownBus(ctx: CallContext, name: string | undefined): { place: BusPlace; bus: BusRecord } {
  const place = placeOfBus(ctx, name);
  if (place.account !== ctx.account || place.region !== ctx.region) throw notFound(`Event bus ${place.name}`);
  return { place, bus: getBus(ctx.state, place) };
}

function statementFrom(input: PutPermissionCommandInput, arn: string): Statement {
  const { Action: action = '', Principal: principal = '', StatementId: sid = '', Condition: condition } = input;
  if (!/^[\w-]{1,64}$/.test(sid))
    throw constraint('statementId', sid, 'satisfy regular expression pattern: [a-zA-Z0-9-_]+');
  if (!/^events:[A-Za-z]{1,57}$/.test(action))
    throw constraint('action', action, 'satisfy regular expression pattern: events:[a-zA-Z]+');
  if (action !== 'events:PutEvents') throw invalid('Provided value in parameter Action is not supported.');
  if (principal !== '*' && !/^\d{12}$/.test(principal))
    throw constraint('principal', principal, 'satisfy regular expression pattern: (\\d{12}|\\*)');
  if (condition && (condition.Type !== 'StringEquals' || condition.Key !== 'aws:PrincipalOrgID'))
    throw invalid('Parameter Condition is not valid. Reason: only StringEquals of aws:PrincipalOrgID is supported.');
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: arn,
    ...(condition ? { Condition: { StringEquals: { 'aws:PrincipalOrgID': condition.Value! } } } : {}),
  };
}

function save(ctx: CallContext, bus: BusRecord, document: PolicyDocument | undefined): void {
  const { policy: _old, ...rest } = bus;
  const text = document && JSON.stringify(document);
  if (text && text.length > mostCharacters)
    throw new AwsError('PolicyLengthExceededException', 'The policy exceeds the maximum size of 10240 characters.');
  ctx.state.put(buses, ctx, bus.name, { ...rest, ...(text ? { policy: text } : {}), modified: ctx.now });
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html: one statement, or a whole policy. */
export const PutPermission = operation<PutPermissionCommandInput, PutPermissionCommandOutput>({
  access: () => ({ action: 'events:PutPermission', resource: '*' }),
  run(ctx, input) {
    const { place, bus } = ownBus(ctx, input.EventBusName);
    if (input.Policy !== undefined) {
      if (input.Action ?? input.Principal ?? input.StatementId ?? input.Condition)
        throw invalid('Policy cannot be specified together with StatementId, Action, Principal or Condition.');
      save(ctx, bus, readPolicy(input.Policy));
      return {};
    }
    const statement = statementFrom(input, place.arn);
    const old = bus.policy ? policyDocument(bus.policy) : { Version: '2012-10-17', Statement: [] };
    const others = [old.Statement].flat().filter(({ Sid }) => Sid !== statement.Sid);
    save(ctx, bus, { ...old, Statement: [...others, statement] });
    return {};
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html */
export const RemovePermission = operation<RemovePermissionCommandInput, RemovePermissionCommandOutput>({
  access: () => ({ action: 'events:RemovePermission', resource: '*' }),
  run(ctx, input) {
    const { bus } = ownBus(ctx, input.EventBusName);
    if (input.RemoveAllPermissions) {
      save(ctx, bus, undefined);
      return {};
    }
    if (!bus.policy) throw missing('EventBus does not have a policy.');
    const document = policyDocument(bus.policy);
    const statements = [document.Statement].flat();
    const rest = statements.filter(({ Sid }) => Sid !== input.StatementId);
    if (rest.length === statements.length) throw missing('Statement with the provided id does not exist.');
    save(ctx, bus, rest.length ? { ...document, Statement: rest } : undefined);
    return {};
  },
});
