// One page with the workbench, and how a person uses it. Waits for what appears, never for times.
import path from 'node:path';
import { launch } from './browser.mjs';

const MILLISECONDS = 180_000;

/** Open the browser and run the steps, [name, act], until one fails; ends the process. */
export async function use({ pictures, theme }, steps) {
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1200, height: 720 } });
  page.setDefaultTimeout(MILLISECONDS);
  const workbench = new Workbench(page, pictures, theme);
  let failed = false;
  for (const [name, step] of steps) {
    try {
      await step(workbench);
      console.log('ok', name);
    } catch (error) {
      failed = true;
      console.log('not ok', name, error.stack ?? error);
      await workbench.picture('failed').catch(() => undefined);
      break;
    }
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
}

class Workbench {
  constructor(page, pictures, theme) {
    this.page = page;
    this.pictures = pictures;
    this.theme = theme;
    this.planRows = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row');
    this.statusItem = page.locator('.statusbar-item[id*="codeplan"]');
    this.lenses = page.locator('.codelens-decoration a', { hasText: 'Plan then code' });
    this.input = page.locator('.quick-input-widget input').first();
  }

  file(name) {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  }

  toast(text) {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  choice(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  button(within, text) {
    return within.locator('a.monaco-button', { hasText: text });
  }

  picture(name) {
    return this.page.screenshot({ path: path.join(this.pictures, `${name}-${this.theme}.png`) });
  }

  /** The editor's text, as far as it is to be seen. */
  async text() {
    const lines = await this.page
      .locator('.editor-instance .view-line')
      .evaluateAll((all) => all.map((line) => [parseInt(line.style.top, 10), line.textContent]));
    return lines
      .sort((a, b) => a[0] - b[0])
      .map(([, line]) => line)
      .join('\n')
      .replaceAll('\u00a0', ' ');
  }

  async until(condition, what) {
    const end = Date.now() + MILLISECONDS;
    while (!(await condition())) {
      if (Date.now() > end) {
        throw new Error(`no ${what}`);
      }
      await this.page.waitForTimeout(50);
    }
  }

  async openFile(name) {
    await this.file(name).dblclick();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.until(async () => (await this.text()).includes('def '), `text of ${name}`);
  }

  /** Put the cursor on the line that holds a text. */
  async clickLine(part) {
    await this.page.locator('.editor-instance .view-line', { hasText: part }).first().click();
  }

  async palette(title) {
    await this.page.keyboard.press('F1');
    await this.input.waitFor({ state: 'visible' });
    await this.input.fill(`>${title}`);
    await this.choice(title).waitFor();
  }

  async act(title) {
    await this.palette(title);
    await this.page.keyboard.press('Enter');
  }

  idle() {
    return this.statusItem.locator('.codicon-checklist').waitFor();
  }
}
