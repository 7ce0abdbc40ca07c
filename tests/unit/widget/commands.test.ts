import { expect, test } from 'vitest';
import { initRequestSchema } from '../../../contracts/webchat.ts';
import { parseCommand } from '../../../widget/loader/commands.ts';

const visitorOf = (visitor: object) => {
  const [name, parsed] = parseCommand(['setVisitor', visitor]) ?? [];
  expect(name).toBe('setVisitor');
  return parsed;
};

test('a command is known by its name; anything else is none', () => {
  expect(parseCommand(['open'])).toEqual(['open']);
  expect(parseCommand(['dance'])).toBeUndefined();
  expect(parseCommand(['setVisitor', 'Kim'])).toBeUndefined();
});

test('what a page says of its visitor can never make the server refuse the conversation', () => {
  const cases = [
    { name: 'x'.repeat(200), externalSessionId: 'y'.repeat(200) },
    { externalSessionId: '\u{1F600}'.repeat(4) },
    { name: `${'x'.repeat(79)} y`, externalSessionId: 'short' },
    { name: '   ', externalSessionId: 42 },
    { name: 'nul\0l', externalSessionId: 'half \ud800 a pair' },
    { name: `${'x'.repeat(79)}\u{1F600}` },
    {
      identity: 'x'.repeat(5_000),
      traits: { plan: 'y'.repeat(900), deep: { a: 1 }, none: null, half: '\ud800', nan: NaN },
    },
    { traits: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`trait ${index}`, index])) },
  ];
  for (const each of cases) {
    const { name, ...named } = visitorOf(each) ?? {};
    const request = { siteKey: 'demo', challenge: 'c', visitorName: name, ...named };
    expect(initRequestSchema.safeParse(request).success).toBe(true);
  }
  expect(visitorOf({ name: ' Kim ', externalSessionId: 'shop-user-1' })).toEqual({
    name: 'Kim',
    externalSessionId: 'shop-user-1',
  });
  expect(visitorOf({ identity: ' a.b.c ', traits: { plan: 'pro', seats: 3, late: false } })).toEqual({
    identity: 'a.b.c',
    traits: { plan: 'pro', seats: 3, late: false },
  });
});
