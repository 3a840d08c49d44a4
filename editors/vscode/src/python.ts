/** The Python extension's choice of an interpreter, where that extension is installed. */
import * as vscode from 'vscode';

/** As much of its API as is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      path: { readonly path: string },
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
  if (extension === undefined) {
    return undefined;
  }
  try {
    const api = await extension.activate();
    return typeof api?.environments?.getActiveEnvironmentPath === 'function' ? api : undefined;
  } catch {
    return undefined; // its own failure is its own to tell
  }
}

/** The interpreter of the workspace. Never in an untrusted one, which could name any program. */
export async function workspaceInterpreter(): Promise<string | undefined> {
  const api = vscode.workspace.isTrusted ? await pythonApi() : undefined;
  if (api === undefined) {
    return undefined;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  try {
    const environment = await api.environments.resolveEnvironment(
      api.environments.getActiveEnvironmentPath(folder),
    );
    return environment?.executable.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** Call `act` whenever another interpreter is chosen. */
export async function onInterpreterChange(act: () => void): Promise<vscode.Disposable> {
  const api = await pythonApi();
  return api?.environments.onDidChangeActiveEnvironmentPath(act) ?? { dispose: () => undefined };
}
