import type { Service } from '../../context.ts';
import * as permissions from './permissions.ts';
import { Publish, PublishBatch } from './publish.ts';
import { GetSubscriptionAttributes, SetSubscriptionAttributes } from './subscription-attributes.ts';
import * as subscriptions from './subscriptions.ts';
import * as tags from './tags.ts';
import * as topics from './topics.ts';

export const sns: Service = {
  id: 'sns',
  stored: {
    SetSubscriptionAttributes: 'of its attributes RedrivePolicy: what cannot be delivered goes nowhere',
  },
  operations: {
    ...topics,
    ...permissions,
    ...tags,
    ...subscriptions,
    GetSubscriptionAttributes,
    SetSubscriptionAttributes,
    Publish,
    PublishBatch,
  },
};
