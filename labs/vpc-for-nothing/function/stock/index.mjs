import http from 'node:http';

const { INTRANET } = process.env;

// Called by the shop: how many copies of a book are in the warehouse.
export const handler = ({ isbn }) =>
  new Promise((resolve) => {
    const request = http.get(`http://${INTRANET}/stock/${encodeURIComponent(isbn)}`, { timeout: 4000 }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve(response.statusCode === 200 ? { isbn, copies: JSON.parse(text).copies } : { error: 'unknown book' });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve({ error: `the warehouse does not answer: ${error.message}` }));
  });
