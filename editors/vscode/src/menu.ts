/** What a click on the status bar item offers: the state, then what can be done. */
import * as vscode from 'vscode';
import type { Runner } from './commands';
import type { StatusBar } from './statusBar';

interface Entry extends vscode.QuickPickItem {
  readonly command?: string;
  readonly argument?: unknown;
}

const ACTIONS: readonly Entry[] = [
  { label: '$(play) Plan Then Code', command: 'codeplan.planThenCode' },
  { label: '$(list-tree) Show Plans', command: 'codeplan.showPlans' },
  { label: '$(beaker) Run Examples', command: 'codeplan.runExamples' },
  { label: '$(refresh) Restart Server', command: 'codeplan.restartServer' },
  { label: '$(cloud-download) Install Server...', command: 'codeplan.installServer' },
  { label: '$(symbol-misc) Choose Python for the Server...', command: 'codeplan.chooseInterpreter' },
  {
    label: '$(gear) Settings',
    command: 'workbench.action.openSettings',
    argument: '@ext:codeplan.codeplan',
  },
  { label: '$(output) Show Log', command: 'codeplan.showLog' },
];

export async function showMenu(status: StatusBar, runner: Runner): Promise<void> {
  await status.refresh();
  const separator = vscode.QuickPickItemKind.Separator;
  const stop: Entry[] =
    runner.busy > 0 ? [{ label: '$(debug-stop) Cancel Running Work', command: 'codeplan.cancel' }] : [];
  const facts = status.lines.map((line): Entry => ({ label: line }));
  const entries: Entry[] = [
    ...stop,
    ...ACTIONS,
    { label: 'State', kind: separator },
    ...facts,
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: 'codeplan' });
  if (chosen?.command !== undefined) {
    await vscode.commands.executeCommand(
      chosen.command,
      ...(chosen.argument === undefined ? [] : [chosen.argument]),
    );
  }
}
