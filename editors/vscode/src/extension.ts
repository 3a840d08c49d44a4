/** Wires the parts together; each does its own work. */
import * as vscode from 'vscode';
import { Actions, ON_FUNCTION } from './actions';
import { Runner } from './commands';
import { openExample } from './example';
import { chooseInterpreter, installServer } from './install';
import { showMenu } from './menu';
import { PLAN_SCHEME } from './planEditor';
import { type Item, PlansView } from './plansView';
import { PREVIEW_SCHEME } from './preview';
import { onInterpreterChange } from './python';
import { Server } from './server';
import { needsRestart } from './settings';
import { StatusBar } from './statusBar';

/** What `activate` gives: the parts, for other extensions and for tests in the editor. */
export interface Api {
  readonly server: Server;
  readonly runner: Runner;
  readonly view: PlansView;
  readonly status: StatusBar;
}

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const channel = vscode.window.createOutputChannel('codeplan', { log: true });
  const folder = context.extensionUri.fsPath;
  const environment = vscode.Uri.joinPath(context.globalStorageUri, 'server').fsPath;
  const started = new Server(channel, folder, environment);
  server = started;
  const restart = (): Promise<void> => started.restart();
  const runner = new Runner(started);
  const view = new PlansView();
  const actions = new Actions(runner, view);
  const status = new StatusBar(started, runner);
  const commands: Record<string, (...given: never[]) => unknown> = {
    ...Object.fromEntries(
      ON_FUNCTION.map(([name, title]) => [name, (given: unknown) => actions.onFunction(name, title, given)]),
    ),
    'codeplan.solveFile': (given: unknown) => actions.solveFile(given),
    'codeplan.runFileExamples': () => actions.fileExamples(),
    'codeplan.cancel': () => actions.cancel(),
    'codeplan.status': (given?: object) => runner.ask('codeplan.status', given),
    'codeplan.plans.preview': (item?: Item) => actions.previewPlan(item),
    'codeplan.plans.use': (item?: Item) => actions.usePlan(item),
    'codeplan.plans.edit': (item?: Item) => actions.editPlan(item),
    'codeplan.plans.next': () => actions.nextOfView(),
    'codeplan.writeFromEditedPlan': () => actions.writeFromEditedPlan(),
    'codeplan.menu': () => showMenu(status, runner),
    'codeplan.installServer': async (wheel?: vscode.Uri) => {
      const begin = (): Promise<void> => started.suspend();
      const installed = await installServer({ channel, folder, environment, begin }, wheel);
      if (started.state.kind === 'stopped') {
        await restart();
      }
      return installed;
    },
    'codeplan.restartServer': restart,
    'codeplan.chooseInterpreter': chooseInterpreter,
    'codeplan.showLog': () => channel.show(),
    'codeplan.openExample': openExample,
  };
  context.subscriptions.push(
    channel,
    started,
    view,
    status,
    ...Object.entries(commands).map(([name, act]) => vscode.commands.registerCommand(name, act)),
    vscode.workspace.registerTextDocumentContentProvider(PREVIEW_SCHEME, actions.preview),
    vscode.workspace.registerFileSystemProvider(PLAN_SCHEME, actions.planEditor),
    vscode.workspace.onDidChangeConfiguration((change) => needsRestart(change) && restart()),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    started.onDidChange(({ kind }) => {
      void vscode.commands.executeCommand('setContext', 'codeplan.serverRunning', kind === 'running');
    }),
  );
  // Not waited for: the editor goes on while the server starts.
  void restart();
  void onInterpreterChange(restart).then((listening) => context.subscriptions.push(listening));
  return { server: started, runner, view, status };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
