import { dayOf, drawing, element, isSameDay, timeOf, toneOf } from './dom.js';

const paperclip = 'M6 3h8l5 5v13H6zM14 3v5h5';
const tags = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  expandable_blockquote: 'blockquote',
};

function link(href, ...children) {
  const isSafe = /^(https?|mailto|tg):/i.test(href);
  const properties = { href, target: '_blank', rel: 'noreferrer' };
  return isSafe ? element('a', properties, ...children) : element('span', {}, ...children);
}

function entityElement(entity, text, children) {
  if (tags[entity.type]) return element(tags[entity.type], {}, ...children);
  if (entity.type === 'spoiler') return element('span', { className: 'spoiler' }, ...children);
  if (entity.type === 'text_link') return link(entity.url, ...children);
  if (entity.type === 'url') return link(/^https?:/i.test(text) ? text : `https://${text}`, ...children);
  if (entity.type === 'email') return link(`mailto:${text}`, ...children);
  return element('span', {}, ...children);
}

/** The nodes of a text between two offsets, entities nested as they are. */
function richText(text, entities, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  let rest = entities;
  while (rest.length > 0) {
    const [entity, ...later] = rest;
    const end = Math.min(entity.offset + entity.length, to);
    nodes.push(text.slice(at, entity.offset));
    const inner = later.filter((other) => other.offset < end);
    const children = richText(text, inner, entity.offset, end);
    nodes.push(entityElement(entity, text.slice(entity.offset, end), children));
    at = end;
    rest = later.filter((other) => other.offset >= end);
  }
  nodes.push(text.slice(at, to));
  return nodes.filter((node) => node !== '');
}

export function nameOf(message) {
  return message.sender_chat?.title ?? message.from?.first_name ?? 'Somebody';
}

export function preview(message) {
  const kinds = ['photo', 'document', 'video', 'voice', 'audio', 'location', 'contact'];
  const media = kinds.find((kind) => message[kind]);
  return message.text ?? message.caption ?? (media ? `[${media}]` : 'Message');
}

function serviceText(message) {
  const who = nameOf(message);
  if (message.forum_topic_created) return `${who} opened the topic “${message.forum_topic_created.name}”`;
  if (message.forum_topic_edited) {
    const { name } = message.forum_topic_edited;
    return name ? `${who} renamed the topic to “${name}”` : `${who} changed the topic's icon`;
  }
  if (message.forum_topic_closed) return `${who} closed the topic`;
  if (message.forum_topic_reopened) return `${who} reopened the topic`;
  if (message.pinned_message) return `${who} pinned “${preview(message.pinned_message).split('\n')[0]}”`;
  if (message.new_chat_members) return `${message.new_chat_members.map((user) => user.first_name).join(', ')} joined`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left`;
  if (message.new_chat_title) return `${who} renamed the group to “${message.new_chat_title}”`;
  if (message.migrate_from_chat_id) return 'The group was upgraded';
  return undefined;
}

function mediaOf(message) {
  const photo = message.photo?.at(-1);
  if (photo) {
    return element('img', {
      className: 'photo',
      src: `/_control/files/${photo.file_id}`,
      alt: message.caption ?? 'Photo',
    });
  }
  if (message.location ?? message.contact) return element('em', {}, preview(message));
  const file = message.document ?? message.video ?? message.voice ?? message.audio;
  if (!file) return undefined;
  const size = file.file_size < 1024 ? `${file.file_size} B` : `${Math.round(file.file_size / 1024)} KB`;
  const name = file.file_name ?? (message.voice ? 'Voice message' : 'File');
  const label = element('span', {}, name, element('small', {}, size));
  return element('a', { className: 'file', href: `/_control/files/${file.file_id}` }, drawing(paperclip), label);
}

function quotedOf(message, actions) {
  const quoted = message.reply_to_message;
  if (!quoted || quoted.forum_topic_created) return undefined;
  return element(
    'button',
    { type: 'button', className: 'quoted', onclick: () => actions.show(quoted.message_id) },
    element('strong', {}, nameOf(quoted)),
    preview(quoted),
  );
}

function keyboardOf(message, actions) {
  if (!message.reply_markup) return undefined;
  const button = (key) =>
    key.url
      ? element('a', { href: key.url, target: '_blank', rel: 'noreferrer' }, key.text)
      : element('button', { type: 'button', onclick: (event) => actions.press(message, key, event.target) }, key.text);
  const rows = message.reply_markup.inline_keyboard.map((row) => element('div', {}, ...row.map(button)));
  return element('div', { className: 'keyboard' }, ...rows);
}

function reactionsOf({ message, reactions }, actions) {
  const counts = new Map();
  for (const { reaction } of reactions) {
    for (const { emoji = '★' } of reaction) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const pills = [...counts].map(([emoji, count]) =>
    element('button', { type: 'button', onclick: () => actions.react(message, emoji) }, `${emoji} ${count}`),
  );
  return element('div', { className: 'reactions' }, ...pills);
}

function toolsOf(message, isOwn, actions) {
  const tool = (text, run) => element('button', { type: 'button', onclick: run }, text);
  const tools = [tool('Reply', () => actions.reply(message))];
  if (isOwn && message.text !== undefined) tools.push(tool('Edit', () => actions.edit(message)));
  tools.push(tool('👍', () => actions.react(message, '👍')));
  return element('div', { className: 'tools' }, ...tools);
}

function bubbleRow(listed, previous, actorId, actions) {
  const { message, at } = listed;
  const isOwn = message.from?.id === actorId;
  const isFirst =
    !previous || previous.message.from?.id !== message.from?.id || serviceText(previous.message) !== undefined;
  const badge = message.from?.is_bot ? element('small', {}, 'bot') : undefined;
  const tone = toneOf(message.sender_chat?.id ?? message.from?.id ?? 0);
  const sender =
    isFirst && !isOwn ? element('div', { className: `sender ink-${tone}` }, nameOf(message), badge) : undefined;
  const text = message.text ?? message.caption ?? '';
  const meta = element('span', { className: 'meta' }, `${message.edit_date ? 'edited ' : ''}${timeOf(at)}`);
  const body = [sender, quotedOf(message, actions), mediaOf(message)];
  const tools = toolsOf(message, isOwn, actions);
  const words = richText(text, message.entities ?? message.caption_entities ?? []);
  return element(
    'article',
    { className: `row${isOwn ? ' own' : ''}${isFirst ? ' first' : ''}`, 'data-message': message.message_id },
    element('div', { className: 'bubble' }, ...body, ...words, meta, reactionsOf(listed, actions), tools),
    keyboardOf(message, actions),
  );
}

/** All messages of a topic as nodes: days, service lines and bubbles. */
export function messageNodes(listed, actorId, actions) {
  return listed.flatMap((item, index) => {
    const previous = listed[index - 1];
    const service = serviceText(item.message);
    const isNewDay = !previous || !isSameDay(previous.at, item.at);
    const separator = isNewDay ? [element('div', { className: 'day' }, dayOf(item.at))] : [];
    const node = service
      ? element('div', { className: 'service' }, service)
      : bubbleRow(item, isNewDay ? undefined : previous, actorId, actions);
    return [...separator, node];
  });
}
