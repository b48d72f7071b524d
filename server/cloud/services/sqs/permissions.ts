import type {
  AddPermissionCommandInput,
  AddPermissionCommandOutput,
  RemovePermissionCommandInput,
  RemovePermissionCommandOutput,
} from '@aws-sdk/client-sqs';
import { operation } from '../../context.ts';
import { policyDocument } from '../iam/documents.ts';
import { invalidBecause, missing } from './errors.ts';
import { changedAttributes } from './queue-attributes.ts';
import { getQueue, isFifo, ownerAccess, placeOfUrl, type QueueRecord, queueArn, queues } from './store.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html: a statement for whole accounts. */
export const AddPermission = operation<AddPermissionCommandInput, AddPermissionCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:AddPermission', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const { Label: label = '', AWSAccountIds: accounts = [], Actions: actions = [] } = input;
    if (!/^[\w-]{1,80}$/.test(label)) throw invalidBecause('Label', label, 'Invalid label.');
    if (accounts.length === 0) throw missing('AWSAccountIds');
    if (actions.length === 0) throw missing('Actions');
    const wrong = accounts.find((account) => !/^\d{12}$/.test(account));
    if (wrong !== undefined) throw invalidBecause('PrincipalId', wrong, 'Unable to verify.');
    const unknown = actions.find((action) => !/^(\*|[A-Za-z]+)$/.test(action));
    if (unknown !== undefined)
      throw invalidBecause('ActionName', unknown, 'Please refer to the appropriate WSDL for a list of valid actions.');
    const { head, statements } = statementsOf(queue, queueArn(place));
    if (statements.some(({ Sid }) => Sid === label)) throw invalidBecause('Label', label, 'Already exists.');
    const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
    const names = actions.map((action) => `SQS:${action}`);
    const statement = {
      Sid: label,
      Effect: 'Allow',
      Principal: { AWS: principals.length === 1 ? principals[0] : principals },
      Action: names.length === 1 ? names[0] : names,
      Resource: queueArn(place),
    };
    const Policy = JSON.stringify({ ...head, Statement: [...statements, statement] });
    const attributes = changedAttributes(ctx.state, place, queue.attributes, { Policy }, isFifo(queue));
    ctx.state.put(queues, place, place.name, { ...queue, attributes, modified: ctx.now });
    return {};
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html */
export const RemovePermission = operation<RemovePermissionCommandInput, RemovePermissionCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:RemovePermission', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const { head, statements } = statementsOf(queue, queueArn(place));
    const rest = statements.filter(({ Sid }) => Sid !== input.Label);
    if (rest.length === statements.length) throw invalidBecause('Label', input.Label, "can't find label.");
    const { Policy: _old, ...others } = queue.attributes;
    const attributes = rest.length > 0 ? { ...others, Policy: JSON.stringify({ ...head, Statement: rest }) } : others;
    ctx.state.put(queues, place, place.name, { ...queue, attributes, modified: ctx.now });
    return {};
  },
});

function statementsOf(queue: QueueRecord, arn: string) {
  const text = queue.attributes.Policy;
  if (!text) return { head: { Version: '2012-10-17', Id: `${arn}/SQSDefaultPolicy` }, statements: [] };
  const { Statement, ...head } = policyDocument(text);
  return { head, statements: [Statement].flat() };
}
