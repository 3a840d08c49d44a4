/** The status in words. Nothing of VS Code. */

/** What `codeplan.status` of the server says, as far as it is shown. */
export interface ServerStatus {
  readonly version: string;
  readonly backend: {
    readonly kind: string;
    readonly model: string;
    readonly name?: string;
    readonly device?: string;
  };
  readonly sandbox: string;
  readonly trusted: boolean;
  readonly settingsProblems: readonly string[];
}

export type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly python: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Shown {
  readonly text: string;
  readonly warning: boolean;
  /** What the state is, one fact a line. */
  readonly lines: readonly string[];
}

export function shown(state: State, busy: number, status: ServerStatus | undefined): Shown {
  switch (state.kind) {
    case 'stopped':
      return { text: '$(circle-slash) codeplan', warning: false, lines: ['The server is stopped.'] };
    case 'starting':
      return { text: '$(loading~spin) codeplan', warning: false, lines: ['The server is starting.'] };
    case 'failed':
      return { text: '$(warning) codeplan', warning: true, lines: [state.reason] };
    case 'running': {
      const text = busy > 0 ? `$(sync~spin) codeplan ${busy}` : '$(checklist) codeplan';
      const works = busy > 0 ? [`Working: ${busy} ${busy === 1 ? 'command' : 'commands'}`] : [];
      return { text, warning: false, lines: [...works, ...statusLines(state.python, status)] };
    }
  }
}

function statusLines(python: string, status: ServerStatus | undefined): string[] {
  if (status === undefined) {
    return [`Server: ${python}`];
  }
  const model = status.backend.name || status.backend.model;
  return [
    `Model: ${model}${status.backend.name ? '' : ' (loaded when it is needed)'}`,
    ...(status.backend.device ? [`Device: ${status.backend.device}`] : []),
    `Sandbox: ${status.sandbox}`,
    ...(status.trusted ? [] : ['Restricted mode: settings of this workspace that could run code are ignored']),
    ...status.settingsProblems.map((problem) => `Settings: ${problem}`),
    `Server: ${status.version}, ${python}`,
  ];
}
