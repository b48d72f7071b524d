/** Settings of an assessment that hides nothing and limits nothing, open for a day from `from` (milliseconds). */
export function openSettings(from: number): object {
  const local = (at: number): string => new Date(at).toISOString().slice(0, 16);
  return {
    labs: [],
    pools: [],
    party: 'person',
    zone: 'UTC',
    from: local(from),
    to: local(from + 86_400_000),
    minutes: null,
    beyondWindow: false,
    tries: null,
    cooldown: 0,
    policy: 'best',
    credits: [],
    hints: 'priced',
    hintPrice: null,
    attacks: true,
    show: { scores: 'during', messages: 'during', ranks: 'during', solutions: 'after-release' },
    honour: 'I work alone with my team.',
    scoreboard: { on: true, freeze: 0, brackets: false, anonymous: false },
    lateMembers: true,
  };
}
