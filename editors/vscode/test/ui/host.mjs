// Opens the workbench so that it runs the tests of an extension host bundle; ends when they have ended.
// host.mjs BASE-URL FOLDER EXTENSION TESTS SCREENSHOT
import { launch } from './browser.mjs';

const MILLISECONDS = 900_000;
const [base, folder, extension, tests, screenshot] = process.argv.slice(2);
const remote = (path) => `vscode-remote://${new URL(base).host}${path}`;
const payload = [
  ['extensionDevelopmentPath', remote(extension)],
  ['extensionTestsPath', remote(tests)],
  ['skipWelcome', 'true'],
  ['skipReleaseNotes', 'true'],
];
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
let timer;
const ended = new Promise((resolve) => {
  timer = setTimeout(() => resolve('no end'), MILLISECONDS);
  page.on('close', () => resolve('page closed'));
  page.on('crash', () => resolve('page crashed'));
  page.exposeFunction('codeAutomationExit', resolve);
});
await page.exposeFunction('codeAutomationLog', (type, given) => console.log(`[${type}]`, ...given));
await page.goto(`${base}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
const code = await ended;
clearTimeout(timer);
if (code !== 0) {
  console.log('ended with', code);
  await page.screenshot({ path: screenshot }).catch(() => undefined);
}
await browser.close();
process.exit(code === 0 ? 0 : 1);
