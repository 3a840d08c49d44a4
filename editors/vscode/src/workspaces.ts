/** Virtual workspaces, in which codeplan can't work. */
import * as vscode from 'vscode';

/** Why codeplan can't work in this workspace; undefined where it can. */
export function virtualReason(): string | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0 || folders.some((folder) => folder.uri.scheme === 'file')) {
    return undefined;
  }
  return (
    `codeplan can't work in this virtual workspace (${folders[0]?.uri.scheme}): its files are not on a ` +
    'disk, and the server and the sandbox need files. Open a copy of the folder on this machine.'
  );
}

/** Files, buffers that have no file yet, and cells of notebooks. */
export const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'] as const;

/** Why codeplan can't work on this document; undefined when it can. */
export function documentReason(document: vscode.TextDocument): string | undefined {
  if (document.languageId !== 'python') {
    return 'codeplan works on Python files; this is not one.';
  }
  if (!SCHEMES.some((scheme) => scheme === document.uri.scheme)) {
    return (
      `codeplan can't work on this file (${document.uri.scheme}): it is not on a disk. ` +
      'Open a copy of it on this machine.'
    );
  }
  return undefined;
}
