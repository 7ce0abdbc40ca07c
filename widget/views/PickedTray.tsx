import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { copy } from './copy.ts';
import { formatSize } from './formatSize.ts';
import { ClipIcon, CloseIcon, FileIcon } from './icons.tsx';
import type { PickedFiles } from './usePickedFiles.ts';

/** Opens the browser's own choice of files. */
export function AttachButton({ onPick, disabled }: { onPick: PickedFiles['add']; disabled: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  function onChange(event: TargetedEvent<HTMLInputElement>): void {
    onPick(event.currentTarget.files ?? undefined);
    // The same file may be picked again after it was removed.
    event.currentTarget.value = '';
  }
  return (
    <>
      <input ref={input} class="file-input" type="file" multiple hidden onChange={onChange} />
      <button
        type="button"
        class="attach"
        aria-label={copy.attach}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <ClipIcon />
      </button>
    </>
  );
}

/** What the next message takes along, each with a way back. */
export function PickedTray({ picked }: { picked: PickedFiles }) {
  if (picked.files.length === 0) return null;
  return (
    <ul class="tray" aria-label={copy.attached}>
      {picked.files.map((file) => (
        <li key={`${file.name}/${file.size}/${file.lastModified}`} class="picked">
          <Thumbnail file={file} />
          <span class="file-name">
            {file.name}
            <small>{formatSize(file.size)}</small>
          </span>
          <button type="button" class="detach" aria-label={copy.detach(file.name)} onClick={() => picked.remove(file)}>
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A page's policy may forbid pictures from memory: then the sign stands for it. */
function Thumbnail({ file }: { file: File }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!file.type.startsWith('image/')) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (!url) return <FileIcon />;
  return <img class="thumbnail" src={url} alt="" onError={() => setUrl(undefined)} />;
}
