import type { UploadedFile } from './readParameters.ts';

/** A call's parameters after they were checked against the Bot API's types: getters say which type that is. */
export class Parameters {
  readonly uploads: ReadonlyMap<string, UploadedFile>;
  private readonly values: Record<string, unknown>;

  constructor(values: Record<string, unknown>, uploads: ReadonlyMap<string, UploadedFile>) {
    this.values = values;
    this.uploads = uploads;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  integer(name: string): number {
    return this.optionalInteger(name) ?? 0;
  }

  optionalInteger(name: string): number | undefined {
    const value = this.values[name];
    return typeof value === 'number' ? value : undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? '';
  }

  optionalText(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  /** A chat by id, or by the text of one. */
  chatId(name = 'chat_id'): number | string {
    return this.optionalInteger(name) ?? this.text(name);
  }

  /** An object whose fields were checked already. */
  object<T>(name: string): T | undefined {
    return this.values[name] as T | undefined;
  }

  list<T>(name: string): T[] {
    return (this.values[name] as T[] | undefined) ?? [];
  }
}
