import { expect, it } from 'vitest';
import { ipSubject } from '../../../../api/limits/ipSubject.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['2001:db8::5:6:7:8:9', '2001:db8:0:5::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ['1:2:3:4:5:6:203.0.113.7', '1:2:3:4::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['203.0.113.7:49152', '203.0.113.7'],
  ['[2001:db8:1:2::9]:49152', '2001:db8:1:2::/64'],
  ['unknown', 'unknown'],
  ['unix:', 'unix:'],
])('%s stands for %s', (ip, subject) => {
  expect(ipSubject(ip)).toBe(subject);
});

it('keeps what is no address short', () => {
  expect(ipSubject('x'.repeat(5_000))).toHaveLength(64);
});
