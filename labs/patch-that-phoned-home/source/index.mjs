import format from 'penny-format';

/** A till asks for the text of a receipt; prices are in cents. */
export async function handler({ items = [], currency = 'EUR' }) {
  let total = 0;
  const lines = items.map(({ name, quantity, price }) => {
    total += quantity * price;
    return `${quantity} x ${name}  ${format(quantity * price, currency)}`;
  });
  return { text: [...lines, `Total  ${format(total, currency)}`].join('\n') };
}
