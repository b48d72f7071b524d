import * as sdk from '@aws-sdk/client-api-gateway';
import { expect, it } from 'vitest';
import { handle } from '../../server/cloud/gateway/handle.ts';
import type { CheckContext } from '../../server/grading/check-context.ts';
import { publicDoors } from '../../server/grading/public-doors.ts';
import { addMethod, createApi, deploy, gateway } from '../cloud/services/apigateway/kit.ts';
import { client, createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

it('lists what stages of REST APIs serve, whatever the API has become since', async () => {
  const { cloud } = createTestCloud();
  const api = gateway(cloud);
  const built = await createApi(api);
  const resourceId = await addMethod(api, built, 'GET /items/{id}');
  await addMethod(api, built, 'ANY /open');
  await addMethod(api, built, 'DELETE /admin');
  await deploy(api, built);
  const { restApiId } = built;
  await api.send(new sdk.DeleteMethodCommand({ restApiId, resourceId, httpMethod: 'GET' }));
  const admin = { client: (Client: new (config: object) => unknown) => client(Client, cloud) };
  const context = { cloud, region: REGION, account: () => ({ id: OWN }), admin: () => admin };
  const doors = await publicDoors(context as unknown as CheckContext, '7');
  const base = `/_range/execute-api/${restApiId}/prod`;
  expect(doors.map(({ name, url }) => [name, url.slice(cloud.endpoint.length)])).toEqual([
    ['GET /prod/items/7 of shop', `${base}/items/7`],
    ['GET /prod/open of shop', `${base}/open`],
  ]);
  for (const { url } of doors) {
    const host = new URL(url).host;
    const request = { method: 'GET', url: new URL(url).pathname, host, headers: { host }, body: Buffer.alloc(0) };
    expect((await handle(cloud, { ...request, sourceIp: '198.51.100.7' }, { ip: '198.51.100.7' })).status).toBe(200);
  }
});
