// LISTEN and NOTIFY between the sessions of this server: payloads are delivered when the notifying transaction commits.
export type NotificationListener = (processId: number, channel: string, payload: string) => void;

export class NotificationHub {
  private readonly channels = new Map<string, Set<NotificationListener>>();

  listen(channel: string, listener: NotificationListener): void {
    const listeners = this.channels.get(channel) ?? new Set();
    listeners.add(listener);
    this.channels.set(channel, listeners);
  }

  unlisten(channel: string, listener: NotificationListener): void {
    const listeners = this.channels.get(channel);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.channels.delete(channel);
  }

  has(channel: string): boolean {
    return this.channels.has(channel);
  }

  notify(processId: number, channel: string, payload: string): void {
    for (const listener of this.channels.get(channel) ?? []) listener(processId, channel, payload);
  }
}
