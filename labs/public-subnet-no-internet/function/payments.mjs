import https from 'node:https';

const { PAYMENTS_URL, PAYMENTS_TOKEN } = process.env;
const PATIENCE = 1000; // milliseconds without a sign of life

/** Asks the payment provider to charge a card. The provider charges an order once, however often it is asked. */
export function charge({ order, cents, card }) {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { authorization: `Bearer ${PAYMENTS_TOKEN}`, 'content-type': 'application/json' },
      timeout: PATIENCE,
    };
    const request = https.request(`${PAYMENTS_URL}/charges`, options, async (response) => {
      try {
        let text = '';
        for await (const chunk of response) text += chunk;
        if (response.statusCode === 402) resolve({ accepted: false });
        else if (response.statusCode === 201) resolve({ accepted: true, id: JSON.parse(text).id });
        else reject(new Error(`the payment provider answered ${response.statusCode}: ${text}`));
      } catch (error) {
        reject(error);
      }
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${PAYMENTS_URL} within ${PATIENCE} ms`)));
    request.on('error', reject);
    request.end(JSON.stringify({ order, cents, card }));
  });
}
