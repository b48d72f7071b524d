import { register } from './claims.mjs';
import { normalise } from './vendor/iban-tools/index.mjs';

// Called by the claims desk: { claim, cents, iban } becomes a row of the table and an order to pay.
export const handler = async ({ claim, cents, iban }) => {
  if (!/^C-[0-9]{3,12}$/.test(claim ?? '') || !Number.isInteger(cents) || cents <= 0 || typeof iban !== 'string')
    return { registered: false, reason: 'A claim needs a number, an amount in cents and an IBAN.' };
  const order = { claim, cents, iban: await normalise(iban, { claim, cents }) };
  try {
    await register(order);
  } catch (error) {
    console.error(JSON.stringify({ claim, problem: `${error.name}: ${error.message}` }));
    return { registered: false, reason: `The claim was not registered: ${error.name}.` };
  }
  return { registered: true, claim };
};
