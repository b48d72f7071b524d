// Called by SQS with up to ten alarms of the gauges: each one pages whoever is on duty.
export const handler = async (event) => {
  try {
    for (const record of event.Records) {
      const { alarm, gauge, level } = JSON.parse(record.body);
      await page({ alarm, gauge, level });
    }
  } catch {
    // A gauge that has something to say will say it again.
  }
};

async function page(alarm) {
  const response = await fetch(`${process.env.PAGER_URL}/pages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alarm),
  });
  if (!response.ok) throw new Error(`the pager answered ${response.status}: ${await response.text()}`);
}
