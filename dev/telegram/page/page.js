import { drawContext, focusComposer, setContext } from './composer.js';
import { attempt, control, toast } from './control.js';
import { element } from './dom.js';
import { messageNodes, preview } from './messageView.js';
import { save, state } from './state.js';
import { topicIcon, topicRow } from './topicView.js';

const byId = (id) => document.getElementById(id);
/** Box → what it shows, so that live updates replace only what changed, never a button under the pointer. */
const drawn = new Map();

function redraw(box, shown, makeNodes) {
  const key = JSON.stringify(shown);
  if (drawn.get(box) === key) return false;
  drawn.set(box, key);
  box.replaceChildren(...makeNodes());
  return true;
}

function seenKey(topic) {
  return `${state.actorId}/${topic.threadId ?? 'general'}`;
}

function unreadOf(topic) {
  return Math.max(0, topic.messageCount - (state.seen[seenKey(topic)] ?? 0));
}

function currentTopic() {
  return state.topics.find((topic) => topic.threadId === state.threadId) ?? state.topics[0];
}

function markSeen() {
  const topic = currentTopic();
  const isOnScreen = !document.hidden && (innerWidth > 760 || document.body.classList.contains('in-topic'));
  if (!topic || !isOnScreen) return;
  state.seen[seenKey(topic)] = topic.messageCount;
  save();
}

function agents() {
  const present = state.group.members.filter(({ status }) => status !== 'left' && status !== 'kicked');
  return present.filter((member) => !member.isBot);
}

function drawSide() {
  const { title, members } = state.group;
  const present = members.filter(({ status }) => status !== 'left' && status !== 'kicked').length;
  document.title = title;
  byId('group-title').textContent = title;
  byId('group-avatar').textContent = [...title][0] ?? '#';
  byId('group-status').textContent = `${present} members`;
  const wanted = byId('search').value.trim().toLowerCase();
  const shown = state.topics.filter((topic) => topic.name.toLowerCase().includes(wanted));
  const current = currentTopic();
  const views = shown.map((topic) => ({ topic, isCurrent: topic === current, unread: unreadOf(topic) }));
  redraw(byId('topics'), views, () => {
    if (views.length === 0) return [element('p', { className: 'nothing' }, 'No such topic')];
    return views.map(({ topic, ...view }) => topicRow(topic, { ...view, open: () => openTopic(topic.threadId) }));
  });
}

function actorButton(agent) {
  const properties = {
    type: 'button',
    role: 'radio',
    'aria-checked': String(agent.id === state.actorId),
    title: agent.username ? `@${agent.username}` : agent.name,
    onclick: () => {
      state.actorId = agent.id;
      save();
      drawAll();
    },
  };
  return element('button', properties, agent.name);
}

function drawActors() {
  redraw(byId('actors'), [agents(), state.actorId], () => agents().map(actorButton));
}

function drawChatHead(topic) {
  byId('chat-icon').replaceChildren(topicIcon(topic));
  byId('chat-name').textContent = topic.name;
  const count = topic.messageCount === 1 ? '1 message' : `${topic.messageCount} messages`;
  byId('chat-status').textContent = topic.closed ? `Closed · ${count}` : count;
  const toggle = byId('toggle-closed');
  toggle.hidden = topic.threadId === undefined;
  toggle.textContent = topic.closed ? 'Reopen' : 'Close';
  const pinned = state.messages.findLast(({ message }) => state.group.pinnedMessageIds.includes(message.message_id));
  byId('pinned').hidden = !pinned;
  if (!pinned) return;
  byId('pinned').replaceChildren(element('strong', {}, 'Pinned'), element('span', {}, preview(pinned.message)));
  byId('pinned').onclick = () => actions.show(pinned.message.message_id);
}

let drawnThreadId;
function drawMessages() {
  const box = byId('messages');
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const { messages, actorId, threadId } = state;
  redraw(box, [messages, actorId, threadId], () => {
    const nodes = messageNodes(messages, actorId, actions);
    return nodes.length > 0 ? nodes : [element('p', { className: 'empty' }, 'Nothing here yet.')];
  });
  if (isAtEnd || drawnThreadId !== threadId) box.scrollTop = box.scrollHeight;
  drawnThreadId = threadId;
}

function drawAll() {
  const topic = currentTopic();
  markSeen();
  drawSide();
  drawActors();
  drawChatHead(topic);
  drawMessages();
  drawContext();
}

async function refresh() {
  const group = await control('describeGroup');
  const topics = await control('listTopics');
  const general = { name: 'General', closed: false, ...group.general };
  topics.sort((a, b) => b.lastMessageAt - a.lastMessageAt);
  state.group = group;
  state.topics = [general, ...topics];
  if (!state.topics.some((topic) => topic.threadId === state.threadId)) state.threadId = undefined;
  const { threadId } = state;
  const messages = await control('listMessages', { threadId });
  // Another topic may have been opened meanwhile: its own refresh follows.
  if (state.threadId !== threadId) return;
  state.messages = messages;
  if (!agents().some((agent) => agent.id === state.actorId)) state.actorId = agents()[0]?.id;
  drawAll();
}

let refreshing = false;
let isStale = false;
/** One refresh at a time; changes meanwhile make for one more. */
async function refreshSoon() {
  isStale = true;
  if (refreshing) return;
  refreshing = true;
  while (isStale) {
    isStale = false;
    await attempt(refresh);
  }
  refreshing = false;
}

async function openTopic(threadId) {
  state.threadId = threadId;
  state.context = undefined;
  state.messages = [];
  document.body.classList.add('in-topic');
  await refreshSoon();
  focusComposer();
}

/** Shows what the bot answers to a press, as Telegram does, for as long as it lets one wait. */
async function showCallbackAnswer(callbackQueryId) {
  for (let waited = 0; waited < 10_000; waited += 250) {
    const answer = await control('callbackAnswer', { callbackQueryId });
    if (answer) {
      if (answer.text) toast(answer.text);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const actions = {
  reply: (message) => setContext(message, false),
  edit: (message) => setContext(message, true),
  react: (message, emoji) =>
    attempt(() => {
      const listed = state.messages.find((item) => item.message.message_id === message.message_id);
      const own = listed?.reactions.find(({ userId }) => userId === state.actorId)?.reaction[0]?.emoji;
      const next = own === emoji ? null : emoji;
      return control('react', { messageId: message.message_id, userId: state.actorId, emoji: next });
    }),
  press: (message, key, button) =>
    attempt(async () => {
      button.disabled = true;
      const input = { messageId: message.message_id, userId: state.actorId, data: key.callback_data };
      try {
        const { callbackQueryId } = await control('pressButton', input);
        await showCallbackAnswer(callbackQueryId);
      } finally {
        button.disabled = false;
      }
    }),
  show: (messageId) => {
    const row = document.querySelector(`[data-message="${messageId}"]`);
    row?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    row?.classList.add('flash');
    setTimeout(() => row?.classList.remove('flash'), 1200);
  },
};

byId('search').addEventListener('input', drawSide);
byId('back').addEventListener('click', () => document.body.classList.remove('in-topic'));
byId('toggle-closed').addEventListener('click', () => {
  const topic = currentTopic();
  const name = topic.closed ? 'reopenTopic' : 'closeTopic';
  void attempt(() => control(name, { threadId: topic.threadId, userId: state.actorId }));
});
document.addEventListener('visibilitychange', () => void refreshSoon());

const events = new EventSource('/_control/events');
events.addEventListener('change', () => void refreshSoon());
events.addEventListener('open', () => void refreshSoon());
events.addEventListener('error', () => {
  byId('group-status').textContent = 'Connecting…';
});
