import { expect, test } from 'vitest';
import { tomorrowMorning } from '../../../api/telegram/tomorrowMorning.ts';
import { topicCommand } from '../../../api/telegram/topicCommand.ts';
import { AGENT_COMMANDS } from '../../../channels/telegram/agentCommands.ts';
import { parseCommand } from '../../../channels/telegram/parseCommand.ts';
import { tenantSettingsInputSchema, tenantSettingsSchema } from '../../../contracts/tenantSettings.ts';

const { agents: defaults } = tenantSettingsSchema.parse({});

test.each([
  ['UTC', '2026-05-06T22:30Z', '2026-05-07T09:00Z'],
  ['Europe/Berlin', '2026-05-06T21:30Z', '2026-05-07T07:00Z'],
  ['Europe/Berlin', '2026-05-06T22:30Z', '2026-05-08T07:00Z'],
  ['America/Los_Angeles', '2026-05-07T05:00Z', '2026-05-07T16:00Z'],
  ['Asia/Kathmandu', '2026-12-31T20:00Z', '2027-01-02T03:15Z'],
  // The clocks change in between.
  ['Europe/Berlin', '2026-03-28T12:00Z', '2026-03-29T07:00Z'],
  ['Europe/Berlin', '2026-10-24T12:00Z', '2026-10-25T08:00Z'],
])('tomorrow morning in %s, seen from %s, is %s', (timeZone, now, morning) => {
  expect(tomorrowMorning(Date.parse(now), timeZone)).toBe(Date.parse(morning));
});

test('a snooze until tomorrow ends when it is morning where the tenant is', () => {
  const settings = { ...defaults, timeZone: 'Asia/Tokyo' };
  const now = Date.parse('2026-05-06T10:00Z');
  expect(topicCommand({ name: 'snooze', until: 'tomorrow' }, settings, now)).toEqual({
    name: 'snooze',
    until: Date.parse('2026-05-07T00:00Z'),
  });
});

test('a prepared answer is found by its name, and the agents are told which there are', () => {
  const settings = { ...defaults, cannedAnswers: [{ name: 'hours', text: 'From 9 to 5.' }] };
  const order = (answer?: string) => topicCommand({ name: 'canned', answer }, settings, 0);
  expect(order('hours')).toEqual({ name: 'canned', text: 'From 9 to 5.' });
  expect(order()).toEqual({ name: 'canned_menu', names: ['hours'] });
  expect(order('prices')).toEqual({ name: 'tell', text: expect.stringContaining('There are: hours') });
  expect(topicCommand({ name: 'canned' }, defaults, 0)).toMatchObject({ name: 'tell' });
});

test('every command of the menu is understood, and /help explains each', () => {
  const help = topicCommand({ name: 'help' }, defaults, 0);
  for (const { command, description } of AGENT_COMMANDS) {
    const words = parseCommand(`/${command} nonsense`, 0)?.order;
    // Understood, or told by its name what is wrong.
    const said = words?.name === 'mistaken' ? words.words : words && `/${command}`;
    expect(said).toContain(`/${command}`);
    expect(help).toMatchObject({ name: 'tell', text: expect.stringContaining(description) });
    // What setMyCommands takes.
    expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
    expect(description.length).toBeLessThanOrEqual(256);
  }
});

test.each([
  [{ timeZone: 'Europe/Berlin' }, true],
  [{ timeZone: 'Middle/Earth' }, false],
  [{ cannedAnswers: [{ name: 'hours', text: 'From 9 to 5.' }] }, true],
  [{ cannedAnswers: [{ name: 'Opening hours', text: 'x' }] }, false],
  [{ cannedAnswers: [{ name: 'a', text: ' ' }] }, false],
  [
    {
      cannedAnswers: [
        { name: 'a', text: 'x' },
        { name: 'a', text: 'y' },
      ],
    },
    false,
  ],
  [{ claimPolicy: 'claim_first' }, true],
  [{ claimPolicy: 'never' }, false],
])('the settings %o are taken: %s', (agents, taken) => {
  expect(tenantSettingsInputSchema.safeParse({ settings: { agents } }).success).toBe(taken);
});
