import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { AgentCommand, ConversationInput, ConversationSetup } from '../../contracts/conversation.ts';
import { conversationSettingsSchema } from '../../contracts/site.ts';
import { channelRepairedSignal } from '../../workflows/conversation/messages.ts';
import type { conversationInput, TestEngine } from '../temporal/startEngine.ts';
import type { Recorder } from '../workflow/recorder.ts';
import { until } from '../workflow/until.ts';

/** One conversation that is recorded: how its activities behave, and what people do in it. */
export interface Scenario {
  settings?: Parameters<typeof conversationInput>[0];
  input?: Parameters<typeof conversationInput>[1];
  prepare?: (recorder: Recorder) => void;
  run: (stage: Stage) => Promise<void>;
}

const agent = { id: 'telegram:7', name: 'Agent A' };

const portalSetup: ConversationSetup = {
  siteId: null,
  flow: null,
  settings: conversationSettingsSchema.parse({ topicPolicy: 'never', idleReminderSeconds: null }),
  agent: { id: randomUUID(), name: 'Ada', instructions: 'Answer in one sentence.', greeting: 'Hello, I am Ada.' },
};

/** What a scenario does to its conversation. */
export class Stage {
  readonly engine: TestEngine;
  readonly input: ConversationInput;
  readonly recorder: Recorder;

  constructor(engine: TestEngine, input: ConversationInput, recorder: Recorder) {
    this.engine = engine;
    this.input = input;
    this.recorder = recorder;
  }

  /** The visitor writes; resolves when `messages` are recorded in all. */
  async says(text: string, messages: number): Promise<void> {
    const message = { clientMessageId: randomUUID(), text, receivedAt: Date.now() };
    await this.engine.engine.acceptVisitorMessage(this.input, message);
    await this.recorded(messages);
  }

  async agentSays(text: string, messages: number): Promise<void> {
    await this.engine.engine.signalAgentMessage(this.input, { key: `tg:${randomUUID()}`, agent, text });
    await this.recorded(messages);
  }

  async orders(command: AgentCommand): Promise<void> {
    await this.engine.engine.command(this.input, { agent, command });
  }

  async recorded(messages: number): Promise<void> {
    await until(() => this.recorder.messages.length >= messages, `${messages} messages`);
  }
}

async function untilPurged({ recorder, engine, input }: Stage): Promise<void> {
  await until(() => recorder.purged === 1, 'purge');
  await engine.handleOf(input).result();
}

/** Conversations that every version of the workflow must be able to go on with. */
export const scenarios: Record<string, Scenario> = {
  handOver: {
    async run(stage) {
      await stage.says('Hi', 2);
      await stage.says('hours', 4);
      await stage.says('human', 6);
      await stage.agentSays('How can I help?', 7);
      await stage.orders({ name: 'rename', title: 'Order 90210' });
      await stage.orders({ name: 'note', text: 'Asked before' });
      await stage.orders({ name: 'snooze', until: Date.now() + 500 });
      await sleep(700);
      await stage.orders({ name: 'close' });
      await stage.says('One more thing', 10);
      await stage.orders({ name: 'release' });
    },
  },
  aiAnswers: {
    prepare(recorder) {
      recorder.answer = async ({ upToSeq }) => {
        if (upToSeq === 3 && recorder.questions.length === 1) throw new Error('The first try fails');
        await sleep(100);
        if (recorder.questions.length > 3) return { kind: 'unknown' };
        return { kind: 'answer', text: 'Within 30 days.', sources: [{ title: 'Returns' }] };
      };
    },
    async run(stage) {
      await stage.says('Hi', 2);
      await stage.says('May I return it?', 3);
      await stage.says('And exchange it?', 6);
      await stage.says('What is love?', 8);
    },
  },
  claimedWhileAnswering: {
    prepare(recorder) {
      recorder.answer = () => sleep(500, { kind: 'answer' as const, text: 'Too late', sources: [] });
    },
    async run(stage) {
      await stage.says('Hi', 2);
      await stage.says('Where is it?', 3);
      await stage.agentSays('On its way', 4);
      await sleep(700);
      await stage.says('Thanks', 5);
    },
  },
  quietToItsPurge: {
    settings: { idleReminderSeconds: 1, idleCloseSeconds: 2, retentionSeconds: 1 },
    async run(stage) {
      await stage.says('Hi', 2);
      await untilPurged(stage);
    },
  },
  troubledDelivery: {
    settings: { firstResponseSlaSeconds: 1 },
    prepare(recorder) {
      recorder.deliver = () => {
        switch (recorder.deliveries.length) {
          case 1:
            return { kind: 'wait', waitMs: 100, priority: 1 };
          case 2:
            throw ApplicationFailure.create({ message: 'Throttled', nextRetryDelay: '100ms' });
          case 3:
          case 4:
            return { kind: 'parked', reason: 'bot_kicked', retryMs: 300 };
          case 5:
            return { kind: 'parked', reason: 'bot_kicked', retryMs: 3_600_000 };
          default:
            return { kind: 'sent', settled: 1, more: recorder.deliveries.length === 6 };
        }
      };
    },
    async run(stage) {
      await stage.says('human', 3);
      await until(() => stage.recorder.deliveries.length === 5, 'the long outage');
      await stage.engine.handleOf(stage.input).signal(channelRepairedSignal);
      await until(() => stage.recorder.deliveries.length >= 7, 'deliveries');
      await until(() => stage.recorder.eventNames.includes('conversation.sla_breached'), 'SLA');
    },
  },
  deadDatabase: {
    prepare(recorder) {
      const dead = Date.now() + 3_500;
      recorder.beforeRecord = () => {
        if (Date.now() < dead) throw new Error('The database is out of reach');
      };
    },
    async run(stage) {
      await stage.says('Hi', 2);
    },
  },
  portal: {
    input: { channel: 'portal', setup: portalSetup },
    prepare(recorder) {
      recorder.answer = async () => {
        await sleep(100);
        if (recorder.questions.length === 2) return { kind: 'unknown' };
        return { kind: 'answer', text: 'At nine.', sources: [] };
      };
    },
    async run(stage) {
      await stage.says('When do you open?', 3);
      await stage.says('What is love?', 5);
      await stage.says('And on Sunday?', 6);
      // While the third answer is under way.
      await stage.engine.engine.reset(stage.input, portalSetup);
      await stage.says('When do you open?', 3);
    },
  },
  continued: {
    prepare(recorder) {
      recorder.answer = () => sleep(300, { kind: 'answer' as const, text: 'Yes.', sources: [] });
      recorder.deliver = () => ({ kind: 'wait', waitMs: 3_600_000, priority: 0 });
    },
    async run(stage) {
      await stage.says('Hi', 2);
      for (let count = 2; count < 30; count += 2) await stage.says('hours', count + 2);
      await stage.says('Is it so?', 31);
      await stage.says('Is it really so?', 32);
      for (let count = 0; count < 6; count++) await stage.says('hours', 33 + count);
      await stage.recorded(46);
    },
  },
};
