import { askForBerth } from './vendor/harbour-agent.mjs';

// Which berth a ship gets: {"ship": "Tern"}
export const handler = async ({ ship }) => ({ ship, berth: await askForBerth(ship) });
