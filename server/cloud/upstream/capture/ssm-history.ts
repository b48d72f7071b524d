import { GetParameterHistoryCommand, type ParameterHistory, SSMClient } from '@aws-sdk/client-ssm';
import type { Source } from '../types.ts';

export interface History {
  /** By version, the oldest first. */
  history: ParameterHistory[];
  /** Values of SecureStrings are in the clear; else they are ciphertexts, as the key of one cannot be used. */
  decrypted: boolean;
}

const keyRefused = ['InvalidKeyId', 'AccessDeniedException'];
const gone = ['ParameterNotFound'];

/** All versions of a parameter; none for one that is gone meanwhile. */
export async function historyOf(source: Source, name: string): Promise<History> {
  let decrypted = true;
  let history = await readHistory(source, name, true, () => {
    decrypted = false;
  });
  if (!decrypted) history = await readHistory(source, name, false);
  return { history: history.sort((a, b) => a.Version! - b.Version!), decrypted };
}

/** @param onRefusedKey called in place of an error when a key cannot be used */
function readHistory(
  source: Source,
  Name: string,
  WithDecryption: boolean,
  onRefusedKey?: () => void,
): Promise<ParameterHistory[]> {
  const ssm = source.client(SSMClient);
  return source.pages(
    `the versions of parameter ${Name}`,
    async (NextToken) => {
      try {
        return await ssm.send(new GetParameterHistoryCommand({ Name, WithDecryption, NextToken, MaxResults: 50 }));
      } catch (error) {
        const { name } = error as Error;
        if (onRefusedKey && keyRefused.includes(name)) onRefusedKey();
        else if (!gone.includes(name)) throw error;
        return { Parameters: [], NextToken: undefined };
      }
    },
    (page) => ({ items: page.Parameters, next: page.NextToken }),
  );
}
