import { startChrome } from './chrome.ts';
import { startLive } from './live.ts';
import { startFiles } from './people.ts';

startChrome();
startFiles();
startLive();
