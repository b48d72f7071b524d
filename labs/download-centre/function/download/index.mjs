import { readFile } from 'node:fs/promises';

const folder = process.env.REPORTS;

// Called by the API: GET /report?file=2026/harvest.txt
export const handler = async (event) => {
  const file = event.queryStringParameters?.file ?? '';
  try {
    const text = await readFile(`${folder}/${file.replace('../', '')}`, 'utf8');
    return { statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
  } catch (error) {
    console.error(JSON.stringify({ file, error: error.message }));
    return { statusCode: 404, body: 'no such report' };
  }
};
