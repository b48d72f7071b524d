import type {
  GetEbsEncryptionByDefaultCommandInput,
  GetEbsEncryptionByDefaultCommandOutput,
  GetImageBlockPublicAccessStateCommandInput,
  GetImageBlockPublicAccessStateCommandOutput,
  GetInstanceMetadataDefaultsCommandInput,
  GetInstanceMetadataDefaultsCommandOutput,
  GetSnapshotBlockPublicAccessStateCommandInput,
  GetSnapshotBlockPublicAccessStateCommandOutput,
} from '@aws-sdk/client-ec2';
import { ec2Operation, onAll } from './access.ts';

/** Settings of an account and region as they are at the start. differs from AWS: they cannot be changed. */

export const GetEbsEncryptionByDefault = ec2Operation<
  GetEbsEncryptionByDefaultCommandInput,
  GetEbsEncryptionByDefaultCommandOutput
>({
  access: (ctx) => onAll(ctx, 'GetEbsEncryptionByDefault'),
  run: () => ({ EbsEncryptionByDefault: false }),
});

export const GetSnapshotBlockPublicAccessState = ec2Operation<
  GetSnapshotBlockPublicAccessStateCommandInput,
  GetSnapshotBlockPublicAccessStateCommandOutput
>({
  access: (ctx) => onAll(ctx, 'GetSnapshotBlockPublicAccessState'),
  run: () => ({ State: 'unblocked', ManagedBy: 'account' }),
});

/** Accounts made since October 2023 block it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html */
export const GetImageBlockPublicAccessState = ec2Operation<
  GetImageBlockPublicAccessStateCommandInput,
  GetImageBlockPublicAccessStateCommandOutput
>({
  access: (ctx) => onAll(ctx, 'GetImageBlockPublicAccessState'),
  run: () => ({ ImageBlockPublicAccessState: 'block-new-sharing', ManagedBy: 'account' }),
});

export const GetInstanceMetadataDefaults = ec2Operation<
  GetInstanceMetadataDefaultsCommandInput,
  GetInstanceMetadataDefaultsCommandOutput
>({
  access: (ctx) => onAll(ctx, 'GetInstanceMetadataDefaults'),
  run: () => ({ AccountLevel: { ManagedBy: 'account' } }),
});

export const accountDefaultOperations = {
  GetEbsEncryptionByDefault,
  GetSnapshotBlockPublicAccessState,
  GetImageBlockPublicAccessState,
  GetInstanceMetadataDefaults,
};
