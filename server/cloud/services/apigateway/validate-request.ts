import { faults } from './faults.ts';
import { fitsSchema } from './json-schema.ts';
import type { RestCall } from './rest-call.ts';
import { own } from './shared.ts';

/**
 * What a method's request validator asks: required parameters are there and not empty, the body fits its model.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
 * @throws GatewayFault
 */
export function validateRequest(call: RestCall): void {
  const { deployment, method, request } = call;
  const validator = deployment.validators.find(({ validatorId }) => validatorId === method.requestValidatorId);
  if (validator?.parameters) {
    const absent = Object.entries(method.requestParameters ?? {})
      .filter(([name, required]) => required && !present(call, name))
      .map(([name]) => name.split('.').slice(3).join('.'));
    if (absent.length) throw faults.parameters(absent);
  }
  if (!validator?.body) return;
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  const name = own(method.requestModels, type) ?? own(method.requestModels, '$default');
  const model = deployment.models.find((each) => each.name === name);
  if (!model?.schema) return;
  const named = (other: string) => deployment.models.find((each) => each.name === other)?.schema;
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString());
  } catch {
    throw faults.body();
  }
  if (!fitsSchema(model.schema, value, named)) throw faults.body();
}

function present({ request, query, pathParameters }: RestCall, parameter: string): boolean {
  const [, , place, ...rest] = parameter.split('.');
  const name = rest.join('.');
  if (place === 'header' || place === 'multivalueheader') return Boolean(own(request.headers, name.toLowerCase()));
  if (place === 'path') return own(pathParameters, name) !== undefined;
  return query.has(name);
}
