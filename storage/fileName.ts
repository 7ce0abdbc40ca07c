const LONGEST = 120;

/** Control characters, and those that turn the direction of writing: `exe.‮gpj` would look like a picture. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What a path or a header could take for its own. */
const MEANINGFUL = /[\\/:*?"<>|]/g;

/** A name that may be shown and saved under: no path, nothing unseen, and the ending that the bytes deserve. */
export function safeFileName(name: string, extension: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(UNSEEN, '').replace(MEANINGFUL, '_').trim().replace(/^\.+/, '');
  const wanted = `.${extension}`;
  const endsWell = clean.toLowerCase().endsWith(wanted) || isSameKind(clean, extension);
  const ending = endsWell ? clean.slice(clean.lastIndexOf('.')) : wanted;
  const stem = endsWell ? clean.slice(0, clean.lastIndexOf('.')) : clean;
  return `${Array.from(stem || 'file')
    .slice(0, LONGEST)
    .join('')}${ending}`;
}

/** `photo.jpeg` is left as it is. */
function isSameKind(name: string, extension: string): boolean {
  return extension === 'jpg' && /\.jpe?g$/i.test(name);
}
