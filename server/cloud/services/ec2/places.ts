/** What every account has in a region without making it. */

/** The zones that are there: three letters a region, with ids such as `use1-az1`. */
export function zonesOf(region: string): { ZoneName: string; ZoneId: string }[] {
  const [area = '', direction = '', number = '1'] = region.split('-');
  const short = direction
    .replace('north', 'n')
    .replace('south', 's')
    .replace('east', 'e')
    .replace('west', 'w')
    .replace('central', 'c');
  return ['a', 'b', 'c'].map((letter, i) => ({
    ZoneName: region + letter,
    ZoneId: `${area}${short}${number}-az${i + 1}`,
  }));
}

/** Every account has one set of DHCP options, Amazon's own. */
export function dhcpOptionsId(scope: { account: string; region: string }): string {
  return `dopt-0${Buffer.from(`${scope.account}${scope.region}`).toString('hex').padEnd(16, '0').slice(-16)}`;
}
