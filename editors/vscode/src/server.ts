/** The one server of this window: chosen, started, restarted, stopped; and its state told. */
import * as vscode from 'vscode';
import { State as ClientState, type LanguageClient } from 'vscode-languageclient/node';
import { makeClient, STOP_MILLISECONDS } from './client';
import { installedPython } from './environment';
import { type Candidate, choose, describe, probe, type Tried } from './interpreter';
import { workspaceInterpreter } from './python';
import { RestartQueue } from './queue';
import { serverInterpreter } from './settings';
import { virtualReason } from './workspaces';
import type { State } from './wording';

/** The server can't be asked; the text says why and what to do. */
export class NoServer extends Error {}

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<State>();
  readonly onDidChange = this.changed.event;
  private readonly queue = new RestartQueue(() => this.replace());
  private client: LanguageClient | undefined;
  private ended = false;
  private told = false;
  private current: State = { kind: 'stopped' };

  constructor(
    private readonly channel: vscode.LogOutputChannel,
    /** Of the extension: where probes and the server stand. */
    private readonly folder: string,
    /** Of the environment that the extension makes. */
    private readonly environment: string,
  ) {}

  get state(): State {
    return this.current;
  }

  /** Start, or end what runs and start anew. Never rejects: the state says how it went. */
  async restart(): Promise<void> {
    await this.queue.request().catch((error: unknown) => {
      this.channel.error(error instanceof Error ? error : String(error));
    });
  }

  /** The running client, waited for. Throws NoServer. */
  async ready(): Promise<LanguageClient> {
    await this.queue.idle();
    if (this.current.kind === 'stopped' && !this.ended) {
      await this.restart();
    }
    if (this.client?.isRunning()) {
      return this.client;
    }
    this.told = true; // the one who asked tells it
    throw new NoServer(this.current.kind === 'failed' ? this.current.reason : 'the server is not running');
  }

  /** End the server, so that its environment can be replaced; `restart` starts one again. */
  async suspend(): Promise<void> {
    await this.queue.idle();
    await this.endClient();
    this.set({ kind: 'stopped' });
  }

  /** End the server and start none again. */
  async stop(): Promise<void> {
    this.ended = true;
    await this.suspend();
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
  }

  private async replace(): Promise<void> {
    await this.endClient();
    if (this.ended) {
      return;
    }
    const virtual = virtualReason();
    if (virtual !== undefined) {
      this.set({ kind: 'failed', reason: virtual });
      return;
    }
    this.set({ kind: 'starting' });
    const workspace = await workspaceInterpreter();
    const { chosen, tried } = await choose(this.candidates(workspace), (path) =>
      probe(path, this.folder),
    );
    describe(tried).forEach((line) => this.channel.info(line));
    if (chosen === undefined) {
      this.fail(notFound(tried));
      return;
    }
    await this.start(chosen.path, workspace === chosen.path ? undefined : workspace);
  }

  private candidates(workspace: string | undefined): Candidate[] {
    const named = serverInterpreter();
    const own = installedPython(this.environment);
    return [
      ...(named ? [{ path: named, origin: 'setting' } as const] : []),
      ...(workspace ? [{ path: workspace, origin: 'workspace' } as const] : []),
      ...(own ? [{ path: own, origin: 'installed' } as const] : []),
      { path: process.platform === 'win32' ? 'python' : 'python3', origin: 'path' },
    ];
  }

  private async start(python: string, examplesInterpreter: string | undefined): Promise<void> {
    const { channel, folder } = this;
    const client = makeClient(python, { channel, folder, examplesInterpreter });
    client.onDidChangeState(({ newState }) => this.follow(client, newState, python));
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      this.channel.error(error instanceof Error ? error : String(error));
      this.fail(`The server did not start (${python}): ${wordsOf(error)}. The log has more.`);
    }
  }

  /** Also when the server crashes and the library starts it anew, or gives up. */
  private follow(client: LanguageClient, state: ClientState, python: string): void {
    if (client !== this.client) {
      return;
    }
    if (state === ClientState.Running) {
      this.told = false;
      this.set({ kind: 'running', python });
    } else if (state === ClientState.Starting) {
      this.set({ kind: 'starting' });
    } else if (this.current.kind === 'running') {
      this.set({ kind: 'failed', reason: 'The server has ended. The log has more.' });
    }
  }

  private async endClient(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose(STOP_MILLISECONDS);
    } catch (error) {
      // It did not end in time and is killed by the library; nothing is left to do here.
      this.channel.warn(`while ending the server: ${wordsOf(error)}`);
    }
  }

  private fail(reason: string): void {
    this.channel.error(reason);
    this.set({ kind: 'failed', reason });
    if (!this.told) {
      this.told = true;
      void tellFailure(reason);
    }
  }

  private set(state: State): void {
    this.current = state;
    this.changed.fire(state);
  }
}

/** Say why there is no server, with buttons for what to do. */
export async function tellFailure(reason: string): Promise<void> {
  const offers = virtualReason() === undefined ? BUTTONS : [];
  const answer = await vscode.window.showErrorMessage(reason, ...offers.map(([title]) => title));
  const command = BUTTONS.find(([title]) => title === answer)?.[1];
  if (command !== undefined) {
    await vscode.commands.executeCommand(command);
  }
}

const BUTTONS: readonly (readonly [string, string])[] = [
  ['Install Server', 'codeplan.installServer'],
  ['Choose Python', 'codeplan.chooseInterpreter'],
  ['Show Log', 'codeplan.showLog'],
];

function notFound(tried: readonly Tried[]): string {
  return `codeplan's server was not found: ${describe(tried).join('; ')}.`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
