type Close = () => Promise<unknown>;

/** What was started, closed in the reverse order; one that fails does not keep the others open. */
export class Closers {
  readonly #open: { name: string; close: Close }[] = [];

  add(name: string, close: Close): void {
    this.#open.push({ name, close });
  }

  async closeAll(): Promise<void> {
    for (const { name, close } of this.#open.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        console.error(`  ! ${name} did not stop in good order:`, error instanceof Error ? error.message : error);
      }
    }
  }
}

export interface LauncherContext {
  /** Everything that is kept between starts: `.parley/`. */
  folder: string;
  closers: Closers;
}
