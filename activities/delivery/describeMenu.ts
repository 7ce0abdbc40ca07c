import { z } from 'zod';
import type { TopicText } from '../../channels/port.ts';

const namesSchema = z.array(z.string());

/** Short names fit beside each other, on a telephone too. */
const BUTTONS_A_ROW = 2;

/** The prepared answers as buttons; `names` is the row's JSON. */
export function describeMenu(names: string): TopicText {
  const buttons = namesSchema.parse(JSON.parse(names)).map((name) => ({ label: name, order: `/canned ${name}` }));
  const rows = Array.from({ length: Math.ceil(buttons.length / BUTTONS_A_ROW) }, (_, row) =>
    buttons.slice(row * BUTTONS_A_ROW, (row + 1) * BUTTONS_A_ROW),
  );
  return { text: '💬 Which answer do you want to send?', entities: [], buttons: rows };
}
