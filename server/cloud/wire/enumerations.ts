import { createRequire } from 'node:module';
import { InvalidInput } from './required.ts';
import type { OperationSchema } from './schemas.ts';
import type { WireService } from './services.ts';

const require = createRequire(import.meta.url);

/**
 * Members of which AWS's front end knows every value, where the service itself does not look at each: by operation and
 * member, with the name of the SDK's enumeration. The SDK's schemas do not say which member has which.
 */
const enumerations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  iam: {
    'ListEntitiesForPolicy.EntityFilter': 'EntityType',
    'ListEntitiesForPolicy.PolicyUsageFilter': 'PolicyUsageType',
    'ListPolicies.PolicyUsageFilter': 'PolicyUsageType',
    'ListPolicies.Scope': 'PolicyScopeType',
    'ListVirtualMFADevices.AssignmentStatus': 'AssignmentStatusType',
  },
  lambda: {
    'CreateFunctionUrlConfig.AuthType': 'FunctionUrlAuthType',
    'CreateFunctionUrlConfig.InvokeMode': 'InvokeMode',
    'ListFunctions.FunctionVersion': 'FunctionVersion',
    'ListLayers.CompatibleArchitecture': 'Architecture',
    'ListLayers.CompatibleRuntime': 'Runtime',
    'ListLayerVersions.CompatibleArchitecture': 'Architecture',
    'ListLayerVersions.CompatibleRuntime': 'Runtime',
    'PutFunctionRecursionConfig.RecursiveLoop': 'RecursiveLoop',
    'UpdateFunctionUrlConfig.AuthType': 'FunctionUrlAuthType',
    'UpdateFunctionUrlConfig.InvokeMode': 'InvokeMode',
  },
  secretsmanager: { 'ListSecrets.SortBy': 'SortByType', 'ListSecrets.SortOrder': 'SortOrderType' },
  kms: {
    'GenerateDataKey.KeySpec': 'DataKeySpec',
    'GenerateDataKeyWithoutPlaintext.KeySpec': 'DataKeySpec',
    'ListKeyRotations.IncludeKeyMaterial': 'IncludeKeyMaterial',
  },
  logs: { 'DescribeLogGroups.logGroupClass': 'LogGroupClass' },
  dynamodb: {
    'BatchExecuteStatement.ReturnConsumedCapacity': 'ReturnConsumedCapacity',
    'ExecuteStatement.ReturnValuesOnConditionCheckFailure': 'ReturnValuesOnConditionCheckFailure',
    'Scan.ConditionalOperator': 'ConditionalOperator',
    'UpdateTable.TableClass': 'TableClass',
  },
};

/** Every row: service, `Operation.Member`, and the values that it may have. */
export function enumerated(service: WireService): [string, string[]][] {
  return Object.entries(enumerations[service.id] ?? {}).map(([member, name]) => [
    member,
    Object.values((require(service.sdk) as Record<string, Record<string, string>>)[name]!),
  ]);
}

/**
 * Refuses a value that its enumeration does not have.
 * @throws InvalidInput
 */
export function checkEnumerations(
  service: WireService,
  operation: OperationSchema,
  input: Readonly<Record<string, unknown>>,
): void {
  for (const [path, values] of enumerated(service)) {
    const [name, member] = path.split('.') as [string, string];
    const value = name === operation.name ? input[member] : undefined;
    if (value === undefined || values.includes(value as string)) continue;
    const shown = String(value).slice(0, 200);
    throw new InvalidInput(
      `1 validation error detected: Value '${shown}' at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
    );
  }
}
