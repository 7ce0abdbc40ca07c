import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../../storage/fileName.ts';
import { fileTypeOf, isShown } from '../../../storage/fileType.ts';
import { PDF, PNG, SOUND, VOICE } from '../../support/sampleFiles.ts';

describe('fileTypeOf', () => {
  it.each([
    [PNG, 'x', 'image/png'],
    [PDF, 'x.png', 'application/pdf'],
    [VOICE, 'x', 'audio/ogg'],
    [SOUND, 'x', 'audio/wav'],
    [Buffer.from('a;b\n1;2\n'), 'table.CSV', 'text/plain'],
  ])('goes by the bytes (%#)', async (bytes, name, type) => {
    expect((await fileTypeOf(bytes, name))?.type).toBe(type);
  });

  it.each([
    [Buffer.from('<html>'), 'page.html'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'drawing.svg'],
    [Buffer.from('#!/bin/sh\n'), 'run.sh'],
    [Buffer.from('plain words'), 'no-ending'],
    [Buffer.from([0x66, 0xff, 0x66]), 'latin1.txt'],
    [Buffer.from('with\0nul'), 'binary.txt'],
  ])('takes nothing that could run, and no text that is none (%#)', async (bytes, name) => {
    expect(await fileTypeOf(bytes, name)).toBeUndefined();
  });

  it('lets only what cannot run be shown where it is', () => {
    const shown = ['image/png', 'audio/ogg', 'video/mp4', 'application/pdf', 'text/plain', 'image/heic'].filter(
      isShown,
    );
    expect(shown).toEqual(['image/png', 'audio/ogg', 'video/mp4']);
  });
});

describe('safeFileName', () => {
  it.each([
    ['photo.JPG', 'jpg', 'photo.JPG'],
    ['photo.jpeg', 'jpg', 'photo.jpeg'],
    ['invoice.exe', 'pdf', 'invoice.exe.pdf'],
    ['../../etc/passwd', 'txt', 'passwd.txt'],
    ['C:\\temp\\a.png', 'png', 'a.png'],
    ['exe.\u202egpj', 'png', 'exe.gpj.png'],
    ['a\r\nx: y.txt', 'txt', 'ax_ y.txt'],
    ['', 'ogg', 'file.ogg'],
    ['.htaccess', 'txt', 'htaccess.txt'],
    ['\ud800a.png', 'png', 'a.png'],
    [`${'ä'.repeat(300)}.pdf`, 'pdf', `${'ä'.repeat(120)}.pdf`],
  ])('%j becomes a name that nothing takes for more (%#)', (name, extension, safe) => {
    expect(safeFileName(name, extension)).toBe(safe);
  });
});
