// Portmaster harbour agent 4.2. Reads its settings once, from the environment, when it is loaded. Do not edit.
const { HARBOUR_URL: url, HARBOUR_TOKEN: token } = process.env;
if (!token) throw new Error('HARBOUR_TOKEN is not set');

export async function askForBerth(ship) {
  const answer = await fetch(`${url}/berths`, {
    method: 'POST',
    headers: { 'x-harbour-token': token },
    body: JSON.stringify({ ship }),
  });
  if (!answer.ok) throw new Error(`the harbour answers ${answer.status}`);
  return (await answer.json()).berth;
}
