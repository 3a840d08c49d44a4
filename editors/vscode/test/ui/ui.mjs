// Uses the extension as a person does: mouse, keys, and what is to be seen.
// ui.mjs BASE-URL FOLDER PICTURES THEME
import { use } from './workbench.mjs';

const [base, folder, pictures, theme] = process.argv.slice(2);

await use({ pictures, theme }, [
  [
    'the server runs and the file shows its lenses',
    async (w) => {
      await w.page.goto(`${base}/?folder=${folder}`);
      await w.file('shop.py').waitFor();
      await w.openFile('shop.py');
      await w.lenses.nth(1).waitFor();
      await w.idle();
    },
  ],
  [
    'the palette offers the commands',
    async (w) => {
      await w.clickLine('def total');
      await w.palette('codeplan: Plan Then Code');
      await w.input.fill('>codeplan: ');
      await w.choice('Next Candidate').waitFor();
      await w.picture('palette');
      await w.page.keyboard.press('Escape');
    },
  ],
  [
    'progress is to be seen, and its button cancels the work',
    async (w) => {
      await w.openFile('hard.py');
      await w.clickLine('def cipher');
      const before = await w.text();
      await w.act('codeplan: Plan Then Code');
      const shown = w.toast('codeplan: writing');
      await shown.waitFor();
      await w.statusItem.locator('.codicon-sync').waitFor();
      await w.until(async () => /\d/.test(await shown.innerText()), 'count in the progress');
      await w.picture('progress');
      await w.button(shown, 'Cancel').click();
      await shown.waitFor({ state: 'detached' });
      await w.idle();
      if ((await w.text()) !== before) {
        throw new Error('the text has changed');
      }
    },
  ],
  [
    'a click on the lens inserts code that is to be seen',
    async (w) => {
      await w.openFile('shop.py');
      await w.lenses.first().click();
      await w.until(async () => (await w.text()).includes('return sum(numbers)'), 'inserted code');
      await w.until(async () => (await w.lenses.count()) === 1, 'lens that goes');
      await w.idle();
      await w.toast('codeplan: writing').waitFor({ state: 'detached' });
      await w.picture('inserted');
    },
  ],
  [
    'the view shows the plans, and a click shows the code of one',
    async (w) => {
      await w.clickLine('def largest');
      await w.act('codeplan: Show Plans');
      await w.planRows.filter({ hasText: 'of 2' }).first().waitFor();
      await w.toast('codeplan: planning').waitFor({ state: 'detached' });
      await w.picture('plans');
      await w.planRows.filter({ hasText: 'Plan 1: 2 of 2' }).first().click();
      const changed = w.page.locator('.monaco-diff-editor .modified .view-line', { hasText: 'max(numbers)' });
      await w.until(async () => (await changed.count()) > 0, 'code in the difference');
      await w.picture('preview');
    },
  ],
  [
    'the status bar item opens the menu with the state',
    async (w) => {
      await w.page.locator('.tab', { hasText: 'shop.py' }).first().click();
      await w.statusItem.locator('.codicon-checklist').click();
      for (const fact of ['Model: codeplan-embedded', 'Device: ', 'Sandbox: ', 'Server: ']) {
        await w.choice(fact).waitFor();
      }
      await w.picture('menu');
      await w.page.keyboard.press('Escape');
    },
  ],
  [
    'the walkthrough opens',
    async (w) => {
      await w.page.setViewportSize({ width: 1440, height: 960 });
      await w.page.keyboard.press('Control+b');
      await w.planRows.first().waitFor({ state: 'hidden' });
      await w.act('Welcome: Open Walkthrough');
      await w.choice('codeplan').waitFor();
      await w.input.fill('codeplan');
      await w.choice('codeplan').waitFor();
      await w.page.keyboard.press('Enter');
      await w.page.locator('.gettingStartedContainer', { hasText: 'Open a function to write' }).waitFor();
      const words = w.page
        .frameLocator('iframe.webview.ready')
        .frameLocator('iframe#active-frame')
        .locator('body', { hasText: 'A small model ships with the server' });
      await words.waitFor();
      await w.picture('walkthrough');
    },
  ],
]);
