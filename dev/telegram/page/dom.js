/**
 * An element with its properties and children; texts become text nodes, never markup.
 * `data-*` and `aria-*` names are set as attributes.
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (key.includes('-') || key === 'role') made.setAttribute(key, String(value));
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return made;
}

/** A line drawing from the path of a 24 by 24 grid. */
export function drawing(path) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(namespace, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });

export function isSameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

export function timeOf(ms) {
  return clock.format(ms);
}

export function dayOf(ms) {
  return isSameDay(ms, Date.now()) ? 'Today' : day.format(ms);
}

/** The time of today, the date of any other day. */
export function shortTime(ms) {
  return isSameDay(ms, Date.now()) ? timeOf(ms) : day.format(ms);
}

/** A colour of six for whatever has a number. */
export function toneOf(id) {
  return Math.abs(id) % 6;
}
