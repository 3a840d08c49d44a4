/** The extension in a trusted workspace, with the real server and the model that ships. */
import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Result } from '../../src/commands';
import type { Item } from '../../src/plansView';
import { documentReason } from '../../src/workspaces';
import { activated, alive, baseName, command, file, open, status, type Test, until } from './harness';

const FILE = 'shop.py';
const TEXT = readFileSync(file(FILE).fsPath, 'utf8');

/** The text with a function's `...` replaced. */
function written(name: string, code: string): string {
  const start = TEXT.indexOf(`def ${name}`);
  const dots = TEXT.indexOf('    ...', start);
  return TEXT.slice(0, dots) + code + TEXT.slice(dots + '    ...'.length);
}

async function planItems(): Promise<Extract<Item, { kind: 'plan' }>[]> {
  const { view } = await activated();
  return view.getChildren().filter((item) => item.kind === 'plan');
}

function serverProcesses(): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...words]) => Number(parent) === process.pid && words.includes('codeplan_server'))
    .map(([pid]) => Number(pid));
}

export const TESTS: readonly Test[] = [
  {
    name: 'opening a Python file activates the extension and starts one server',
    act: async () => {
      await open(FILE, 'def total');
      const extension = vscode.extensions.getExtension('codeplan.codeplan');
      await until(() => extension?.isActive, 'activation by the file');

      const { server } = await activated();

      assert.equal(server.state.kind, 'running', JSON.stringify(server.state));
      assert.deepEqual(serverProcesses(), [(await status()).process]);
    },
  },
  {
    name: 'each function to write has a code lens with a command that works',
    act: async () => {
      const lenses = await until(async () => {
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          'vscode.executeCodeLensProvider',
          file(FILE),
        );
        return found.length > 0 && found;
      }, 'code lenses');

      assert.deepEqual(
        lenses.map((lens) => [lens.command?.title, lens.command?.command]),
        [['Plan then code', 'codeplan.planThenCode'], ['Plan then code', 'codeplan.planThenCode']],
      );
    },
  },
  {
    name: 'every command of the manifest is there',
    act: async () => {
      const manifest = vscode.extensions.getExtension('codeplan.codeplan')?.packageJSON as {
        contributes: { commands: { command: string }[] };
      };

      const all = new Set(await vscode.commands.getCommands(true));

      const missing = manifest.contributes.commands.filter(({ command: name }) => !all.has(name));
      assert.deepEqual(missing, []);
    },
  },
  {
    name: 'plan-then-code writes the function at the cursor and nothing else; one undo restores the text',
    act: async () => {
      const { document } = await open(FILE, 'def largest');

      const result = await command<Result & { code: string }>('planThenCode');

      assert.equal(result.outcome, 'passed', JSON.stringify(result));
      assert.equal(result.applied, true);
      assert.equal(document.getText(), written('largest', result.code));
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), TEXT);
      assert.equal(document.isDirty, false);
    },
  },
  {
    name: 'the view shows the plans of plan-then-code with their records, and which one is in the text',
    act: async () => {
      const { view } = await activated();
      await open(FILE, 'def total');

      const result = await command<Result>('planThenCode');

      const plans = await planItems();
      assert.equal(view.set?.functionName, 'total');
      assert.ok(plans.length > 0);
      const labels = plans.map((item) => view.getTreeItem(item).label as string);
      labels.forEach((text) => assert.match(text, /^Plan \d+: (\d of 2|no code)(, in the text)?$/));
      assert.ok(labels.some((text) => text.endsWith(': 2 of 2, in the text')), labels.join('; '));
      assert.deepEqual(view.set?.inserted, result.plan);
      const [first] = plans;
      assert.ok(first);
      const lines = view.getChildren(first).map((item) => view.getTreeItem(item).label);
      assert.deepEqual(lines.slice(0, first.plan.steps.length), first.plan.steps.map((s, i) => `${i + 1}. ${s}`));
    },
  },
  {
    name: 'show-plans edits nothing, and a plan is previewed as a difference to the file',
    act: async () => {
      const { document } = await open(FILE, 'def total');

      const result = await command<Result>('showPlans');

      assert.equal(document.getText(), TEXT);
      const plans = await planItems();
      assert.deepEqual(plans.map((item) => item.plan), result.plans);
      const good = plans.find((item) => item.plan.outcome === 'passed');
      assert.ok(good, 'no plan passed');
      await vscode.commands.executeCommand('codeplan.plans.preview', good);
      const input = await until(() => {
        const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return shown instanceof vscode.TabInputTextDiff && shown;
      }, 'difference');
      assert.equal(input.original.toString(), file(FILE).toString());
      assert.equal(baseName(input.modified), FILE);
      const preview = await vscode.workspace.openTextDocument(input.modified);
      assert.equal(preview.getText(), written('total', good.plan.code));
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    },
  },
  {
    name: 'a plan of the view is used: its steps make the code',
    act: async () => {
      const { view } = await activated();
      const { document } = await open(FILE, 'def total');
      await command<Result>('showPlans');
      const good = (await planItems()).find((item) => item.plan.outcome === 'passed');
      assert.ok(good, 'no plan passed');

      const result = await command<Result & { code: string }>('plans.use', good);

      assert.equal(result.applied, true, JSON.stringify(result));
      assert.deepEqual(result.plan, good.plan.steps);
      assert.equal(document.getText(), written('total', result.code));
      assert.deepEqual(view.set?.inserted, good.plan.steps);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), TEXT);
    },
  },
  {
    name: 'an edited plan is written from, for the function where it is by then',
    act: async () => {
      const { document } = await open(FILE, 'def total');
      await command<Result>('showPlans');
      const [first] = await planItems();
      await vscode.commands.executeCommand('codeplan.plans.edit', first);
      const editor = await until(() => {
        const active = vscode.window.activeTextEditor;
        return active?.document.uri.scheme === 'codeplan-plan' && active;
      }, 'editor of the plan');
      const everything = new vscode.Range(0, 0, editor.document.lineCount, 0);
      await editor.edit((edit) => edit.replace(everything, '# mine\n1. Return the sum of the numbers.\n'));
      // The function moves while its plan is edited.
      const above = new vscode.WorkspaceEdit();
      above.insert(document.uri, new vscode.Position(0, 0), '# one\n# two\n');
      await vscode.workspace.applyEdit(above);

      const result = await command<Result & { code: string }>('writeFromEditedPlan');

      assert.equal(result.applied, true, JSON.stringify(result));
      assert.equal(result.function, 'total');
      assert.deepEqual(result.plan, ['Return the sum of the numbers.']);
      assert.equal(document.getText(), `# one\n# two\n${written('total', result.code)}`);
      const schemes = vscode.window.tabGroups.all.flatMap((group) =>
        group.tabs.map(({ input }) => (input instanceof vscode.TabInputText ? input.uri.scheme : '')),
      );
      assert.ok(!schemes.includes('codeplan-plan'), 'the plan is still open');
      await open(FILE, 'def total');
      assert.equal(document.getText(), TEXT);
    },
  },
  {
    name: 'failing examples are marked where they stand',
    act: async () => {
      const { document } = await open('broken.py', 'def double');

      const result = await command<Result>('runExamples');

      assert.equal(result.outcome, 'failed');
      const [mark] = await until(() => {
        const found = vscode.languages.getDiagnostics(document.uri);
        return found.length > 0 && found;
      }, 'diagnostic');
      assert.equal(mark?.source, 'codeplan');
      assert.equal(mark?.message, 'expected 6, got 5');
      assert.equal(document.lineAt(mark?.range.start.line ?? 0).text.trim(), '>>> double(3)');
    },
  },
  {
    name: 'a function whose examples fail is repaired, and one undo restores the text',
    act: async () => {
      const { document } = await open('broken.py', 'def double');
      const before = document.getText();

      const result = await command<Result>('repair');

      assert.equal(result.outcome, 'passed', JSON.stringify(result));
      assert.equal(result.applied, true);
      assert.notEqual(document.getText(), before);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
    },
  },
  {
    name: 'existing code is explained as a plan in the view',
    act: async () => {
      const { view } = await activated();
      const { document } = await open('broken.py', 'def double');
      const before = document.getText();

      const result = await command<Result>('explain');

      assert.equal(result.outcome, 'explained', JSON.stringify(result));
      const [only, ...others] = await planItems();
      assert.ok(only);
      assert.deepEqual(others, []);
      assert.equal(view.getTreeItem(only).label, 'Plan 1: as the code is');
      assert.deepEqual(only.plan.steps, result.plan);
      assert.equal(document.getText(), before);
    },
  },
  {
    name: 'a function without examples gets some that its code fulfils',
    act: async () => {
      const { document } = await open('plain.py', 'def triple');

      const result = await command<Result>('writeExamples');

      assert.equal(result.applied, true, JSON.stringify(result));
      assert.match(document.getText(), />>> triple\(/);
      await vscode.commands.executeCommand('undo');
    },
  },
  {
    name: 'a change of a setting takes effect in the running server',
    act: async () => {
      const { process: pid } = await status();
      const settings = vscode.workspace.getConfiguration('codeplan');

      await settings.update('search.plans', 3, vscode.ConfigurationTarget.Workspace);

      await until(async () => (await status()).settings.search.plans === 3, 'new setting');
      await open(FILE, 'def total');
      const result = await command<Result>('showPlans');
      assert.ok(Array.isArray(result.plans) && result.plans.length <= 3);
      await settings.update('search.plans', undefined, vscode.ConfigurationTarget.Workspace);
      await until(async () => (await status()).settings.search.plans !== 3, 'old setting');
      assert.equal((await status()).process, pid);
    },
  },
  {
    name: 'work that is cancelled ends, and changes nothing',
    act: async () => {
      const { runner } = await activated();
      const { document } = await open('hard.py', 'def cipher');
      const before = document.getText();
      const running = command<Result>('planThenCode');
      await until(async () => (await status()).works.length === 1, 'running work');
      assert.equal(runner.busy, 1);

      await vscode.commands.executeCommand('codeplan.cancel');

      assert.equal((await running).outcome, 'cancelled');
      assert.equal(document.getText(), before);
      assert.deepEqual((await status()).works, []);
      assert.equal(runner.busy, 0);
    },
  },
  {
    name: 'restarts, however many are asked for, end with one new server',
    act: async () => {
      const { server } = await activated();
      const old = (await status()).process;

      await Promise.all([1, 2, 3, 4].map(() => vscode.commands.executeCommand('codeplan.restartServer')));

      assert.equal(server.state.kind, 'running');
      const { process: pid } = await status();
      assert.notEqual(pid, old);
      await until(() => !alive(old), 'end of the old server');
      await until(() => serverProcesses().length === 1, 'single server');
      const { document } = await open(FILE, 'def total');
      const result = await command<Result>('planThenCode');
      assert.equal(result.applied, true);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), TEXT);
    },
  },
  {
    name: 'a server that is killed is started again',
    act: async () => {
      const { server } = await activated();
      const { process: pid } = await status();

      process.kill(pid, 'SIGKILL');

      await until(() => !alive(pid), 'end of the killed server');
      const next = await until(async () => {
        const now = await status().catch(() => undefined);
        return now !== undefined && now.process !== pid && now.process;
      }, 'new server');
      assert.ok(alive(next));
      assert.equal(server.state.kind, 'running');
    },
  },
  {
    name: 'a file of a virtual file system is refused with the reason',
    act: async () => {
      const bytes = Buffer.from(TEXT);
      const provider: vscode.FileSystemProvider = {
        onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
        watch: () => ({ dispose: () => undefined }),
        stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length }),
        readFile: () => bytes,
        readDirectory: () => [],
        createDirectory: () => undefined,
        writeFile: () => undefined,
        delete: () => undefined,
        rename: () => undefined,
      };
      const registered = vscode.workspace.registerFileSystemProvider('elsewhere', provider);
      const uri = vscode.Uri.parse('elsewhere:/shop.py');
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document);

      const result = await vscode.commands.executeCommand('codeplan.planThenCode');

      assert.equal(result, undefined);
      assert.equal(document.getText(), TEXT);
      assert.match(documentReason(document) ?? '', /not on a disk/);
      registered.dispose();
    },
  },
  {
    name: 'a function in a cell of a notebook is written',
    act: async () => {
      const notebook = await vscode.workspace.openNotebookDocument(file('notes.ipynb'));
      await vscode.window.showNotebookDocument(notebook);
      const cell = notebook.getCells().find(({ document }) => document.getText().startsWith('def total'));
      assert.ok(cell);
      const before = cell.document.getText();
      const place = { uri: cell.document.uri.toString(), position: { line: 0, character: 4 } };

      const result = await command<Result & { code: string }>('planThenCode', place);

      assert.equal(result.applied, true, JSON.stringify(result));
      assert.equal(cell.document.getText(), before.replace('    ...', result.code));
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    },
  },
  {
    name: 'the example of the walkthrough is written',
    act: async () => {
      await vscode.commands.executeCommand('codeplan.openExample');
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.languageId, 'python');

      const result = await command<Result>('planThenCode');

      assert.equal(result.function, 'total');
      assert.equal(result.applied, true, JSON.stringify(result));
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    },
  },
];
