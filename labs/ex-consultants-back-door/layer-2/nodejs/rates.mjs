// Harbour dues in cents.
export const surcharge = (kilos) => (kilos > 1000 ? 2500 : 900);
