/** "Install Server": codeplan in an environment of its own, after saying what will be done. */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { explanation, hasWheelsBeside, installSteps, type Source, type Step } from './environment';
import { OLDEST, probe } from './interpreter';
import { workspaceInterpreter } from './python';

export interface InstallContext {
  readonly channel: vscode.LogOutputChannel;
  /** Of the extension: where programs are started. */
  readonly folder: string;
  /** Where the environment is made. */
  readonly environment: string;
  /** Called before anything is changed: what runs in the environment must end. */
  readonly begin: () => Promise<void>;
}

/** Whether the server was installed. `wheel`: a wheel file to install from, instead of asking. */
export async function installServer(context: InstallContext, wheel?: vscode.Uri): Promise<boolean> {
  const source: Source | undefined =
    wheel === undefined ? await askSource() : { kind: 'wheel', path: wheel.fsPath };
  const python = source && (await newEnoughPython(context.folder));
  if (source === undefined || python === undefined) {
    return false;
  }
  const offline = source.kind === 'wheel' && (await hasWheelsBeside(source.path));
  const detail = explanation(python, context.environment, source, offline);
  const go = await vscode.window.showInformationMessage(
    "Install codeplan's server?",
    { modal: true, detail },
    'Install',
  );
  if (go !== 'Install') {
    return false;
  }
  await context.begin();
  return install(context, installSteps(python, context.environment, source, offline));
}

async function askSource(): Promise<Source | undefined> {
  const wheel = {
    label: '$(file-zip) From a wheel file...',
    detail: 'Without the network when the wheels of what it needs lie beside it.',
  };
  const checkout = {
    label: '$(repo) From a checkout of codeplan...',
    detail: "What it needs comes from Python's package index.",
  };
  const title = "Install codeplan's server";
  const chosen = await vscode.window.showQuickPick([wheel, checkout], { title });
  if (chosen === undefined) {
    return undefined;
  }
  const folder = chosen === checkout;
  const picked = await vscode.window.showOpenDialog({
    title: folder ? "The folder of codeplan's checkout" : "codeplan's wheel file",
    canSelectFiles: !folder,
    canSelectFolders: folder,
    ...(folder ? {} : { filters: { 'Wheel files': ['whl'] } }),
    openLabel: 'Install',
  });
  return picked?.[0] && { kind: folder ? 'checkout' : 'wheel', path: picked[0].fsPath };
}

/** A Python to make the environment with. When there is none, that is told. */
async function newEnoughPython(folder: string): Promise<string | undefined> {
  const workspace = await workspaceInterpreter();
  const path = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python3.13', 'python3.12', 'python3.11'];
  for (const candidate of [...(workspace ? [workspace] : []), ...path]) {
    const finding = await probe(candidate, folder);
    if (finding.kind === 'usable' || finding.kind === 'absent') {
      return candidate;
    }
  }
  void vscode.window.showErrorMessage(
    `codeplan needs Python ${OLDEST.join('.')} or newer, and none was found. Install one so that ` +
      'python3 finds it, then install the server again.',
  );
  return undefined;
}

async function install(context: InstallContext, steps: readonly Step[]): Promise<boolean> {
  const title = 'Installing codeplan';
  const location = vscode.ProgressLocation.Notification;
  try {
    return await vscode.window.withProgress(
      { location, cancellable: true, title },
      async (progress, cancel) => {
        for (const step of steps) {
          progress.report({ message: step.title });
          await runStep(step, context, cancel, (line) => progress.report({ message: line }));
        }
        return true;
      },
    );
  } catch (error) {
    if (error instanceof Stopped) {
      return false;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const answer = await vscode.window.showErrorMessage(
      `codeplan's server was not installed: ${reason}`,
      'Show Log',
    );
    if (answer === 'Show Log') {
      context.channel.show();
    }
    return false;
  }
}

/** The user pressed the cancel button. */
class Stopped extends Error {}

function runStep(
  step: Step,
  context: InstallContext,
  cancel: vscode.CancellationToken,
  say: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    context.channel.info(`${step.program} ${step.arguments.join(' ')}`);
    // Not detached on Windows, where the tree is ended by taskkill.
    const detached = process.platform !== 'win32';
    const child = spawn(step.program, step.arguments, { cwd: context.folder, windowsHide: true, detached });
    let last = '';
    const listen = (text: string): void => {
      for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
        context.channel.info(line);
        last = line.trim();
        say(last.length > 80 ? `${last.slice(0, 77)}...` : last);
      }
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    const cancelling = cancel.onCancellationRequested(() => {
      if (child.pid !== undefined) {
        void endTree(child.pid);
      }
    });
    child.on('error', (error) => reject(error));
    child.on('close', (code) => {
      cancelling.dispose();
      if (cancel.isCancellationRequested) {
        reject(new Stopped());
      } else if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${step.title} ended with ${code}: ${last}`));
      }
    });
  });
}

/** pip has children of its own: compilers. */
async function endTree(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await promisify(execFile)('taskkill', ['/pid', String(pid), '/t', '/f']).catch(() => undefined);
  } else {
    process.kill(-pid, 'SIGTERM');
  }
}

/** Choose the Python that has codeplan; kept as a setting of the user. */
export async function chooseInterpreter(): Promise<void> {
  const browse = { label: '$(folder-opened) Choose a Python program...' };
  const automatic = {
    label: '$(sparkle) Automatic',
    detail: "The workspace's interpreter, codeplan's own environment, or python3.",
  };
  const chosen = await vscode.window.showQuickPick([browse, automatic], {
    title: 'The Python that runs the server',
  });
  if (chosen === undefined) {
    return;
  }
  const picked =
    chosen === browse
      ? await vscode.window.showOpenDialog({ title: 'A Python in which codeplan is installed', openLabel: 'Use' })
      : undefined;
  if (chosen === browse && picked?.[0] === undefined) {
    return;
  }
  await vscode.workspace
    .getConfiguration('codeplan')
    .update('server.interpreter', picked?.[0]?.fsPath, vscode.ConfigurationTarget.Global);
}
