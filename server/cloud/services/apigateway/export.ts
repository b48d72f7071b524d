import type { GetExportCommandInput, GetExportCommandOutput } from '@aws-sdk/client-api-gateway';
import { operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { type DeploymentRecord, deployments, type MethodRecord, stages } from './records.ts';
import { badRequest, getChild, missing, notFound, restAccess, shown } from './shared.ts';

/** What is written beside the bare paths. */
interface Wanted {
  version: 2 | 3;
  integrations: boolean;
  authorizers: boolean;
}

/** Where an export stands: the address of the stage. */
interface Place {
  host: string;
  stage: string;
}

/** A deployed API as OpenAPI: paths, models, and on demand integrations and authorizers. */
function written(deployment: DeploymentRecord, wanted: Wanted, { host, stage }: Place): object {
  const { api, resources, models } = deployment;
  const paths = Object.fromEntries(
    resources
      .filter(({ methods }) => Object.keys(methods).length)
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, methods }) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([name, method]) => [
            name === 'ANY' ? 'x-amazon-apigateway-any-method' : name.toLowerCase(),
            operationOf(deployment, method, wanted),
          ]),
        ),
      ]),
  );
  const schemas = Object.fromEntries(models.map(({ name, schema }) => [name, schemaOf(schema, wanted)]));
  const security =
    wanted.authorizers || resources.some(({ methods }) => Object.values(methods).some((each) => each.apiKeyRequired))
      ? securitySchemes(deployment, wanted)
      : {};
  const info = shown({
    title: api.name,
    description: api.description,
    version: api.version ?? new Date(deployment.created).toISOString(),
  });
  return wanted.version === 2
    ? {
        swagger: '2.0',
        info,
        host,
        basePath: `/${stage}`,
        schemes: ['https'],
        paths,
        ...shown({ securityDefinitions: security, definitions: schemas }),
      }
    : {
        openapi: '3.0.1',
        info,
        servers: [{ url: `https://${host}/{basePath}`, variables: { basePath: { default: stage } } }],
        paths,
        components: shown({ schemas, securitySchemes: security }),
      };
}

/** References among models become those among a definition's schemas. */
function schemaOf(text: string | undefined, { version }: Wanted): unknown {
  const place = version === 2 ? '#/definitions/' : '#/components/schemas/';
  return JSON.parse(
    (text ?? '{}').replace(
      /"https:\/\/apigateway\.amazonaws\.com\/restapis\/[^/"]{1,64}\/models\/([a-zA-Z0-9]{1,255})"/g,
      (_whole, name: string) => `"${place}${name}"`,
    ),
  );
}

function operationOf(deployment: DeploymentRecord, method: MethodRecord, wanted: Wanted): object {
  const parameters = Object.entries(method.requestParameters ?? {}).map(([parameter, required]) => {
    const [, , place = '', ...rest] = parameter.split('.');
    const type = wanted.version === 2 ? { type: 'string' } : { schema: { type: 'string' } };
    return { name: rest.join('.'), in: place === 'querystring' ? 'query' : place, required, ...type };
  });
  const responses = Object.fromEntries(
    Object.keys(method.responses).map((status) => [status, { description: `${status} response` }]),
  );
  const authorizer = deployment.authorizers.find(({ authorizerId }) => authorizerId === method.authorizerId);
  const security = [
    ...(authorizer && wanted.authorizers ? [{ [authorizer.name]: method.authorizationScopes ?? [] }] : []),
    ...(method.authorizationType === 'AWS_IAM' && wanted.authorizers ? [{ sigv4: [] }] : []),
    ...(method.apiKeyRequired ? [{ api_key: [] }] : []),
  ];
  return shown({
    operationId: method.operationName,
    parameters,
    ...(Object.keys(responses).length ? { responses } : {}),
    security,
    ...(wanted.integrations && method.integration ? { 'x-amazon-apigateway-integration': integrationOf(method) } : {}),
  });
}

function integrationOf({ integration }: MethodRecord): object {
  const { type, responses, timeoutMs, passthroughBehavior, ...rest } = integration!;
  const mapped = Object.entries(responses).map(([statusCode, { selectionPattern, ...response }]) => [
    selectionPattern || 'default',
    { statusCode, ...response },
  ]);
  return shown({
    type: type.toLowerCase(),
    httpMethod: rest.httpMethod,
    uri: rest.uri,
    credentials: rest.credentials,
    requestParameters: { ...rest.requestParameters },
    requestTemplates: { ...rest.requestTemplates },
    responses: Object.fromEntries(mapped),
    passthroughBehavior: passthroughBehavior.toLowerCase(),
    timeoutInMillis: timeoutMs,
  });
}

function securitySchemes({ authorizers, resources }: DeploymentRecord, wanted: Wanted): object {
  const methods = resources.flatMap((resource) => Object.values(resource.methods));
  const made = authorizers.map((each) => [
    each.name,
    {
      type: 'apiKey',
      name: each.identitySource?.split('.').at(-1) ?? 'Unused',
      in: 'header',
      'x-amazon-apigateway-authtype': each.type === 'COGNITO_USER_POOLS' ? 'cognito_user_pools' : 'custom',
      'x-amazon-apigateway-authorizer': shown({
        type: each.type.toLowerCase(),
        authorizerUri: each.uri,
        authorizerCredentials: each.credentials,
        identitySource: each.identitySource,
        identityValidationExpression: each.validationExpression,
        authorizerResultTtlInSeconds: each.ttlSeconds,
        providerARNs: each.providerArns ?? [],
      }),
    },
  ]);
  const signed = methods.some((each) => each.authorizationType === 'AWS_IAM');
  return {
    ...(wanted.authorizers ? Object.fromEntries(made) : {}),
    ...(wanted.authorizers && signed
      ? { sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' } }
      : {}),
    ...(methods.some((each) => each.apiKeyRequired)
      ? { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } }
      : {}),
  };
}

export const GetExport = operation<GetExportCommandInput, GetExportCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'GET', `/restapis/${input.restApiId}/stages/${input.stageName}/exports/${input.exportType}`),
  run(ctx, input) {
    const stage = getChild(ctx, stages, missing.stage, input.restApiId!, input.stageName!);
    const deployment = ctx.state.get(deployments, ctx, `${stage.apiId}:${stage.deploymentId}`);
    if (!deployment) throw notFound(missing.deployment);
    if (input.exportType !== 'oas30' && input.exportType !== 'swagger')
      throw badRequest(`No API exporter for type '${input.exportType!.slice(0, 60)}'`);
    if (/yaml/.test(input.accepts ?? '')) throw new NotEmulated('exports as YAML (JSON is)');
    const extensions = new Set((input.parameters?.extensions ?? '').split(','));
    const all = extensions.has('apigateway');
    const wanted: Wanted = {
      version: input.exportType === 'swagger' ? 2 : 3,
      integrations: all || extensions.has('integrations'),
      authorizers: all || extensions.has('authorizers'),
    };
    const place = { host: `${stage.apiId}.execute-api.${ctx.region}.amazonaws.com`, stage: stage.name };
    return {
      contentType: 'application/octet-stream',
      contentDisposition: `attachment; filename="${input.exportType}_${new Date(ctx.now).toISOString()}.json"`,
      body: Buffer.from(JSON.stringify(written(deployment, wanted, place), undefined, 2)) as never,
    };
  },
});
