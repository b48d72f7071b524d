import { find, record } from './ledger.mjs';
import { charge } from './payments.mjs';

// Called by the web shop. { order, cents, card } charges a card; { receipt } looks up what was paid.
export const handler = async (event) => {
  if (event.receipt !== undefined) return (await find(String(event.receipt))) ?? { error: 'unknown receipt' };

  const { order, cents, card } = event;
  if (!/^[A-Z0-9-]{3,40}$/.test(order ?? '') || !Number.isInteger(cents) || cents <= 0 || typeof card !== 'string')
    return { paid: false, reason: 'A charge needs an order, an amount in cents and a card.' };

  let payment;
  try {
    payment = await charge({ order, cents, card });
  } catch (error) {
    console.error(JSON.stringify({ order, problem: error.message }));
    return { paid: false, reason: 'We could not reach our payment provider. Your card was not charged.' };
  }
  if (!payment.accepted) return { paid: false, reason: 'The card was declined.' };
  await record({ receipt: order, cents, payment: payment.id });
  return { paid: true, receipt: order };
};
