// Writes the text of a receipt: { name, title }.
export const handler = async ({ name, title }) => ({ text: `Dear ${name}, enjoy "${title}".` });
