import type {
  LabelParameterVersionCommandInput,
  LabelParameterVersionCommandOutput,
  UnlabelParameterVersionCommandInput,
  UnlabelParameterVersionCommandOutput,
} from '@aws-sdk/client-ssm';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parameterAccess } from './access.ts';
import { getParameter, getVersion, parameters, readName } from './store.ts';

export const LabelParameterVersion = operation<LabelParameterVersionCommandInput, LabelParameterVersionCommandOutput>({
  access: (ctx, input) => parameterAccess(ctx, 'LabelParameterVersion', readName(ctx, input.Name!)),
  run(ctx, input) {
    const parameter = getParameter(ctx, readName(ctx, input.Name!));
    const { version } = getVersion(
      ctx,
      parameter,
      input.ParameterVersion === undefined ? undefined : `:${input.ParameterVersion}`,
    );
    const InvalidLabels = input.Labels!.filter((label) => !validLabel(label));
    // "… the system doesn't associate the label, and it displays an error in the list of InvalidLabels."
    const labels = { ...parameter.labels };
    for (const label of input.Labels!) if (validLabel(label)) labels[label] = version;
    if (Object.values(labels).filter((labelled) => labelled === version).length > 10)
      throw new AwsError('ParameterVersionLabelLimitExceeded', 'A parameter version can have a maximum of 10 labels.');
    ctx.state.put(parameters, parameter, parameter.name, { ...parameter, labels });
    return { InvalidLabels, ParameterVersion: version };
  },
});

export const UnlabelParameterVersion = operation<
  UnlabelParameterVersionCommandInput,
  UnlabelParameterVersionCommandOutput
>({
  access: (ctx, input) => parameterAccess(ctx, 'UnlabelParameterVersion', readName(ctx, input.Name!)),
  run(ctx, input) {
    const parameter = getParameter(ctx, readName(ctx, input.Name!));
    const { version } = getVersion(ctx, parameter, `:${input.ParameterVersion}`);
    const RemovedLabels = input.Labels!.filter(
      (label) => Object.hasOwn(parameter.labels, label) && parameter.labels[label] === version,
    );
    const labels = Object.fromEntries(
      Object.entries(parameter.labels).filter(([label]) => !RemovedLabels.includes(label)),
    );
    ctx.state.put(parameters, parameter, parameter.name, { ...parameter, labels });
    return { RemovedLabels, InvalidLabels: input.Labels!.filter((label) => !RemovedLabels.includes(label)) };
  },
});

/** "A label can't begin with a number, aws, or ssm (not case-sensitive)." */
function validLabel(label: string): boolean {
  return (
    label.length <= 100 &&
    /^[a-zA-Z_.-][a-zA-Z0-9_.-]*$/.test(label) &&
    !/^(aws|ssm)/i.test(label) &&
    label !== '__proto__'
  );
}
