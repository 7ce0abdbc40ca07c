import { useEffect, useState } from 'preact/hooks';
import type { FileItem } from '../state/timeline.ts';
import type { Actions } from './actions.ts';
import { copy } from './copy.ts';
import { formatSize } from './formatSize.ts';
import { FileIcon } from './icons.tsx';

interface FileProps {
  file: FileItem;
  fileUrl: Actions['fileUrl'];
}

/** What browsers show as they are; all else is a name to open. */
const PICTURE = /^image\/(jpeg|png|gif|webp)$/;
const SOUND = /^audio\//;

/** The files of a message: pictures and recordings where they stand, others by name. */
export function Files({ files, fileUrl }: { files: readonly FileItem[]; fileUrl: Actions['fileUrl'] }) {
  return (
    <ul class="files">
      {files.map((file) => (
        <li key={file.id}>
          <OneFile file={file} fileUrl={fileUrl} />
          {file.progress !== undefined && <Progress name={file.name} share={file.progress} />}
        </li>
      ))}
    </ul>
  );
}

function OneFile({ file, fileUrl }: FileProps) {
  if (PICTURE.test(file.type)) return <Picture file={file} fileUrl={fileUrl} />;
  if (SOUND.test(file.type)) return <Recording file={file} fileUrl={fileUrl} />;
  return <Named file={file} fileUrl={fileUrl} />;
}

function Picture({ file, fileUrl }: FileProps) {
  const { url, giveUp } = useFileUrl(file, fileUrl);
  if (url === null) return <Named file={file} fileUrl={fileUrl} />;
  return (
    <button type="button" class="picture" onClick={() => void openFile(file.id, fileUrl)}>
      {url && <img src={url} alt={file.name} onError={giveUp} />}
    </button>
  );
}

function Recording({ file, fileUrl }: FileProps) {
  const { url, giveUp } = useFileUrl(file, fileUrl);
  if (url === null) return <Named file={file} fileUrl={fileUrl} />;
  // biome-ignore lint/a11y/useMediaCaption: what people say to each other comes without captions
  return <audio class="recording" controls preload="metadata" src={url} aria-label={file.name} onError={giveUp} />;
}

function Named({ file, fileUrl }: FileProps) {
  const [failed, setFailed] = useState(false);
  async function open(): Promise<void> {
    setFailed(!(await openFile(file.id, fileUrl)));
  }
  return (
    <>
      <button type="button" class="named" onClick={() => void open()}>
        <FileIcon />
        <span class="file-name">
          {file.name || copy.file}
          <small>{formatSize(file.size)}</small>
        </span>
      </button>
      {failed && (
        <span class="meta failure" role="alert">
          {copy.fileUnavailable}
        </span>
      )}
    </>
  );
}

function Progress({ name, share }: { name: string; share: number }) {
  return <progress class="progress" max={1} value={share} aria-label={copy.uploading(name)} />;
}

/** Undefined until the address is known, null when there is none that the page may show. */
function useFileUrl(
  { id, progress }: FileItem,
  fileUrl: Actions['fileUrl'],
): { url: string | null | undefined; giveUp(): void } {
  const [url, setUrl] = useState<string | null>();
  const sent = progress === undefined;
  useEffect(() => {
    let gone = false;
    fileUrl(id).then(
      (found) => !gone && setUrl(found),
      () => !gone && setUrl(null),
    );
    return () => {
      gone = true;
    };
  }, [id, sent]);
  return { url, giveUp: () => setUrl(null) };
}

/** Asks for a fresh address, as the last one may have ended. False when there is none. */
async function openFile(id: string, fileUrl: Actions['fileUrl']): Promise<boolean> {
  try {
    const link = document.createElement('a');
    link.href = await fileUrl(id);
    link.target = '_blank';
    link.rel = 'noopener';
    link.click();
    return true;
  } catch {
    return false;
  }
}
