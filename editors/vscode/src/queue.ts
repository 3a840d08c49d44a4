/**
 * Restarts, one at a time. A request while a restart runs is done after it; further requests until
 * then are the same one, so that ten changes of settings are not ten restarts.
 */
export class RestartQueue {
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(private readonly act: () => Promise<void>) {}

  /** Resolves when a restart that began after this call has ended; rejects as that restart does. */
  request(): Promise<void> {
    if (this.next === undefined) {
      const next = this.running.then(() => {
        this.next = undefined;
        return this.act();
      });
      this.next = next;
      this.running = next.catch(() => undefined);
    }
    return this.next;
  }

  /** Resolves when nothing is running and nothing waits. */
  async idle(): Promise<void> {
    for (let seen: Promise<void> | undefined; seen !== this.running; ) {
      seen = this.running;
      await seen;
    }
  }
}
