import { startChrome } from './chrome.ts';

startChrome();
