import { readConfig } from './config.ts';
import { startRange } from './range.ts';

// The SDK's notice about Node 20 is for those who write against it, not for who runs a range.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

try {
  const range = await startRange(readConfig(process.env));
  process.stdout.write(`Lambda Range is ready: ${range.publicUrl}\nAWS endpoint:          ${range.awsUrl}\n`);
  const stop = (): void => {
    range.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
