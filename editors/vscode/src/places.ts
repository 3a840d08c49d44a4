/** A place in a document that stays with its text while other parts of the document change. */
import * as vscode from 'vscode';
import { moved, type Position } from './plans';

export class FollowedPlace implements vscode.Disposable {
  private readonly following: vscode.Disposable;

  constructor(
    readonly uri: string,
    public position: Position,
  ) {
    this.following = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document.uri.toString() === uri) {
        this.position = event.contentChanges.reduce(
          (where, { range, text }) => moved(where, { range, newText: text }),
          this.position,
        );
      }
    });
  }

  dispose(): void {
    this.following.dispose();
  }
}
