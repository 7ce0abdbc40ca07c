import { startWidget } from './loader/startWidget.ts';

// The bundle's entry and the only module with an effect: `currentScript` is our own tag only while it runs.
const { currentScript } = document;
if (currentScript instanceof HTMLScriptElement) startWidget(currentScript);
