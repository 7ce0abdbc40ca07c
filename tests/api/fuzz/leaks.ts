import { marksIn } from './marks.ts';

/** Something of the victim's that came out: what, to whom, in answer to what. */
export interface Leak {
  mark: string;
  asked: string;
  answered: string;
}

/** Looks for the victim's marks in what comes out. */
export interface LeakWatch {
  /** `asked` went in and `answered` came out of it; `kept`: what was asked may be in later answers, as it was stored. */
  look(asked: string, answered: string, kept: boolean): void;
  /** So far. An id that an attacker brought along, and wrote into a row of their own, is none. */
  leaks(): Leak[];
}

/**
 * `secret`: marks that no attacker knows. `known`: ids that attackers know and send; one of these in an answer is a leak unless it
 * was sent there.
 */
export function watchLeaks(marks: { secret: ReadonlySet<string>; known: ReadonlySet<string> }): LeakWatch {
  const certain: Leak[] = [];
  const perhaps: Leak[] = [];
  const planted = new Set<string>();
  return {
    look(asked, answered, kept) {
      const sent = marksIn(asked);
      if (kept) for (const mark of sent) planted.add(mark);
      for (const mark of marksIn(answered)) {
        if (marks.secret.has(mark)) certain.push({ mark, asked, answered: answered.slice(0, 600) });
        else if (marks.known.has(mark) && !sent.has(mark)) {
          perhaps.push({ mark, asked, answered: answered.slice(0, 600) });
        }
      }
    },
    leaks: () => [...certain, ...perhaps.filter(({ mark }) => !planted.has(mark))],
  };
}
