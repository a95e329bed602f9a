// The demo's screen: lines scroll above, one status line with a bar stays below (plain lines where there is no terminal).
const BAR_CELLS = 24;

export class Screen {
  private readonly terminal = process.stdout.isTTY === true;
  private status = '';

  line(text: string): void {
    if (!this.terminal) {
      console.log(text);
      return;
    }
    process.stdout.write(`\r\x1b[2K${text}\n${this.status}`);
  }

  /** Replaces the status line; without a terminal it is printed only when `important`. */
  showStatus(text: string, important = false): void {
    this.status = text;
    if (this.terminal) process.stdout.write(`\r\x1b[2K${text}`);
    else if (important) console.log(text);
  }

  end(): void {
    if (this.terminal) process.stdout.write('\n');
    this.status = '';
  }
}

export function bar(part: number): string {
  const full = Math.round(Math.min(1, part) * BAR_CELLS);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${(part * 100).toFixed(0).padStart(3)} %`;
}

export function sql(text: string): string {
  return text
    .split('\n')
    .map((line) => (process.stdout.isTTY ? `\x1b[36m  ${line}\x1b[0m` : `  ${line}`))
    .join('\n');
}
