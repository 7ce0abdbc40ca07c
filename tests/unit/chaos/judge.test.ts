import { describe, expect, it } from 'vitest';
import { POSSIBLE_REPEAT } from '../../../activities/delivery/composeWrite.ts';
import { type Evidence, judge } from '../../chaos/judge.ts';

const SENT = ['Please note m0-0.', 'Please note m0-1.', 'Please note m0-2.'];
const DIALOGUE = SENT.flatMap((text) => [text, text.replace('Please note m', 'Noted r')]);

/** Three messages that went well, but for what a test changes. */
function evidence(change: Partial<Evidence> = {}): Evidence {
  const sent = SENT.map((text, index) => ({ text, clientMessageId: `id-${index}` }));
  return {
    kind: 'flow',
    sent,
    acknowledged: new Set(sent.map(({ clientMessageId }) => clientMessageId)),
    agentTexts: [],
    recorded: DIALOGUE,
    frames: DIALOGUE,
    screen: DIALOGUE,
    topic: [`Visitor: ${SENT[0]}\nBot: Noted r0-0.`, `Visitor: ${SENT[1]}\n${SENT[2]}\nBot: Noted r0-1.\nNoted r0-2.`],
    ...change,
  };
}

const without = (mark: string) => DIALOGUE.filter((text) => !text.includes(mark));

describe('the judge of a chaos run', () => {
  it('finds nothing wrong where nothing is', () => {
    expect(judge([evidence(), evidence()])).toEqual({
      sent: 6,
      acked: 6,
      recorded: 6,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      unanswered: 0,
      toTelegram: 6,
      telegramRepeatsMarked: 0,
      problems: [],
    });
  });

  it.each<[string, Partial<Evidence>]>([
    ['Postgres', { recorded: without('m0-1.') }],
    ['the screen', { screen: without('m0-1.') }],
    ['the topic', { topic: [`${SENT[0]} Noted r0-0. ${SENT[2]} Noted r0-1. Noted r0-2.`] }],
    ['all of them, once', { recorded: without('m0-1.'), screen: without('m0-1.'), topic: [`${SENT[0]} ${SENT[2]}`] }],
  ])('misses an acknowledged message in %s', (_where, change) => {
    expect(judge([evidence(change)])).toMatchObject({ lost: 1, duplicated: 0, outOfOrder: 0 });
  });

  it('does not expect what was never acknowledged', () => {
    const change = { acknowledged: new Set(['id-0', 'id-2']), screen: without('0-1.'), recorded: without('0-1.') };
    expect(judge([evidence(change)])).toMatchObject({ sent: 3, acked: 2, lost: 0 });
  });

  it('misses an agent’s words on the screen', () => {
    expect(judge([evidence({ agentTexts: ['A person answers a0-0.'] })])).toMatchObject({ lost: 1 });
  });

  it.each<[string, Partial<Evidence>]>([
    ['Postgres', { recorded: [...DIALOGUE, 'Please note m0-2.'] }],
    ['the socket', { frames: [...DIALOGUE, 'Please note m0-2.'] }],
    ['the screen', { screen: [...DIALOGUE, 'Noted r0-2.'] }],
    ['the topic', { topic: [SENT.join(' '), 'Please note m0-2.'] }],
    ['the repeats of a topic', { topic: [SENT.join(' '), ...Array(2).fill(`${POSSIBLE_REPEAT}\nPlease note m0-2.`)] }],
  ])('sees a double in %s', (_where, change) => {
    expect(judge([evidence(change)])).toMatchObject({ lost: 0, duplicated: 1, outOfOrder: 0 });
  });

  it('lets a repeat in the topic pass that is marked', () => {
    const topic = [SENT.slice(0, 2).join(' '), `${POSSIBLE_REPEAT}\n${SENT[1]}`, `Visitor: ${SENT[2]}`];
    expect(judge([evidence({ topic })])).toMatchObject({ duplicated: 0, outOfOrder: 0, telegramRepeatsMarked: 1 });
  });

  it.each<[string, Partial<Evidence>]>([
    ['Postgres', { recorded: swapped() }],
    ['the socket', { frames: swapped() }],
    ['the screen', { screen: swapped() }],
    ['the topic', { topic: swapped() }],
  ])('sees another order in %s', (_where, change) => {
    expect(judge([evidence(change)])).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 1 });
  });

  it('misses a reply of the flow, unless a person took over', () => {
    expect(judge([evidence({ screen: without('r0-2.') })])).toMatchObject({ lost: 0, unanswered: 1 });
    expect(judge([evidence({ screen: without('r0-2.'), kind: 'agent' })])).toMatchObject({ unanswered: 0 });
  });
});

function swapped(): string[] {
  const [first = '', firstReply = '', second = '', ...rest] = DIALOGUE;
  return [second, first, firstReply, ...rest];
}
