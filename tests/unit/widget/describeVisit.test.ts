import { expect, test } from 'vitest';
import { visitSourceSchema } from '../../../contracts/webchat.ts';
import { describeVisit } from '../../../widget/describeVisit.ts';

test('tells the page without its query, where the visitor came from, and the campaign', () => {
  const visit = describeVisit({
    href: 'https://shop.example/cart?email=kim%40mail.example&utm_source=news#total',
    referrer: 'https://search.example/?q=shoes',
    language: 'de-DE',
  });
  expect(visit).toEqual({
    url: 'https://shop.example/cart',
    referrer: 'https://search.example/',
    locale: 'de-DE',
    utm: { utm_source: 'news' },
    origin: 'https://shop.example',
  });
});

test('no address can make the server refuse the conversation', () => {
  const face = encodeURIComponent('\u{1F600}');
  const addresses = [
    'https://shop.example/?utm_source=%00',
    `https://shop.example/?utm_source=${'x'.repeat(199)}${face}`,
    `https://shop.example/?utm_${'y'.repeat(27)}${face}=1`,
    `https://shop.example/?${Array.from({ length: 2_000 }, (_, index) => `utm_${index}=${'z'.repeat(200)}`).join('&')}`,
    `https://shop.example/${'p'.repeat(5_000)}`,
  ];
  for (const href of addresses) {
    const visit = describeVisit({ href, referrer: 'about:blank', language: '' });
    expect(visitSourceSchema.safeParse(visit).success).toBe(true);
    expect(JSON.stringify(visit).length).toBeLessThan(16_000);
  }
});
