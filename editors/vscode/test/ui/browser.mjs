// The browser that looks at the editor: the installed one, or the program that CHROMIUM names.
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = process.env.CODEPLAN_BROWSER;
const require = createRequire(path.join(folder, 'x.js'));
const { chromium } = require('playwright-core');

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || path.join(folder, 'program/chromium'),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
    ],
    env: { ...process.env, FONTCONFIG_FILE: path.join(folder, 'fonts.conf') },
    timeout: 120_000,
  });
}
