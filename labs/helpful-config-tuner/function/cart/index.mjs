// Adds up a cart: { items: [{ cents, count }] }.
export const handler = async ({ items = [] }) => ({ cents: items.reduce((sum, item) => sum + item.cents * item.count, 0) });
