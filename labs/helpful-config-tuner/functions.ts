/** The functions of the lab, by the names that their users call. */
export const tuned = ['cart', 'resize-images', 'send-mail'];
export const privileged = ['account-janitor', 'cart-keys'];
