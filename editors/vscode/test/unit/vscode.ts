/** As much of VS Code's API as the unit tests need; everything else is tested in the real editor. */

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): { dispose: () => void } => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };

  fire(value: T): void {
    this.listeners.forEach((listener) => listener(value));
  }

  dispose(): void {
    this.listeners.clear();
  }
}

export const changes = new EventEmitter<unknown>();

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined as { uri: { scheme: string; fsPath: string } }[] | undefined,
  onDidChangeTextDocument: changes.event,
  getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }),
};

export const extensions = {
  found: undefined as { activate: () => Promise<unknown> } | undefined,
  getExtension: () => extensions.found,
};
