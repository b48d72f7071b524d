// Pays salaries: each message names an employee, an account and an amount.
export const handler = async (event) => {
  for (const record of event.Records) {
    const payment = JSON.parse(record.Sns.Message);
    const response = await fetch(`${process.env.BANK_URL}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.BANK_TOKEN}` },
      body: JSON.stringify({ to: payment.iban, name: payment.employee, cents: payment.cents, reference: payment.reference }),
    });
    if (!response.ok) throw new Error(`the bank answered ${response.status}: ${await response.text()}`);
    console.log(JSON.stringify({ paid: payment.reference, cents: payment.cents }));
  }
};
