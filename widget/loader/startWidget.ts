import { mount, type Widget } from '../mount.ts';
import { createHttpApi } from '../transport/httpApi.ts';
import type { Command, Visitor } from './commands.ts';
import { installCommands } from './installCommands.ts';
import { loadConfig } from './loadConfig.ts';
import { readScript } from './readScript.ts';

/** Starts the widget of a script tag. Commands that come before the site's config are run when the widget is there. */
export function startWidget(script: HTMLScriptElement): void {
  const options = readScript(script);
  if (!options) {
    console.warn('Parley: the script tag needs data-site-key');
    return;
  }
  const api = createHttpApi(options.apiUrl);
  const visitor: Visitor = {};
  const removal = new AbortController();
  const early: Exclude<Command, readonly ['setVisitor', Visitor]>[] = [];
  let widget: Widget | undefined;

  installCommands((command) => {
    if (command[0] === 'setVisitor') Object.assign(visitor, command[1]);
    else if (widget) widget.run(command);
    else early.push(command);
    if (command[0] === 'remove') {
      removal.abort();
      window.Parley = undefined;
    }
  });

  void (async () => {
    const config = await loadConfig(api, options.siteKey, removal.signal);
    if (!config || removal.signal.aborted) return;
    widget = mount({ ...options, api, config, visitor });
    for (const command of early) widget.run(command);
  })();
}
