import { query } from './db.mjs';

// GET one order: {"order": "A-1001"} answers its state.
export const handler = async (event) => {
  const row = await query({
    host: process.env.DB_HOST,
    port: 5432,
    user: process.env.DB_USER,
    password: process.env.DB_PASSWORD,
    query: { order: String(event.order) },
  });
  return row ?? { missing: event.order };
};
