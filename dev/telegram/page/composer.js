import { attempt, control } from './control.js';
import { nameOf, preview } from './messageView.js';
import { state } from './state.js';

const byId = (id) => document.getElementById(id);

/** Shows which message is answered or edited. */
export function drawContext() {
  const { context } = state;
  byId('context').hidden = !context;
  if (!context) return;
  byId('context-title').textContent = context.edit ? 'Edit message' : `Reply to ${nameOf(context.message)}`;
  byId('context-text').textContent = preview(context.message);
}

export function setContext(message, edit) {
  state.context = { message, edit };
  if (edit) byId('text').value = message.text;
  drawContext();
  byId('text').focus();
}

export function focusComposer() {
  byId('text').focus();
}

function fitText() {
  const text = byId('text');
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
}

async function submit() {
  const text = byId('text').value.trim();
  if (!text) return;
  const { context, threadId, actorId } = state;
  const done = await attempt(async () => {
    if (context?.edit) await control('editMessage', { messageId: context.message.message_id, text });
    else
      await control('postMessage', { threadId, userId: actorId, text, replyToMessageId: context?.message.message_id });
    return true;
  });
  if (!done) return;
  state.context = undefined;
  byId('text').value = '';
  fitText();
  byId('messages').scrollTop = byId('messages').scrollHeight;
  drawContext();
}

async function sendFile(file) {
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });
  const isPhoto = /^image\/(png|jpeg|gif)$/.test(file.type);
  await attempt(() =>
    control(isPhoto ? 'postPhoto' : 'postDocument', {
      threadId: state.threadId,
      userId: state.actorId,
      fileName: file.name,
      ...(file.type && { mimeType: file.type }),
      base64: url.slice(url.indexOf(',') + 1),
    }),
  );
}

async function sendFiles() {
  const input = byId('file');
  for (const file of input.files) await sendFile(file);
  input.value = '';
}

byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
byId('text').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') byId('context-cancel').click();
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void submit();
});
byId('text').addEventListener('input', fitText);
byId('file').addEventListener('change', () => void sendFiles());
byId('context-cancel').addEventListener('click', () => {
  if (state.context?.edit) byId('text').value = '';
  state.context = undefined;
  drawContext();
});
