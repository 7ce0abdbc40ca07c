import { drawing, element, shortTime } from './dom.js';

const hash = 'M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16';
const lock = 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z';
const topicColors = [7322096, 16766590, 13338331, 9367192, 16749490, 16478047];

export function topicIcon(topic) {
  const label = { 'aria-hidden': 'true' };
  if (topic.threadId === undefined) return element('span', { className: 'topic-icon plain', ...label }, drawing(hash));
  if (topic.iconEmoji) return element('span', { className: 'topic-icon emoji', ...label }, topic.iconEmoji);
  const tone = Math.max(0, topicColors.indexOf(topic.iconColor));
  const letter = [...topic.name.replace(/^[^\p{L}\p{N}]+/u, '')][0] ?? '#';
  return element('span', { className: `topic-icon tone-${tone}`, ...label }, letter.toUpperCase());
}

function topicMark(topic, unread) {
  if (unread > 0) {
    return element('span', { className: 'topic-mark unread', 'aria-label': `${unread} unread` }, String(unread));
  }
  return element('span', { className: 'topic-mark' });
}

function closedMark() {
  return element('span', { className: 'topic-closed', role: 'img', 'aria-label': 'Closed:' }, drawing(lock));
}

/** One line of the list; `open` is called when it is chosen. */
export function topicRow(topic, { isCurrent, unread, open }) {
  return element(
    'button',
    { type: 'button', className: 'topic', 'aria-current': isCurrent ? 'true' : undefined, onclick: open },
    topicIcon(topic),
    element('span', { className: 'topic-name' }, topic.closed ? closedMark() : undefined, topic.name),
    element('span', { className: 'topic-time' }, topic.lastMessageAt ? shortTime(topic.lastMessageAt) : ''),
    element('span', { className: 'topic-text' }, topic.lastText || 'No messages yet'),
    topicMark(topic, unread),
  );
}
