// A first run without any network: the server is missed, installed from a wheel file, and works.
// packaged.mjs BASE-URL FOLDER PICTURES WHEEL
import { use } from './workbench.mjs';

const [base, folder, pictures, wheel] = process.argv.slice(2);

await use({ pictures, theme: 'dark' }, [
  [
    'that there is no server is said, with a button',
    async (w) => {
      await w.page.goto(`${base}/?folder=${folder}`);
      await w.file('shop.py').waitFor();
      await w.openFile('shop.py');
      const missing = w.toast("codeplan's server was not found");
      await w.button(missing, 'Install Server').waitFor();
      await w.statusItem.locator('.codicon-warning').waitFor();
      await w.picture('missing');
      await w.button(missing, 'Install Server').click();
    },
  ],
  [
    'what the installation does is said before',
    async (w) => {
      await w.choice('From a wheel file').click();
      await w.page.locator('.quick-input-title', { hasText: "codeplan's wheel file" }).waitFor();
      const found = w.choice(wheel.split('/').at(-1));
      // The dialog writes its own folder into the field when it is ready, over what stands there.
      await w.until(async () => {
        if ((await w.input.inputValue()) !== wheel) {
          await w.input.fill(wheel);
        }
        return found.isVisible();
      }, 'wheel file in the dialog');
      await w.page.keyboard.press('Enter');
      const question = w.page.locator('.monaco-dialog-box');
      await question.filter({ hasText: 'The network is not used' }).waitFor();
      await w.picture('install');
      await w.button(question, 'Install').click();
    },
  ],
  [
    'the server is installed and runs',
    async (w) => {
      await w.toast('Installing codeplan').waitFor();
      await w.toast('Installing codeplan').waitFor({ state: 'detached', timeout: 900_000 });
      await w.lenses.nth(1).waitFor();
      await w.idle();
    },
  ],
  [
    'code is written and verified',
    async (w) => {
      await w.lenses.first().click();
      await w.until(async () => (await w.text()).includes('return sum(numbers)'), 'inserted code');
      await w.idle();
    },
  ],
]);
