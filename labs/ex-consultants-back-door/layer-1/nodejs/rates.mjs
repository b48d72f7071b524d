// Harbour dues in cents, as of last year.
export const surcharge = (kilos) => (kilos > 1000 ? 2200 : 800);
