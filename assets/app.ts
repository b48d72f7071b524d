import { startChrome } from './chrome.ts';
import { startFiles } from './people.ts';

startChrome();
startFiles();
