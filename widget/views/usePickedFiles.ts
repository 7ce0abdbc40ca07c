import { useRef, useState } from 'preact/hooks';
import { MAX_ATTACHMENTS } from '../../contracts/fileLimits.ts';
import { copy } from './copy.ts';
import { formatSize } from './formatSize.ts';

/** The files that the next message takes along. */
export interface PickedFiles {
  files: readonly File[];
  /** Why the last one was not picked, in words. */
  trouble: string | undefined;
  add(files: Iterable<File> | undefined): void;
  remove(file: File): void;
  clear(): void;
}

/** What cannot be sent is not picked: `limit` is the largest file in bytes. */
export function usePickedFiles(limit: number): PickedFiles {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [trouble, setTrouble] = useState<string>();
  const latest = useRef(files);

  function change(next: readonly File[], problem?: string): void {
    latest.current = next;
    setFiles(next);
    setTrouble(problem);
  }
  return {
    files,
    trouble,
    add(added = []) {
      let problem: string | undefined;
      const next = [...latest.current];
      for (const file of added) {
        const refusal = next.length >= MAX_ATTACHMENTS ? copy.tooManyFiles(MAX_ATTACHMENTS) : refusalOf(file, limit);
        if (refusal) problem = refusal;
        else next.push(file);
      }
      change(next, problem);
    },
    remove: (file) => change(latest.current.filter((other) => other !== file)),
    clear: () => change([]),
  };
}

function refusalOf({ name, size }: File, limit: number): string | undefined {
  if (size === 0) return copy.fileEmpty(name);
  return size > limit ? copy.fileTooLarge(name, formatSize(limit)) : undefined;
}
