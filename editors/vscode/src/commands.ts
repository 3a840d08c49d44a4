/** The server's commands, asked for from the editor: with progress, counted, and their errors told. */
import * as vscode from 'vscode';
import {
  ExecuteCommandRequest,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
  type LanguageClient,
} from 'vscode-languageclient/node';
import type { PlanRecord, Position } from './plans';
import { NoServer, type Server, tellFailure } from './server';
import { documentReason } from './workspaces';

/** The function that a command is about. */
export interface Place {
  readonly uri: string;
  readonly position: Position;
}

/** What the server's commands give, as far as it is used here. */
export interface Result {
  readonly function?: string | null;
  readonly outcome?: string;
  readonly applied?: boolean;
  readonly message?: string;
  readonly plan?: readonly string[];
  readonly plans?: readonly PlanRecord[] | number;
  readonly records?: readonly PlanRecord[];
  readonly cancelled?: number;
}

let tokens = 0;

export class Runner {
  private readonly changed = new vscode.EventEmitter<number>();
  /** How many commands are running, whenever that changes. */
  readonly onDidChange = this.changed.event;
  private running = 0;

  constructor(private readonly server: Server) {}

  get busy(): number {
    return this.running;
  }

  get serverRuns(): boolean {
    return this.server.state.kind === 'running';
  }

  /** The function at the cursor, or the reason why there is none, which is told. */
  placeAtCursor(): Place | undefined {
    const editor = vscode.window.activeTextEditor;
    const reason = editor ? documentReason(editor.document) : 'Open a Python file first.';
    if (editor === undefined || reason !== undefined) {
      void vscode.window.showWarningMessage(reason ?? '');
      return undefined;
    }
    const { line, character } = editor.selection.active;
    return { uri: editor.document.uri.toString(), position: { line, character } };
  }

  /** Do a command that takes time, with progress and a cancel button. Its value; undefined when it failed. */
  async work(name: string, title: string, argument: object): Promise<Result | undefined> {
    const client = await this.client();
    if (client === undefined) {
      return undefined;
    }
    this.count(1);
    try {
      return await withProgress(client, title, (workDoneToken) =>
        client.sendRequest(ExecuteCommandRequest.type, {
          command: name,
          arguments: [argument],
          workDoneToken,
        }) as Promise<Result>,
      );
    } catch (error) {
      void vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      this.count(-1);
    }
  }

  /** Ask something that is answered at once. Throws. */
  async ask<T>(name: string, argument?: object): Promise<T> {
    const client = await this.server.ready();
    return client.sendRequest(ExecuteCommandRequest.type, {
      command: name,
      arguments: argument === undefined ? [] : [argument],
    }) as Promise<T>;
  }

  private async client(): Promise<LanguageClient | undefined> {
    try {
      return await this.server.ready();
    } catch (error) {
      if (!(error instanceof NoServer)) {
        throw error;
      }
      void tellFailure(error.message);
      return undefined;
    }
  }

  private count(by: number): void {
    this.running += by;
    this.changed.fire(this.running);
  }
}

/** Show the server's progress under a token of ours; the cancel button stops the work itself. */
function withProgress<T>(
  client: LanguageClient,
  title: string,
  send: (token: string) => Promise<T>,
): Thenable<T> {
  const token = `codeplan-vscode/${++tokens}`;
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, cancellable: true, title }, async (progress, cancel) => {
    let reached = 0;
    const listening = client.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind === 'end') {
        return;
      }
      const percentage = value.percentage ?? reached;
      progress.report({ message: value.message, increment: Math.max(0, percentage - reached) });
      reached = Math.max(reached, percentage);
    });
    const cancelling = cancel.onCancellationRequested(() => {
      void client.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    });
    try {
      return await send(token);
    } finally {
      listening.dispose();
      cancelling.dispose();
    }
  });
}
